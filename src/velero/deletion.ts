import { Failure, hasReason } from "../core/failure.ts";
import { waitUntil } from "../core/wait.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backups, deleteRequests, restores } from "./kinds.ts";
import { labelValue } from "./names.ts";
import type { Backup, DeleteBackupRequest, Restore } from "./types.ts";

export interface DeletionOptions {
  readonly signal: AbortSignal;
  /** Milliseconds; no limit when left out. */
  readonly limit?: number | undefined;
}

/** Asks the server to delete a backup with its files. The labels are what lets `describe` and the server find the request. */
export function requestDeletion(cluster: Cluster, backup: Backup, signal: AbortSignal): Promise<DeleteBackupRequest> {
  const { name, namespace, uid } = backup.metadata;
  const labels = {
    "velero.io/backup-name": labelValue(name),
    ...(uid === undefined ? {} : { "velero.io/backup-uid": uid }),
  };
  return cluster.create(
    deleteRequests,
    {
      metadata: { name: "", generateName: `${name}-`, ...(namespace === undefined ? {} : { namespace }), labels },
      spec: { backupName: name },
    },
    { signal },
  );
}

/**
 * Follows a deletion to its end. Gone = success; a request that ends with errors throws them. The request itself may vanish
 * before anybody saw it processed, so only the backup's absence counts as success.
 */
export async function followDeletion(
  cluster: Cluster,
  request: DeleteBackupRequest,
  options: DeletionOptions,
): Promise<void> {
  const namespace = request.metadata.namespace;
  const backupName = request.spec.backupName;
  const absent = (error: unknown) => {
    if (hasReason(error, "NotFound")) return undefined;
    throw error;
  };
  const end = await waitUntil(
    async () => ({
      request: await cluster
        .get(deleteRequests, { namespace, name: request.metadata.name }, options.signal)
        .catch(absent),
      backup: await cluster.get(backups, { namespace, name: backupName }, options.signal).catch(absent),
    }),
    {
      until: ({ request: seen, backup }) =>
        backup === undefined || seen?.status?.phase === "Processed" || seen === undefined,
      signal: options.signal,
      limit: options.limit,
      every: (waited) => (waited < 5000 ? 250 : 1000),
      what: `backup ${backupName} to be deleted`,
    },
  );
  if (end.backup === undefined) return;
  const errors = end.request?.status?.errors ?? [];
  if (end.request === undefined && end.backup !== undefined) {
    throw new Failure("failed", `backup ${backupName} is still there, and the request to delete it is gone`, {
      next: [`kubectl mkebackup delete backup/${backupName}`],
    });
  }
  const why = errors.length > 0 ? errors.join("; ") : "the server gave no reason";
  throw new Failure("failed", `backup ${backupName} was not deleted: ${why}`, { next: ["kubectl mkebackup status"] });
}

/** Waits until a Restore is gone; its finalizer needs a server that runs and a location that is Available. */
export async function followRestoreDeletion(
  cluster: Cluster,
  restore: Restore,
  options: DeletionOptions,
): Promise<void> {
  const { namespace, name } = restore.metadata;
  await waitUntil(
    async () => {
      try {
        return await cluster.get(restores, { namespace, name }, options.signal);
      } catch (error) {
        if (hasReason(error, "NotFound")) return undefined;
        throw error;
      }
    },
    {
      until: (seen) => seen === undefined,
      signal: options.signal,
      limit: options.limit,
      every: (waited) => (waited < 5000 ? 250 : 1000),
      what: `restore ${name} to be deleted (the Velero server has to remove its files first)`,
    },
  );
}
