import { createHash } from "node:crypto";

/** A name as a label's value: Velero shortens those over 63 characters. */
export function labelValue(name: string): string {
  if (name.length <= 63) return name;
  return name.slice(0, 57) + createHash("sha256").update(name).digest("hex").slice(0, 6);
}

export const backupNameLabel = "velero.io/backup-name";
export const backupUidLabel = "velero.io/backup-uid";
export const restoreNameLabel = "velero.io/restore-name";
export const restoreUidLabel = "velero.io/restore-uid";
export const storageLocationLabel = "velero.io/storage-location";
export const scheduleNameLabel = "velero.io/schedule-name";
