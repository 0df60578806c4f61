// What the server fills into the spec of a restore, and for what it refuses one.
import { configMaps } from "../api/objects.ts";
import { listProblems, locationOf } from "./backup-validation.ts";
import { backups, type Restore, type RestoreSpec } from "./kinds.ts";
import { scheduleNameLabel } from "./names.ts";
import { isNewer, type World } from "./world.ts";

/** Never restored; naming one makes a restore invalid. */
const nonRestorable = [
  ...["nodes", "events", "events.events.k8s.io", "backups.velero.io", "restores.velero.io"],
  ...["resticrepositories.velero.io", "csinodes.storage.k8s.io", "volumeattachments.storage.k8s.io"],
  "backuprepositories.velero.io",
];

/** Rewrites the spec as the server does before it looks at it. */
export function prepareRestore(world: World, { spec }: Restore): void {
  spec.excludedResources = [...new Set([...(spec.excludedResources ?? []), ...nonRestorable])];
  if (spec.itemOperationTimeout === undefined || spec.itemOperationTimeout === "0s")
    spec.itemOperationTimeout = "4h0m0s";
  if (spec.scheduleName === undefined || spec.scheduleName === "" || (spec.backupName ?? "") !== "") return;
  const newest = completedBackups(world, spec.scheduleName).at(-1);
  if (newest !== undefined) spec.backupName = newest.metadata.name;
}

function completedBackups({ store, namespace }: World, schedule: string) {
  const start = (backup: { status?: { startTimestamp?: string } }) => backup.status?.startTimestamp ?? "";
  return store
    .list(backups, namespace)
    .filter(
      ({ metadata, status }) => metadata.labels?.[scheduleNameLabel] === schedule && status?.phase === "Completed",
    )
    .sort((a, b) => (start(a) < start(b) ? -1 : 1));
}

export function restoreProblems(world: World, spec: RestoreSpec): string[] {
  const of = (what: string, problems: readonly string[]) =>
    problems.map((problem) => `Invalid included/excluded ${what} lists: ${problem}`);
  const named = (spec.includedResources ?? []).filter((name) => nonRestorable.includes(name));
  const policy = spec.existingResourcePolicy ?? "";
  return [
    ...named.map((name) => `${name} are non-restorable resources`),
    ...of("resource", listProblems(spec.includedResources, spec.excludedResources)),
    ...of("namespace", listProblems(spec.includedNamespaces, spec.excludedNamespaces)),
    ...(spec.labelSelector && spec.orLabelSelectors
      ? ["encountered labelSelector as well as orLabelSelectors in restore spec, only one can be specified"]
      : []),
    ...(["", "none", "update"].includes(policy) ? [] : [`Invalid ExistingResourcePolicy: ${policy}`]),
    ...sourceProblems(world, spec),
    ...modifierProblems(world, spec),
  ];
}

function sourceProblems(world: World, { backupName = "", scheduleName = "" }: RestoreSpec): string[] {
  if (backupName === "" && scheduleName === "") {
    return ["Either a backup or schedule must be specified as a source for the restore, but not both"];
  }
  // The server has filled in the backup of the schedule by now, so both are set when there is one.
  if (backupName === "") return ["No completed backups found for schedule"];
  const backup = world.store.get(backups, world.namespace, backupName);
  if (backup === undefined)
    return [
      `Error retrieving backup: can't find backup ${world.namespace}/${backupName}: Backup.velero.io "${backupName}" not found`,
    ];
  const location = locationOf(world, backup.spec);
  const name = backup.spec.storageLocation ?? "";
  if (location === undefined)
    return [
      `Error retrieving backup: can't find backup storage location ${world.namespace}/${name}: BackupStorageLocation.velero.io "${name}" not found`,
    ];
  if (!isNewer(world) || location.status?.phase === "Available") return [];
  return [`The BSL ${name} is unavailable, cannot retrieve the backup`];
}

function modifierProblems({ store, namespace }: World, { resourceModifier }: RestoreSpec): string[] {
  if (resourceModifier === undefined || store.get(configMaps, namespace, resourceModifier.name)) return [];
  return [`failed to get resource modifiers configmap ${namespace}/${resourceModifier.name}`];
}
