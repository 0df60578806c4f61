// Deleting a backup with its files and its restores, on request.
import { locationOf } from "./backup-validation.ts";
import { rootOf } from "./files.ts";
import {
  type Backup,
  type BackupStorageLocation,
  backups,
  type DeleteBackupRequest,
  deleteBackupRequests,
  restores,
} from "./kinds.ts";
import { backupNameLabel, backupUidLabel, labelValue } from "./names.ts";
import { storeFailure } from "./store-failure.ts";
import { isNewer, type World, workOn } from "./world.ts";

const step = 100;

export function deleteBackups(world: World, signal: AbortSignal): Promise<void> {
  const isNew = ({ status }: DeleteBackupRequest) => (status?.phase ?? "New") === "New";
  return workOn(world, deleteBackupRequests, signal, isNew, (request) => deleteBackup(world, request, signal));
}

async function deleteBackup(world: World, request: DeleteBackupRequest, signal: AbortSignal): Promise<void> {
  const { store, namespace } = world;
  const { name } = request.metadata;
  const { backupName } = request.spec;
  for (const { metadata } of requestsFor(world, backupName)) {
    if (metadata.name !== name) store.delete(deleteBackupRequests, namespace, metadata.name);
  }
  const process = (errors: string[]) =>
    store.update(deleteBackupRequests, namespace, name, (draft) => {
      draft.status = { phase: "Processed", ...(errors.length > 0 ? { errors } : {}) };
    });
  const backup = store.get(backups, namespace, backupName);
  const problem = obstacle(world, backupName, backup);
  const location = backup && locationOf(world, backup.spec);
  if (problem !== undefined || backup === undefined || location === undefined) {
    process([problem ?? "backup not found"]);
    return;
  }
  store.update(deleteBackupRequests, namespace, name, (draft) => {
    draft.metadata.labels = {
      ...draft.metadata.labels,
      [backupNameLabel]: labelValue(backupName),
      [backupUidLabel]: backup.metadata.uid ?? "",
    };
    draft.status = { phase: "InProgress" };
  });
  store.update(backups, namespace, backupName, (draft) => {
    draft.status = { ...draft.status, phase: "Deleting" };
  });
  await world.clock.sleep(step, signal);
  const error = storeFailure(world, location, "DeleteObject");
  if (error !== undefined) {
    process([`error deleting backup files: ${error}`]);
    return;
  }
  await deleteAll(world, location, backup, signal);
  process([]);
  for (const { metadata } of requestsFor(world, backupName))
    store.delete(deleteBackupRequests, namespace, metadata.name);
}

function requestsFor({ store, namespace }: World, backupName: string): DeleteBackupRequest[] {
  return store
    .list(deleteBackupRequests, namespace)
    .filter(({ metadata }) => metadata.labels?.[backupNameLabel] === labelValue(backupName));
}

/** Why the backup cannot be deleted now; the Backup stays as it is then. */
function obstacle(world: World, backupName: string, backup: Backup | undefined): string | undefined {
  if (backupName === "") return "spec.backupName is required";
  if (backup === undefined) return "backup not found";
  if (["InProgress", "Finalizing", "FinalizingPartiallyFailed"].includes(backup.status?.phase ?? "")) {
    return "backup is still in progress";
  }
  const location = locationOf(world, backup.spec);
  const name = backup.spec.storageLocation ?? "";
  if (location === undefined) return `backup storage location ${name} not found`;
  if (location.spec.accessMode === "ReadOnly") {
    return `cannot delete backup because backup storage location ${name} is currently in read-only mode`;
  }
  if (!isNewer(world) || location.status?.phase === "Available") return undefined;
  return `cannot delete backup because backup storage location ${name} is currently in Unavailable state`;
}

/** The files first, then the restores made from the backup, at last the Backup itself. */
async function deleteAll(
  world: World,
  location: BackupStorageLocation,
  { metadata }: Backup,
  signal: AbortSignal,
): Promise<void> {
  const { store, namespace, objectStore } = world;
  objectStore.delete(`${rootOf(location)}backups/${metadata.name}/`);
  const made = store.list(restores, namespace).filter(({ spec }) => spec.backupName === metadata.name);
  for (const restore of made) store.delete(restores, namespace, restore.metadata.name);
  await world.clock.sleep(step, signal);
  store.delete(backups, namespace, metadata.name);
}
