// The CustomResourceDefinitions of Velero: of their schemas, what makes the API server refuse an object.
import type { CustomResourceDefinition, Schema } from "../api/objects.ts";

export type VeleroVersion = "1.18" | "1.13";

const text: Schema = { type: "string" };
const flag: Schema = { type: "boolean" };
const texts: Schema = { type: "array", items: text };
const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: values });
const fields = (properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema => ({
  type: "object",
  properties,
  ...(required.length > 0 ? { required } : {}),
});

const labelSelector = fields({
  matchLabels: fields({}),
  matchExpressions: { type: "array", items: fields({ key: text, operator: text, values: texts }, "key", "operator") },
});

const backupSpec = fields({
  includedNamespaces: texts,
  excludedNamespaces: texts,
  includedResources: texts,
  excludedResources: texts,
  includedClusterScopedResources: texts,
  excludedClusterScopedResources: texts,
  includedNamespaceScopedResources: texts,
  excludedNamespaceScopedResources: texts,
  includeClusterResources: flag,
  defaultVolumesToFsBackup: flag,
  snapshotVolumes: flag,
  snapshotMoveData: flag,
  labelSelector,
  orLabelSelectors: { type: "array", items: labelSelector },
  resourcePolicy: fields({ kind: text, name: text }, "kind", "name"),
  ttl: text,
  csiSnapshotTimeout: text,
  itemOperationTimeout: text,
  storageLocation: text,
});

const restoreSpec = {
  backupName: text,
  scheduleName: text,
  includedNamespaces: texts,
  excludedNamespaces: texts,
  includedResources: texts,
  excludedResources: texts,
  existingResourcePolicy: text,
  namespaceMapping: fields({}),
  labelSelector,
  orLabelSelectors: { type: "array", items: labelSelector },
  includeClusterResources: flag,
  restorePVs: flag,
  itemOperationTimeout: text,
  resourceModifier: fields({ kind: text, name: text }, "kind", "name"),
} satisfies Record<string, Schema>;

const reference = fields({ name: text, key: text }, "key");

/** Phases and targets that came with newer versions are refused by older definitions. */
function schemas(version: VeleroVersion): Readonly<Record<string, Schema>> {
  const newer = version === "1.18";
  const waiting = ["WaitingForPluginOperations", "WaitingForPluginOperationsPartiallyFailed"];
  const finalizing = ["Finalizing", "FinalizingPartiallyFailed"];
  const ends = ["Completed", "PartiallyFailed", "Failed"];
  const targets = [
    ...["BackupLog", "BackupContents", "BackupVolumeSnapshots", "BackupItemOperations", "BackupResourceList"],
    ...["BackupResults", "RestoreLog", "RestoreResults", "RestoreResourceList", "RestoreItemOperations"],
    ...["CSIBackupVolumeSnapshots", "CSIBackupVolumeSnapshotContents", "BackupVolumeInfos"],
    ...(newer ? ["RestoreVolumeInfo"] : []),
  ];
  const volumePhases = newer
    ? ["New", "Accepted", "Prepared", "InProgress", "Canceling", "Canceled", "Completed", "Failed"]
    : ["New", "InProgress", "Completed", "Failed"];
  const backupPhases = [
    ...["New", ...(newer ? ["Queued", "ReadyToStart"] : []), "FailedValidation", "InProgress"],
    ...[...waiting, ...finalizing, ...ends, "Deleting"],
  ];
  const restorePhases = ["New", "FailedValidation", "InProgress", ...waiting, ...ends, ...(newer ? finalizing : [])];
  const kind = (spec: Schema, ...phases: readonly string[]) =>
    fields({ spec, status: fields(phases.length > 0 ? { phase: oneOf(...phases) } : {}) });
  const uploaderType = oneOf("kopia", "restic", "");
  return {
    Backup: kind(backupSpec, ...backupPhases),
    Restore: kind(newer ? fields(restoreSpec) : fields(restoreSpec, "backupName"), ...restorePhases),
    Schedule: kind(
      fields({ schedule: text, template: backupSpec, paused: flag, skipImmediately: flag }, "schedule", "template"),
      ...["New", "Enabled", "FailedValidation"],
    ),
    BackupStorageLocation: kind(
      fields(
        {
          provider: text,
          objectStorage: fields({ bucket: text, prefix: text }, "bucket"),
          credential: reference,
          accessMode: oneOf("ReadOnly", "ReadWrite"),
        },
        ...["objectStorage", "provider"],
      ),
      ...["Available", "Unavailable"],
    ),
    VolumeSnapshotLocation: kind(
      fields({ provider: text, credential: reference }, "provider"),
      ...["Available", "Unavailable"],
    ),
    DownloadRequest: kind(
      fields({ target: fields({ kind: oneOf(...targets), name: text }, "kind", "name") }, "target"),
      ...["New", "Processed"],
    ),
    DeleteBackupRequest: kind(fields({ backupName: text }, "backupName"), "New", "InProgress", "Processed"),
    ServerStatusRequest: kind(fields({}), "New", "Processed"),
    PodVolumeBackup: kind(
      fields({ uploaderType }, "backupStorageLocation", "node", "pod", "repoIdentifier", "volume"),
      ...volumePhases,
    ),
    PodVolumeRestore: kind(
      fields(
        { uploaderType },
        ...["backupStorageLocation", "pod", "repoIdentifier", "snapshotID", "sourceNamespace", "volume"],
      ),
      ...volumePhases,
    ),
    BackupRepository: kind(
      fields({}, "backupStorageLocation", "maintenanceFrequency", "volumeNamespace"),
      ...["New", "Ready", "NotReady"],
    ),
  };
}

const shortNames: Readonly<Record<string, readonly string[]>> = {
  BackupStorageLocation: ["bsl"],
  VolumeSnapshotLocation: ["vsl"],
  ServerStatusRequest: ["ssr"],
};

function definition(kind: string, schema: Schema, version: string): CustomResourceDefinition {
  const singular = kind.toLowerCase();
  const plural = singular.endsWith("y") ? `${singular.slice(0, -1)}ies` : `${singular}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.velero.io`, labels: { component: "velero" } },
    spec: {
      group: "velero.io",
      scope: "Namespaced",
      names: { plural, singular, kind, listKind: `${kind}List`, shortNames: [...(shortNames[kind] ?? [])] },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

/** All 13 definitions that a Velero server of that version insists on. */
export function veleroDefinitions(version: VeleroVersion): CustomResourceDefinition[] {
  return [
    ...Object.entries(schemas(version)).map(([kind, schema]) => definition(kind, schema, "v1")),
    ...["DataUpload", "DataDownload"].map((kind) => definition(kind, fields({ spec: fields({}) }), "v2alpha1")),
  ];
}
