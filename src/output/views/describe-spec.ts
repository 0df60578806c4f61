import { formatSelector } from "../../velero/selector.ts";
import type { BackupSpec, LabelSelector } from "../../velero/types.ts";
import type { FieldRow } from "../fields.ts";

/** What Velero from 1.17 on adds to every backup by itself. */
const automatic = ["volumesnapshots.snapshot.storage.k8s.io", "volumesnapshotcontents.snapshot.storage.k8s.io"];

/** What a backup takes and how: of a Backup, or of a Schedule's template. */
export function specRows(spec: BackupSpec, details: boolean): FieldRow[] {
  const excluding = (names: readonly string[] | undefined) =>
    details ? names : names?.filter((name) => !automatic.includes(name));
  const scoped = [
    spec.includedClusterScopedResources,
    spec.includedNamespaceScopedResources,
    excluding(spec.excludedClusterScopedResources),
    excluding(spec.excludedNamespaceScopedResources),
  ].some((names) => (names?.length ?? 0) > 0);
  return [
    ["Namespaces", chosen(spec.includedNamespaces, spec.excludedNamespaces)],
    ...(scoped
      ? scopedRows(spec, excluding)
      : ([["Resources", chosen(spec.includedResources, excluding(spec.excludedResources))]] as FieldRow[])),
    ["Cluster-wide", clusterWide(spec.includeClusterResources)],
    ["Selector", selectors(spec.labelSelector, spec.orLabelSelectors)],
    ["Ordered", ordered(spec.orderedResources)],
    ["Volumes", volumes(spec)],
    ["Policy", spec.resourcePolicy && `${spec.resourcePolicy.kind} ${spec.resourcePolicy.name}`],
    ["Snapshots in", spec.volumeSnapshotLocations?.join(", ")],
    ["Timeouts", timeouts(spec)],
    ["Uploader", uploader(spec.uploaderConfig?.parallelFilesUpload)],
  ];
}

const uploader = (parallel: number | undefined): string | undefined =>
  parallel === undefined ? undefined : `${parallel} files at once`;

/** all, all except a, or a, b */
export function chosen(included: readonly string[] | undefined, excluded: readonly string[] | undefined): string {
  const names = included === undefined || included.length === 0 || included.includes("*") ? "all" : included.join(", ");
  return excluded === undefined || excluded.length === 0 ? names : `${names} except ${excluded.join(", ")}`;
}

function scopedRows(
  spec: BackupSpec,
  excluding: (names: readonly string[] | undefined) => readonly string[] | undefined,
): FieldRow[] {
  const cluster = spec.includedClusterScopedResources;
  const named = (cluster?.length ?? 0) > 0;
  const except = excluding(spec.excludedClusterScopedResources);
  return [
    ["Resources", chosen(spec.includedNamespaceScopedResources, excluding(spec.excludedNamespaceScopedResources))],
    [
      "Cluster-wide",
      named ? chosen(cluster, except) : `those related${except?.length ? ` except ${except.join(", ")}` : ""}`,
    ],
  ];
}

const clusterWide = (include: boolean | undefined): string | undefined =>
  include === undefined ? undefined : include ? "all" : "none";

export function selectors(
  one: LabelSelector | undefined,
  any: readonly LabelSelector[] | undefined,
): string | undefined {
  const texts = [one, ...(any ?? [])].map(formatSelector).filter((text) => text !== "");
  return texts.length === 0 ? undefined : texts.join(" or ");
}

const ordered = (resources: BackupSpec["orderedResources"]): string | undefined =>
  Object.entries(resources ?? {})
    .map(([kind, names]) => `${kind}: ${names}`)
    .join("; ") || undefined;

function volumes({ defaultVolumesToFsBackup, snapshotVolumes, snapshotMoveData, datamover }: BackupSpec): string {
  const parts = [
    defaultVolumesToFsBackup ? "file-system backup of all" : "file-system backup of those that pods name",
    snapshotVolumes === false ? "no snapshots" : "snapshots where possible",
    ...(snapshotMoveData ? [`their data moved into the bucket by ${datamover || "velero"}`] : []),
  ];
  return parts.join(", ");
}

function timeouts({ csiSnapshotTimeout, itemOperationTimeout }: BackupSpec): string | undefined {
  const parts = [
    ...(csiSnapshotTimeout ? [`CSI snapshot ${shortDuration(csiSnapshotTimeout)}`] : []),
    ...(itemOperationTimeout ? [`item operation ${shortDuration(itemOperationTimeout)}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** Go's 4h0m0s as people write it. */
export const shortDuration = (text: string): string => text.replace(/(h|m)0m?0s$|(m)0s$/, "$1$2");
