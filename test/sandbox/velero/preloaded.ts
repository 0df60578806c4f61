// Backups that are there from the start, as after months of nightly runs.
import { gzipSync } from "node:zlib";
import { timestamp } from "../api/store.ts";
import { archiveEntries, resourceList, rootOf, writeMetadata } from "./files.ts";
import { collectItems } from "./items.ts";
import { type Backup, type BackupSpec, type BackupStorageLocation, backups, storageLocations } from "./kinds.ts";
import { storageLocationLabel } from "./names.ts";
import { writeTar } from "./tar.ts";
import type { World } from "./world.ts";

/** From one of the preloaded backups to the next, in milliseconds. */
export const preloadPeriod = 3600 * 1000;
/** Every tenth did not go well. */
const troubled = 10;

/** Puts `count` finished backups, one an hour, into the cluster and the bucket. */
export function preloadBackups(world: World, count: number): void {
  const [location] = world.store.list(storageLocations, world.namespace);
  if (location === undefined) return;
  const nothing = gzipSync("[]");
  const results = gzipSync(JSON.stringify({ errors: {}, warnings: {} }));
  // All hold what there is now; the bucket keeps one copy of what is the same.
  const items = collectItems(world, spec);
  const archive = gzipSync(writeTar(archiveEntries(items)));
  const list = gzipSync(JSON.stringify(resourceList(items)));
  const log = gzipSync(`time="2026-01-01T00:00:00Z" level=info msg="Backed up a total of ${items.length} items"\n`);
  for (let age = 1; age <= count; age += 1) {
    const backup = world.store.create(backups, finishedBackup(world, location, { age, items: items.length }));
    const { name } = backup.metadata;
    const put = (suffix: string, content: Buffer) =>
      world.objectStore.put(`${rootOf(location)}backups/${name}/${name}${suffix}`, content);
    put("-logs.gz", log);
    put(".tar.gz", archive);
    put("-results.gz", results);
    put("-resource-list.json.gz", list);
    for (const file of ["podvolumebackups", "volumesnapshots", "itemoperations", "volumeinfo"])
      put(`-${file}.json.gz`, nothing);
    writeMetadata(world.objectStore, location, backup);
  }
}

const spec: BackupSpec = { includedNamespaces: ["*"], includeClusterResources: true };

function finishedBackup(
  { namespace }: World,
  { metadata }: BackupStorageLocation,
  { age, items }: { age: number; items: number },
): Backup {
  const start = new Date(Date.now() - age * preloadPeriod);
  const errors = age % troubled === 0 ? { errors: 1 } : {};
  return {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: {
      name: `hourly-${timestamp(start).replace(/[-:TZ]/g, "")}`,
      namespace,
      creationTimestamp: timestamp(start),
      labels: { [storageLocationLabel]: metadata.name },
      annotations: {
        "velero.io/source-cluster-k8s-gitversion": "v1.34.4",
        "velero.io/source-cluster-k8s-major-version": "1",
        "velero.io/source-cluster-k8s-minor-version": "34",
      },
    },
    spec: {
      ...spec,
      storageLocation: metadata.name,
      ttl: "2160h0m0s",
      csiSnapshotTimeout: "10m0s",
      itemOperationTimeout: "4h0m0s",
    },
    status: {
      version: 1,
      formatVersion: "1.1.0",
      phase: age % troubled === 0 ? "PartiallyFailed" : "Completed",
      startTimestamp: timestamp(start),
      completionTimestamp: timestamp(new Date(start.getTime() + 16_000)),
      expiration: timestamp(new Date(start.getTime() + 90 * 24 * preloadPeriod)),
      progress: { totalItems: items, itemsBackedUp: items },
      ...errors,
    },
  };
}
