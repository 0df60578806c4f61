import { durationProblem } from "../core/duration.ts";
import { Failure, usageFailure } from "../core/failure.ts";
import { checkLists, checkNamespaceNames, checkNotBoth, checkScopedLists, type Lists } from "./filters.ts";
import { compactTime, generatedBackupName, nameProblem } from "./names.ts";
import { parseOrSelectors, parseSelector } from "./selector.ts";
import type { Backup, BackupSpec, Schedule } from "./types.ts";

/** What a user says about a backup to take, by flag; undefined = not said. */
export interface BackupWishes {
  readonly name?: string | undefined;
  readonly "include-namespaces"?: readonly string[] | undefined;
  readonly "exclude-namespaces"?: readonly string[] | undefined;
  readonly "include-resources"?: readonly string[] | undefined;
  readonly "exclude-resources"?: readonly string[] | undefined;
  readonly "include-cluster-resources"?: boolean | undefined;
  readonly "include-cluster-scoped-resources"?: readonly string[] | undefined;
  readonly "exclude-cluster-scoped-resources"?: readonly string[] | undefined;
  readonly "include-namespace-scoped-resources"?: readonly string[] | undefined;
  readonly "exclude-namespace-scoped-resources"?: readonly string[] | undefined;
  readonly selector?: string | undefined;
  readonly "or-selector"?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ttl?: string | undefined;
  readonly "storage-location"?: string | undefined;
  readonly "default-volumes-to-fs-backup"?: boolean | undefined;
  readonly "snapshot-volumes"?: boolean | undefined;
  readonly "snapshot-move-data"?: boolean | undefined;
  readonly "resource-policies-configmap"?: string | undefined;
  readonly "ordered-resources"?: string | undefined;
  readonly "csi-snapshot-timeout"?: string | undefined;
  readonly "item-operation-timeout"?: string | undefined;
}

const oldFilters = ["include-resources", "exclude-resources", "include-cluster-resources"] as const;
const scopedFilters = [
  "include-cluster-scoped-resources",
  "exclude-cluster-scoped-resources",
  "include-namespace-scoped-resources",
  "exclude-namespace-scoped-resources",
] as const;
const narrowing = [
  "include-namespaces",
  "exclude-namespaces",
  ...oldFilters,
  ...scopedFilters,
  "selector",
  "or-selector",
] as const;
/** Everything a schedule's template decides itself. */
const decidedBySchedule = [
  ...narrowing,
  "ttl",
  "storage-location",
  "default-volumes-to-fs-backup",
  "snapshot-volumes",
  "snapshot-move-data",
  "resource-policies-configmap",
  "ordered-resources",
  "csi-snapshot-timeout",
  "item-operation-timeout",
] as const;

/** Checks the wishes and turns them into the Backup to send. Pure; throws usage failures. */
export function planBackup(wishes: BackupWishes, namespace: string, now: Date): Backup {
  const name = wishes.name ?? generatedBackupName(now);
  checkBackupName(name);
  checkDurations({ ...wishes });
  checkFilters(wishes);
  return {
    metadata: { name, namespace, ...marks(wishes) },
    spec: definedOnly<BackupSpec>({
      includedNamespaces: orAll(wishes["include-namespaces"]),
      excludedNamespaces: wishes["exclude-namespaces"],
      includedResources: wishes["include-resources"],
      excludedResources: wishes["exclude-resources"],
      includeClusterResources: clusterResources(wishes),
      includedClusterScopedResources: wishes["include-cluster-scoped-resources"],
      excludedClusterScopedResources: wishes["exclude-cluster-scoped-resources"],
      includedNamespaceScopedResources: wishes["include-namespace-scoped-resources"],
      excludedNamespaceScopedResources: wishes["exclude-namespace-scoped-resources"],
      labelSelector: wishes.selector === undefined ? undefined : parseSelector(wishes.selector, "selector"),
      orLabelSelectors:
        wishes["or-selector"] === undefined ? undefined : parseOrSelectors(wishes["or-selector"], "or-selector"),
      snapshotVolumes: wishes["snapshot-volumes"],
      snapshotMoveData: wishes["snapshot-move-data"],
      defaultVolumesToFsBackup: wishes["default-volumes-to-fs-backup"],
      ttl: wishes.ttl,
      storageLocation: wishes["storage-location"],
      orderedResources: orderedResources(wishes["ordered-resources"]),
      csiSnapshotTimeout: wishes["csi-snapshot-timeout"],
      itemOperationTimeout: wishes["item-operation-timeout"],
      resourcePolicy: policy(wishes["resource-policies-configmap"]),
    }),
  };
}

