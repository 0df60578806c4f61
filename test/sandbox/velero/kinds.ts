// Velero's objects, as far as the simulated server reads and writes them.
import type { KubernetesObject, ResourceType } from "../api/objects.ts";
import type { LabelSelector } from "../api/selectors.ts";

export interface BackupSpec {
  metadata?: { labels?: Record<string, string> };
  includedNamespaces?: string[] | null;
  excludedNamespaces?: string[] | null;
  includedResources?: string[] | null;
  excludedResources?: string[] | null;
  includeClusterResources?: boolean | null;
  includedClusterScopedResources?: string[] | null;
  excludedClusterScopedResources?: string[] | null;
  includedNamespaceScopedResources?: string[] | null;
  excludedNamespaceScopedResources?: string[] | null;
  labelSelector?: LabelSelector | null;
  orLabelSelectors?: LabelSelector[] | null;
  defaultVolumesToFsBackup?: boolean | null;
  snapshotMoveData?: boolean | null;
  snapshotVolumes?: boolean | null;
  ttl?: string;
  storageLocation?: string;
  csiSnapshotTimeout?: string;
  itemOperationTimeout?: string;
  volumeGroupSnapshotLabelKey?: string;
  resourcePolicy?: { kind: string; name: string };
  hooks?: object;
}

export type BackupPhase =
  | "New"
  | "Queued"
  | "ReadyToStart"
  | "FailedValidation"
  | "InProgress"
  | "Finalizing"
  | "FinalizingPartiallyFailed"
  | "Completed"
  | "PartiallyFailed"
  | "Failed"
  | "Deleting";

export interface Backup extends KubernetesObject {
  spec: BackupSpec;
  status?: {
    phase?: BackupPhase;
    version?: number;
    formatVersion?: string;
    expiration?: string;
    startTimestamp?: string;
    completionTimestamp?: string;
    queuePosition?: number;
    validationErrors?: string[];
    failureReason?: string;
    warnings?: number;
    errors?: number;
    progress?: { totalItems: number; itemsBackedUp: number };
    hookStatus?: object;
  };
}

export interface RestoreSpec {
  backupName?: string;
  scheduleName?: string;
  includedNamespaces?: string[] | null;
  excludedNamespaces?: string[] | null;
  includedResources?: string[] | null;
  excludedResources?: string[] | null;
  includeClusterResources?: boolean | null;
  namespaceMapping?: Record<string, string>;
  labelSelector?: LabelSelector | null;
  orLabelSelectors?: LabelSelector[] | null;
  restorePVs?: boolean | null;
  existingResourcePolicy?: string;
  resourceModifier?: { kind: string; name: string };
  itemOperationTimeout?: string;
  hooks?: object;
}

export type RestorePhase =
  | "New"
  | "FailedValidation"
  | "InProgress"
  | "Finalizing"
  | "FinalizingPartiallyFailed"
  | "Completed"
  | "PartiallyFailed"
  | "Failed";

export interface Restore extends KubernetesObject {
  spec: RestoreSpec;
  status?: {
    phase?: RestorePhase;
    startTimestamp?: string;
    completionTimestamp?: string;
    validationErrors?: string[];
    failureReason?: string;
    warnings?: number;
    errors?: number;
    progress?: { totalItems: number; itemsRestored: number };
    hookStatus?: object;
  };
}

export interface Schedule extends KubernetesObject {
  spec: {
    schedule: string;
    template: BackupSpec;
    paused?: boolean;
    useOwnerReferencesInBackup?: boolean;
    skipImmediately?: boolean;
  };
  status?: { phase?: "New" | "Enabled" | "FailedValidation"; lastBackup?: string; validationErrors?: string[] };
}

export interface BackupStorageLocation extends KubernetesObject {
  spec: {
    provider: string;
    objectStorage: { bucket: string; prefix?: string };
    config?: Record<string, string>;
    credential?: { name: string; key: string };
    default?: boolean;
    /** 0 = never. */
    backupSyncPeriod?: string;
    accessMode?: "ReadOnly" | "ReadWrite";
  };
  status?: {
    phase?: "Available" | "Unavailable";
    message?: string;
    lastValidationTime?: string;
    lastSyncedTime?: string;
  };
}

export interface DownloadRequest extends KubernetesObject {
  spec: { target: { kind: string; name: string } };
  status?: { phase?: "New" | "Processed"; downloadURL?: string; expiration?: string };
}

export interface DeleteBackupRequest extends KubernetesObject {
  spec: { backupName: string };
  status?: { phase?: "New" | "InProgress" | "Processed"; errors?: string[] };
}

export interface ServerStatusRequest extends KubernetesObject {
  spec?: object;
  status?: { phase?: "New" | "Processed"; processedTimestamp?: string; serverVersion?: string; plugins?: object[] };
}

export type VolumePhase = "New" | "Accepted" | "Prepared" | "InProgress" | "Canceled" | "Completed" | "Failed";

interface VolumeStatus {
  phase?: VolumePhase;
  path?: string;
  snapshotID?: string;
  message?: string;
  startTimestamp?: string;
  completionTimestamp?: string;
  acceptedTimestamp?: string;
  progress?: { totalBytes?: number; bytesDone?: number };
  incrementalBytes?: number;
}

interface PodReference {
  kind: "Pod";
  namespace: string;
  name: string;
  uid: string;
}

export interface PodVolumeBackup extends KubernetesObject {
  spec: {
    node: string;
    pod: PodReference;
    volume: string;
    backupStorageLocation: string;
    repoIdentifier: string;
    uploaderType: string;
    tags?: Record<string, string>;
  };
  status?: VolumeStatus;
}

export interface PodVolumeRestore extends KubernetesObject {
  spec: {
    pod: PodReference;
    volume: string;
    backupStorageLocation: string;
    repoIdentifier: string;
    snapshotID: string;
    sourceNamespace: string;
    uploaderType: string;
  };
  status?: VolumeStatus;
}

const velero = { group: "velero.io", version: "v1", namespaced: true };
/** Only for the compiler and the schema-free store: the API serves these kinds by their CustomResourceDefinitions. */
const custom = { custom: { schema: undefined } };

export const backups: ResourceType<Backup> = { ...velero, ...custom, plural: "backups", kind: "Backup" };
export const restores: ResourceType<Restore> = { ...velero, ...custom, plural: "restores", kind: "Restore" };
export const schedules: ResourceType<Schedule> = { ...velero, ...custom, plural: "schedules", kind: "Schedule" };
export const storageLocations: ResourceType<BackupStorageLocation> = {
  ...velero,
  ...custom,
  plural: "backupstoragelocations",
  kind: "BackupStorageLocation",
};
export const downloadRequests: ResourceType<DownloadRequest> = {
  ...velero,
  ...custom,
  plural: "downloadrequests",
  kind: "DownloadRequest",
};
export const deleteBackupRequests: ResourceType<DeleteBackupRequest> = {
  ...velero,
  ...custom,
  plural: "deletebackuprequests",
  kind: "DeleteBackupRequest",
};
export const serverStatusRequests: ResourceType<ServerStatusRequest> = {
  ...velero,
  ...custom,
  plural: "serverstatusrequests",
  kind: "ServerStatusRequest",
};
export const podVolumeBackups: ResourceType<PodVolumeBackup> = {
  ...velero,
  ...custom,
  plural: "podvolumebackups",
  kind: "PodVolumeBackup",
};
export const podVolumeRestores: ResourceType<PodVolumeRestore> = {
  ...velero,
  ...custom,
  plural: "podvolumerestores",
  kind: "PodVolumeRestore",
};
