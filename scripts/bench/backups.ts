import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "../../test/scenarios/api.ts";

/** Velero works in another namespace, so nothing but the two programs ever looks at what is in here. */
export const benchNamespace = "mkebackup-bench";
const namespaces = "/api/v1/namespaces";
const kinds = `/apis/velero.io/v1/namespaces/${benchNamespace}`;

const removalLimitMs = 180_000;
const requestsAtOnce = 16;

/** Makes the namespace anew, with the storage location that makes it one of Velero's. */
export async function makeNamespace(api: Api, signal: AbortSignal): Promise<void> {
  await removeNamespace(api);
  signal.throwIfAborted();
  await api.post(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: benchNamespace } });
  await api.post(`${kinds}/backupstoragelocations`, {
    apiVersion: "velero.io/v1",
    kind: "BackupStorageLocation",
    metadata: { name: "default", namespace: benchNamespace },
    spec: { provider: "aws", default: true, objectStorage: { bucket: "none" } },
    status: { phase: "Available" },
  });
}

/** Creates finished backups number `from` to `to` - 1, of the size that Velero 1.18 gives them. */
export async function makeBackups(api: Api, from: number, to: number, signal: AbortSignal): Promise<void> {
  let next = from;
  const work = async () => {
    while (next < to) {
      signal.throwIfAborted();
      await api.post(`${kinds}/backups`, backup(next++));
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, work));
}

/** Changes one of the backups. */
export const touchBackup = (api: Api): Promise<unknown> =>
  api.patch(`${kinds}/backups/${nameOf(0)}`, { metadata: { labels: { touched: String(Date.now()) } } });

/** Deletes the namespace with all it holds, and waits until it is gone. Throws when that takes too long. */
export async function removeNamespace(api: Api): Promise<void> {
  const path = `${namespaces}/${benchNamespace}`;
  const deadline = Date.now() + removalLimitMs;
  await api.delete(path);
  while ((await api.request("GET", path)).status !== 404) {
    if (Date.now() > deadline) throw new Error(`The namespace ${benchNamespace} does not go away: remove it by hand.`);
    await sleep(500);
  }
}

const startOf = (index: number): number => Date.UTC(2026, 0, 1) + index * 3_600_000;
const timeAt = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+/, "");
const nameOf = (index: number): string => `nightly-${timeAt(startOf(index)).replace(/\D/g, "")}`;

function backup(index: number): object {
  const time = (offsetMs: number) => timeAt(startOf(index) + offsetMs);
  return {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: {
      name: nameOf(index),
      namespace: benchNamespace,
      labels: { "velero.io/schedule-name": "nightly", "velero.io/storage-location": "default" },
      annotations: {
        "velero.io/resource-timeout": "10m0s",
        "velero.io/source-cluster-k8s-gitversion": "v1.34.4",
        "velero.io/source-cluster-k8s-major-version": "1",
        "velero.io/source-cluster-k8s-minor-version": "34",
      },
    },
    spec: {
      csiSnapshotTimeout: "10m0s",
      defaultVolumesToFsBackup: true,
      hooks: {},
      includedNamespaces: ["*"],
      itemOperationTimeout: "4h0m0s",
      metadata: {},
      snapshotMoveData: false,
      storageLocation: "default",
      ttl: "720h0m0s",
      volumeGroupSnapshotLabelKey: "velero.io/volume-group",
    },
    status: {
      phase: "Completed",
      version: 1,
      formatVersion: "1.1.0",
      startTimestamp: time(0),
      completionTimestamp: time(95_000),
      expiration: time(720 * 3_600_000),
      hookStatus: {},
      progress: { itemsBackedUp: 1234, totalItems: 1234 },
    },
  };
}