/** The Backup that a schedule would make now, as Velero's schedule controller builds it. */
export function planFromSchedule(schedule: Schedule, wishes: BackupWishes, namespace: string, now: Date): Backup {
  const clash = decidedBySchedule.find((flag) => wishes[flag] !== undefined);
  if (clash !== undefined)
    throw usageFailure(`--from-schedule takes everything from the schedule, so --${clash} cannot be used with it`);
  const source = schedule.metadata.name;
  const name = wishes.name ?? `${source}-${compactTime(now)}`;
  checkBackupName(name);
  const { metadata: templateMetadata, ...spec } = schedule.spec?.template ?? {};
  const labels = {
    ...(templateMetadata?.labels ?? schedule.metadata.labels),
    "velero.io/schedule-name": source,
    ...wishes.labels,
  };
  const annotations = { ...schedule.metadata.annotations, ...wishes.annotations };
  const owner = {
    apiVersion: "velero.io/v1",
    kind: "Schedule",
    name: source,
    uid: schedule.metadata.uid ?? "",
    controller: true,
  };
  return {
    metadata: {
      name,
      namespace,
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(schedule.spec?.useOwnerReferencesInBackup ? { ownerReferences: [owner] } : {}),
    },
    spec,
  };
}

function checkBackupName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw usageFailure(`"${name}" cannot name a backup: ${problem}`);
}

/** Refuses durations that the API server stores and the Velero server then cannot read. */
export function checkDurations(wishes: Readonly<Record<string, unknown>>): void {
  for (const flag of ["ttl", "csi-snapshot-timeout", "item-operation-timeout"]) {
    const given = wishes[flag];
    const problem = typeof given === "string" ? durationProblem(given) : undefined;
    if (problem !== undefined)
      throw new Failure("usage", `--${flag} ${given} is not a duration Velero can read\n       ${problem}`);
  }
}

function checkFilters(wishes: BackupWishes): void {
  const listsOf = (what: string): Lists => {
    const [include, exclude] = [`include-${what}`, `exclude-${what}`] as const;
    const given = wishes as Readonly<Record<string, readonly string[] | undefined>>;
    return { include: given[include], exclude: given[exclude], flags: [include, exclude] };
  };
  checkLists(listsOf("namespaces"));
  checkNamespaceNames(listsOf("namespaces"));
  checkLists(listsOf("resources"));
  checkScopedLists(listsOf("cluster-scoped-resources"));
  checkScopedLists(listsOf("namespace-scoped-resources"));
  checkNotBoth("selector", "or-selector", { ...wishes });
  const old = oldFilters.find((flag) => wishes[flag] !== undefined);
  const scoped = scopedFilters.find((flag) => wishes[flag] !== undefined);
  if (old !== undefined && scoped !== undefined) {
    throw usageFailure(
      `--${old} and --${scoped} are of two filter families that Velero does not mix`,
      `use --${scoped} and its like alone, or --${old} and its like`,
    );
  }
}

/**
 * Velero 1.17 and newer leave most cluster-scoped objects out of a backup that has no filters at all, so a full backup
 * has to ask for them.
 */
function clusterResources(wishes: BackupWishes): boolean | undefined {
  const narrowed = narrowing.some(
    (flag) =>
      flag !== "include-cluster-resources" &&
      wishes[flag] !== undefined &&
      // The scoped family does not mix with includeClusterResources, not even where it asks for everything.
      (scopedFilters.some((scoped) => scoped === flag) || !isAll(wishes[flag])),
  );
  return wishes["include-cluster-resources"] ?? (narrowed ? undefined : true);
}

const isAll = (value: unknown): boolean => Array.isArray(value) && value.length === 1 && value[0] === "*";

/** `pods=shop/a,shop/b;persistentvolumes=x` */
function orderedResources(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  return Object.fromEntries(
    text.split(";").map((entry) => {
      const [, kind, names] = /^\s*([^=\s]+)=([^=]+)$/.exec(entry) ?? [];
      if (kind === undefined || names === undefined) {
        throw usageFailure(
          `--ordered-resources: cannot read "${entry}"`,
          "write it as 'pods=shop/first,shop/second;persistentvolumeclaims=shop/data'",
        );
      }
      return [kind, names.trim()];
    }),
  );
}

const policy = (name: string | undefined) => (name === undefined ? undefined : { kind: "configmap", name });

export const orAll = (names: readonly string[] | undefined): readonly string[] =>
  names === undefined || names.length === 0 ? ["*"] : names;

/** Labels and annotations the user asked for. */
export function marks({ labels, annotations }: Pick<BackupWishes, "labels" | "annotations">) {
  return { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
}

/** Drops what was not said, so that the server's defaults apply. */
export function definedOnly<T extends object>(values: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
