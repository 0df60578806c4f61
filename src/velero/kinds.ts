import type { ResourceKind } from "../core/resource.ts";
import type {
  Backup,
  BackupRepository,
  BackupStorageLocation,
  DeleteBackupRequest,
  DownloadRequest,
  Restore,
  Schedule,
  ServerStatusRequest,
  VolumeTransfer,
} from "./types.ts";

const velero = { group: "velero.io", version: "v1" } as const;

export const backups: ResourceKind<Backup> = { ...velero, plural: "backups", kind: "Backup" };
export const restores: ResourceKind<Restore> = { ...velero, plural: "restores", kind: "Restore" };
export const schedules: ResourceKind<Schedule> = { ...velero, plural: "schedules", kind: "Schedule" };
export const storageLocations: ResourceKind<BackupStorageLocation> = {
  ...velero,
  plural: "backupstoragelocations",
  kind: "BackupStorageLocation",
};
export const downloadRequests: ResourceKind<DownloadRequest> = {
  ...velero,
  plural: "downloadrequests",
  kind: "DownloadRequest",
};
export const deleteRequests: ResourceKind<DeleteBackupRequest> = {
  ...velero,
  plural: "deletebackuprequests",
  kind: "DeleteBackupRequest",
};
export const serverStatusRequests: ResourceKind<ServerStatusRequest> = {
  ...velero,
  plural: "serverstatusrequests",
  kind: "ServerStatusRequest",
};
export const backupRepositories: ResourceKind<BackupRepository> = {
  ...velero,
  plural: "backuprepositories",
  kind: "BackupRepository",
};
export const podVolumeBackups: ResourceKind<VolumeTransfer> = {
  ...velero,
  plural: "podvolumebackups",
  kind: "PodVolumeBackup",
};
export const podVolumeRestores: ResourceKind<VolumeTransfer> = {
  ...velero,
  plural: "podvolumerestores",
  kind: "PodVolumeRestore",
};
/** Since Velero 1.12. */
export const dataUploads: ResourceKind<VolumeTransfer> = {
  ...velero,
  version: "v2alpha1",
  plural: "datauploads",
  kind: "DataUpload",
};
/** Since Velero 1.12. */
export const dataDownloads: ResourceKind<VolumeTransfer> = {
  ...velero,
  version: "v2alpha1",
  plural: "datadownloads",
  kind: "DataDownload",
};
