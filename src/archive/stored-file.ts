/** A file that Velero stored about a backup or a restore. */
export interface StoredFile {
  readonly kind: FileKind;
  /** The backup's or the restore's. */
  readonly name: string;
}

/** The files of a backup or restore below the location's root; the name is that of the DownloadRequest's target where there is one. */
const paths = {
  BackupLog: (name) => `backups/${name}/${name}-logs.gz`,
  BackupContents: (name) => `backups/${name}/${name}.tar.gz`,
  BackupResults: (name) => `backups/${name}/${name}-results.gz`,
  BackupResourceList: (name) => `backups/${name}/${name}-resource-list.json.gz`,
  BackupVolumeSnapshots: (name) => `backups/${name}/${name}-volumesnapshots.json.gz`,
  BackupItemOperations: (name) => `backups/${name}/${name}-itemoperations.json.gz`,
  /** Since Velero 1.13. */
  BackupVolumeInfos: (name) => `backups/${name}/${name}-volumeinfo.json.gz`,
  /** Until Velero 1.16. */
  CSIBackupVolumeSnapshots: (name) => `backups/${name}/${name}-csi-volumesnapshots.json.gz`,
  /** Until Velero 1.16. */
  CSIBackupVolumeSnapshotContents: (name) => `backups/${name}/${name}-csi-volumesnapshotcontents.json.gz`,
  RestoreLog: (name) => `restores/${name}/restore-${name}-logs.gz`,
  RestoreResults: (name) => `restores/${name}/restore-${name}-results.gz`,
  RestoreResourceList: (name) => `restores/${name}/restore-${name}-resource-list.json.gz`,
  RestoreItemOperations: (name) => `restores/${name}/restore-${name}-itemoperations.json.gz`,
  /** Since Velero 1.14. */
  RestoreVolumeInfo: (name) => `restores/${name}/${name}-volumeinfo.json.gz`,
  // The server signs no links to these.
  BackupMetadata: (name) => `backups/${name}/velero-backup.json`,
  PodVolumeBackups: (name) => `backups/${name}/${name}-podvolumebackups.json.gz`,
} as const satisfies Record<string, (name: string) => string>;

export type FileKind = keyof typeof paths;
export type SignedKind = Exclude<FileKind, "BackupMetadata" | "PodVolumeBackups">;

export const isSigned = (kind: FileKind): kind is SignedKind =>
  kind !== "BackupMetadata" && kind !== "PodVolumeBackups";

/** Where a file lies below the location's root. */
export const pathOf = ({ kind, name }: StoredFile): string => paths[kind](name);
