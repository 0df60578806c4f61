import type { KubeObject } from "../core/resource.ts";

// Shapes of the velero.io API that this program reads or writes, for Velero 1.11 to 1.18. Fields a server may leave out are optional.

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface TypedReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

export interface BackupSpec {
  readonly includedNamespaces?: readonly string[];
  readonly excludedNamespaces?: readonly string[];
  readonly includedResources?: readonly string[];
  readonly excludedResources?: readonly string[];
  readonly includeClusterResources?: boolean;
  readonly includedClusterScopedResources?: readonly string[];
  readonly excludedClusterScopedResources?: readonly string[];
  readonly includedNamespaceScopedResources?: readonly string[];
  readonly excludedNamespaceScopedResources?: readonly string[];
  readonly labelSelector?: LabelSelector;
  readonly orLabelSelectors?: readonly LabelSelector[];
  readonly snapshotVolumes?: boolean;
  readonly snapshotMoveData?: boolean;
  readonly defaultVolumesToFsBackup?: boolean;
  /** Go duration. */
  readonly ttl?: string;
  readonly storageLocation?: string;
  readonly orderedResources?: Readonly<Record<string, string>>;
  readonly csiSnapshotTimeout?: string;
  readonly itemOperationTimeout?: string;
  readonly resourcePolicy?: TypedReference;
  readonly datamover?: string;
  readonly volumeSnapshotLocations?: readonly string[];
  readonly uploaderConfig?: UploaderConfig;
  readonly hooks?: Hooks;
}

/** The upload's for backups, the others for restores. */
export interface UploaderConfig {
  readonly parallelFilesUpload?: number;
  readonly writeSparseFiles?: boolean;
  readonly parallelFilesDownload?: number;
}

export interface Hooks {
  readonly resources?: readonly HookSpec[] | null;
}

/** Which pods, and what is run in them: `pre` and `post` of a backup, `postHooks` of a restore. */
export interface HookSpec {
  readonly name?: string;
  readonly includedNamespaces?: readonly string[];
  readonly excludedNamespaces?: readonly string[];
  readonly labelSelector?: LabelSelector;
  readonly pre?: readonly Hook[];
  readonly post?: readonly Hook[];
  readonly postHooks?: readonly Hook[];
}

export interface Hook {
  readonly exec?: {
    readonly container?: string;
    readonly command?: readonly string[];
    readonly onError?: string;
    readonly timeout?: string;
    readonly execTimeout?: string;
  };
  readonly init?: { readonly initContainers?: readonly { readonly name?: string }[] };
}

export interface HookStatus {
  readonly hooksAttempted?: number;
  readonly hooksFailed?: number;
}

export interface Backup extends KubeObject {
  readonly spec?: BackupSpec;
  readonly status?: {
    readonly phase?: string;
    readonly formatVersion?: string;
    readonly expiration?: string;
    readonly startTimestamp?: string;
    readonly completionTimestamp?: string;
    readonly queuePosition?: number;
    readonly validationErrors?: readonly string[];
    readonly failureReason?: string;
    readonly warnings?: number;
    readonly errors?: number;
    readonly progress?: { readonly totalItems?: number; readonly itemsBackedUp?: number };
    readonly hookStatus?: HookStatus;
    readonly volumeSnapshotsAttempted?: number;
    readonly csiVolumeSnapshotsAttempted?: number;
    readonly backupItemOperationsAttempted?: number;
    readonly backupItemOperationsCompleted?: number;
    readonly backupItemOperationsFailed?: number;
  };
}

export interface RestoreSpec {
  readonly backupName: string;
  readonly scheduleName?: string;
  readonly includedNamespaces?: readonly string[];
  readonly excludedNamespaces?: readonly string[];
  readonly includedResources?: readonly string[];
  readonly excludedResources?: readonly string[];
  readonly namespaceMapping?: Readonly<Record<string, string>>;
  readonly labelSelector?: LabelSelector;
  readonly orLabelSelectors?: readonly LabelSelector[];
  readonly restorePVs?: boolean;
  readonly restoreStatus?: {
    readonly includedResources?: readonly string[];
    readonly excludedResources?: readonly string[];
  };
  readonly preserveNodePorts?: boolean;
  readonly includeClusterResources?: boolean;
  readonly existingResourcePolicy?: "none" | "update";
  readonly itemOperationTimeout?: string;
  readonly resourceModifier?: TypedReference;
  readonly uploaderConfig?: UploaderConfig;
  readonly hooks?: Hooks;
}

