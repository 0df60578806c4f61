// What the server fills into the spec of a backup, and for what it refuses one.
import { namespaces } from "../api/objects.ts";
import { usesOldFilters, usesScopedFilters } from "./items.ts";
import { type Backup, type BackupSpec, type BackupStorageLocation, storageLocations } from "./kinds.ts";
import { isNewer, type World } from "./world.ts";

export function locationOf(
  { store, namespace }: World,
  { storageLocation }: BackupSpec,
): BackupStorageLocation | undefined {
  return store.get(storageLocations, namespace, storageLocation ?? "");
}

/** Rewrites the spec as the server does before it looks at it. */
export function prepareSpec(world: World, { spec }: Backup): void {
  const { store, namespace } = world;
  if (spec.ttl === undefined || spec.ttl === "0s") spec.ttl = "720h0m0s";
  spec.csiSnapshotTimeout ??= "10m0s";
  if (spec.itemOperationTimeout === undefined || spec.itemOperationTimeout === "0s")
    spec.itemOperationTimeout = "4h0m0s";
  spec.defaultVolumesToFsBackup ??= false;
  spec.snapshotMoveData ??= false;
  if (spec.storageLocation === undefined || spec.storageLocation === "") {
    const chosen = store.list(storageLocations, namespace).find((location) => location.spec.default === true);
    spec.storageLocation = chosen?.metadata.name ?? "default";
  }
  const hidden = store
    .list(namespaces)
    .filter(({ metadata }) => metadata.labels?.["velero.io/exclude-from-backup"] === "true");
  if (hidden.length > 0) {
    spec.excludedNamespaces = [...(spec.excludedNamespaces ?? []), ...hidden.map(({ metadata }) => metadata.name)];
  }
  if (!isNewer(world)) return;
  spec.volumeGroupSnapshotLabelKey ??= "velero.io/volume-group";
  if ((spec.includedNamespaces ?? []).length === 0) spec.includedNamespaces = ["*"];
  const [snapshots, contents] = [
    "volumesnapshots.snapshot.storage.k8s.io",
    "volumesnapshotcontents.snapshot.storage.k8s.io",
  ];
  const and = (list: string[] | null | undefined, ...added: string[]) => [...new Set([...(list ?? []), ...added])];
  if (usesOldFilters(spec)) spec.excludedResources = and(spec.excludedResources, snapshots, contents);
  else {
    spec.excludedClusterScopedResources = and(spec.excludedClusterScopedResources, contents);
    spec.excludedNamespaceScopedResources = and(spec.excludedNamespaceScopedResources, snapshots);
  }
}

type List = readonly string[] | null | undefined;

export function listProblems(included: List, excluded: List): string[] {
  const [includes, excludes] = [included ?? [], excluded ?? []];
  const both = excludes.filter((name) => includes.includes(name));
  return [
    ...(includes.includes("*") && includes.length > 1
      ? ["includes list must either contain '*' only, or a non-empty list of items"]
      : []),
    ...(excludes.includes("*") ? ["excludes list cannot contain '*'"] : []),
    ...both.map((name) => `excludes list cannot contain an item in the includes list: ${name}`),
  ];
}

function scopedListProblems(included: List, excluded: List): string[] {
  const [includes, excludes] = [included ?? [], excluded ?? []];
  const starInExcludes = excludes.includes("*");
  return [
    ...(includes.includes("*") && includes.length > 1
      ? ["includes list must either contain '*' only, or a non-empty list of items"]
      : []),
    ...(starInExcludes && excludes.length > 1
      ? ["excludes list must either contain '*' only, or a non-empty list of items"]
      : []),
    ...(starInExcludes && includes.length > 0 ? ["when exclude is '*', include cannot have value"] : []),
    ...excludes
      .filter((name) => name !== "*" && includes.includes(name))
      .map((name) => `excludes list cannot contain an item in the includes list: ${name}`),
  ];
}

export function backupProblems(world: World, spec: BackupSpec): string[] {
  const location = locationOf(world, spec);
  const name = spec.storageLocation ?? "";
  const of = (what: string, problems: readonly string[]) =>
    problems.map((problem) => `Invalid ${what} lists: ${problem}`);
  const mixed = usesOldFilters(spec) && usesScopedFilters(withoutAdded(spec));
  return [
    ...(location === undefined
      ? [
          `an existing backup storage location was not specified at backup creation time and the default ${name} was not found. Please address this issue (see \`velero backup-location -h\` for options) and create a new backup. Error: BackupStorageLocation.velero.io "${name}" not found`,
        ]
      : locationProblems(world, location)),
    ...(mixed
      ? [
          "include-resources, exclude-resources and include-cluster-resources are old filter parameters.\n" +
            "include-cluster-scoped-resources, exclude-cluster-scoped-resources, include-namespace-scoped-resources and exclude-namespace-scoped-resources are new filter parameters.\n" +
            "They cannot be used together",
        ]
      : []),
    ...of("included/excluded resource", listProblems(spec.includedResources, spec.excludedResources)),
    ...of(
      "cluster-scoped included/excluded resource",
      scopedListProblems(spec.includedClusterScopedResources, spec.excludedClusterScopedResources),
    ),
    ...of(
      "namespace-scoped included/excluded resource",
      scopedListProblems(spec.includedNamespaceScopedResources, spec.excludedNamespaceScopedResources),
    ),
    ...of("included/excluded namespace", listProblems(spec.includedNamespaces, spec.excludedNamespaces)),
    ...(spec.labelSelector && spec.orLabelSelectors
      ? ["encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified"]
      : []),
  ];
}

function withoutAdded(spec: BackupSpec): BackupSpec {
  const isOwn = (name: string) => !name.endsWith(".snapshot.storage.k8s.io");
  return {
    ...spec,
    excludedClusterScopedResources: (spec.excludedClusterScopedResources ?? []).filter(isOwn),
    excludedNamespaceScopedResources: (spec.excludedNamespaceScopedResources ?? []).filter(isOwn),
  };
}

function locationProblems(world: World, { metadata, spec, status }: BackupStorageLocation): string[] {
  const readOnly = spec.accessMode === "ReadOnly";
  return [
    ...(readOnly
      ? [`backup can't be created because backup storage location ${metadata.name} is currently in read-only mode`]
      : []),
    ...(isNewer(world) && status?.phase !== "Available"
      ? [`backup can't be created because BackupStorageLocation ${metadata.name} is in Unavailable status.`]
      : []),
  ];
}
