/** Kinds that Velero never restores; naming one makes the server refuse the whole restore. */
export const neverRestored: ReadonlySet<string> = new Set([
  "nodes",
  "events",
  "events.events.k8s.io",
  "backups.velero.io",
  "restores.velero.io",
  "resticrepositories.velero.io",
  "backuprepositories.velero.io",
  "csinodes.storage.k8s.io",
  "volumeattachments.storage.k8s.io",
]);