export interface Restore extends KubeObject {
  readonly spec?: RestoreSpec;
  readonly status?: {
    readonly phase?: string;
    readonly startTimestamp?: string;
    readonly completionTimestamp?: string;
    readonly validationErrors?: readonly string[];
    readonly failureReason?: string;
    readonly warnings?: number;
    readonly errors?: number;
    readonly progress?: { readonly totalItems?: number; readonly itemsRestored?: number };
    readonly hookStatus?: HookStatus;
    readonly restoreItemOperationsAttempted?: number;
    readonly restoreItemOperationsCompleted?: number;
    readonly restoreItemOperationsFailed?: number;
  };
}

export interface Schedule extends KubeObject {
  readonly spec?: {
    readonly template?: BackupSpec & { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
    /** Five-field cron or `@every 6h`, in the server's time zone. */
    readonly schedule?: string;
    readonly useOwnerReferencesInBackup?: boolean;
    readonly paused?: boolean;
    readonly skipImmediately?: boolean;
  };
  readonly status?: {
    readonly phase?: string;
    readonly lastBackup?: string;
    readonly lastSkipped?: string;
    readonly validationErrors?: readonly string[];
  };
}

export interface BackupStorageLocation extends KubeObject {
  readonly spec?: {
    readonly provider?: string;
    readonly default?: boolean;
    readonly accessMode?: string;
    readonly backupSyncPeriod?: string;
    readonly validationFrequency?: string;
    readonly config?: Readonly<Record<string, string>>;
    readonly credential?: { readonly name: string; readonly key: string };
    readonly objectStorage?: {
      readonly bucket?: string;
      readonly prefix?: string;
      /** PEM in base64. */
      readonly caCert?: string;
      /** A Secret of Velero's namespace that holds PEM. Since Velero 1.18. */
      readonly caCertRef?: { readonly name: string; readonly key: string };
    };
  };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly lastValidationTime?: string;
    readonly lastSyncedTime?: string;
  };
}

/** A PodVolumeBackup, PodVolumeRestore, DataUpload or DataDownload: one volume on its way. */
export interface VolumeTransfer extends KubeObject {
  readonly spec?: {
    readonly node?: string;
    readonly volume?: string;
    readonly pod?: { readonly namespace?: string; readonly name?: string };
    readonly sourcePVC?: string;
    readonly sourceNamespace?: string;
    readonly targetVolume?: { readonly pvc?: string; readonly pv?: string; readonly namespace?: string };
    readonly uploaderType?: string;
    readonly snapshotID?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly startTimestamp?: string;
    readonly completionTimestamp?: string;
    readonly progress?: { readonly totalBytes?: number; readonly bytesDone?: number };
    readonly snapshotID?: string;
    readonly incrementalBytes?: number;
    readonly node?: string;
  };
}

/** Where the volume data of one workload namespace is kept, as Velero believes. */
export interface BackupRepository extends KubeObject {
  readonly spec?: { readonly volumeNamespace?: string; readonly backupStorageLocation?: string };
  readonly status?: { readonly phase?: string; readonly message?: string };
}

export interface DownloadRequest extends KubeObject {
  readonly spec: { readonly target: { readonly kind: string; readonly name: string } };
  readonly status?: { readonly phase?: string; readonly downloadURL?: string; readonly expiration?: string };
}

export interface DeleteBackupRequest extends KubeObject {
  readonly spec: { readonly backupName: string };
  readonly status?: { readonly phase?: string; readonly errors?: readonly string[] };
}

export interface ServerStatusRequest extends KubeObject {
  readonly spec: object;
  readonly status?: {
    readonly phase?: string;
    readonly processedTimestamp?: string;
    readonly serverVersion?: string;
    readonly plugins?: readonly { readonly name: string; readonly kind: string }[];
  };
}
