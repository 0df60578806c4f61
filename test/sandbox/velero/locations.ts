// Storage locations: are they reachable, and which backups lie in them.
import { timestamp } from "../api/store.ts";
import { readMetadata, readVolumes, rootOf, storedBackups } from "./files.ts";
import {
  type Backup,
  type BackupStorageLocation,
  backups,
  podVolumeBackups,
  schedules,
  storageLocations,
} from "./kinds.ts";
import { backupUidLabel, storageLocationLabel } from "./names.ts";
import { storeFailure } from "./store-failure.ts";
import type { World } from "./world.ts";

const legalFolders = new Set(["backups", "restores", "restic", "metadata", "plugins", "kopia"]);

/** A folder in the bucket that Velero does not know stops everything. */
function strayFolders(world: World, location: BackupStorageLocation): string | undefined {
  const root = rootOf(location);
  const folders = world.objectStore.keys(root).map((key) => key.slice(root.length).split("/"));
  const stray = new Set(folders.filter((parts) => parts.length > 1).map(([first = ""]) => first)).difference(
    legalFolders,
  );
  return stray.size === 0
    ? undefined
    : `Backup store contains invalid top-level directories: [${[...stray].join(" ")}]`;
}

export function validateLocations(world: World): void {
  for (const location of world.store.list(storageLocations, world.namespace)) {
    const { name } = location.metadata;
    const problem = storeFailure(world, location, "ListObjectsV2") ?? strayFolders(world, location);
    world.store.update(storageLocations, world.namespace, name, (draft) => {
      const { message: _, ...status } = draft.status ?? {};
      draft.status = {
        ...status,
        ...(problem === undefined ? {} : { message: `BackupStorageLocation "${name}" is unavailable: ${problem}` }),
        phase: problem === undefined ? "Available" : "Unavailable",
        lastValidationTime: timestamp(),
      };
    });
  }
}

/** Makes the Backup objects and the folders of each available location agree. */
export function syncBackups(world: World): void {
  const { store, namespace, objectStore } = world;
  for (const location of store.list(storageLocations, namespace)) {
    if (/^0+[a-z]*$/.test(location.spec.backupSyncPeriod ?? "")) continue;
    if (location.status?.phase !== "Available" || storeFailure(world, location, "ListObjectsV2") !== undefined)
      continue;
    const stored = storedBackups(objectStore, location);
    for (const name of stored) importBackup(world, location, name);
    removeOrphans(world, location, new Set(stored));
    store.update(storageLocations, namespace, location.metadata.name, (draft) => {
      draft.status = { ...draft.status, lastSyncedTime: timestamp() };
    });
  }
}

function importBackup(world: World, location: BackupStorageLocation, name: string): void {
  const { store, namespace, objectStore } = world;
  if (store.get(backups, namespace, name) !== undefined) return;
  const found = readMetadata(objectStore, location, name);
  if (found === undefined || /^(Waiting|Finalizing)/.test(found.status?.phase ?? "")) return;
  const imported = store.create(backups, asImported(world, location, found));
  for (const volume of readVolumes(objectStore, location, name)) {
    const { metadata } = imported;
    const { uid = "" } = metadata;
    const { resourceVersion: _, creationTimestamp: __, ...kept } = volume.metadata;
    store.create(podVolumeBackups, {
      ...volume,
      metadata: {
        ...kept,
        namespace,
        labels: { ...kept.labels, [backupUidLabel]: uid },
        ownerReferences: [{ apiVersion: "velero.io/v1", kind: "Backup", name, uid, controller: true }],
      },
    });
  }
}

function asImported({ store, namespace }: World, location: BackupStorageLocation, found: Backup): Backup {
  const { resourceVersion: _, creationTimestamp: __, ownerReferences = [], ...metadata } = found.metadata;
  const owners = ownerReferences.filter(({ name, uid }) => store.get(schedules, namespace, name)?.metadata.uid === uid);
  const { name } = location.metadata;
  return {
    ...found,
    metadata: {
      ...metadata,
      namespace,
      labels: { ...metadata.labels, [storageLocationLabel]: name },
      ...(owners.length > 0 ? { ownerReferences: owners } : {}),
    },
    spec: { ...found.spec, storageLocation: name },
  };
}

/** Backups whose files are gone: MinIO's pod was replaced, and its data with it. */
function removeOrphans(
  { store, namespace }: World,
  location: BackupStorageLocation,
  stored: ReadonlySet<string>,
): void {
  for (const { metadata, status } of store.list(backups, namespace)) {
    const ended = status?.phase === "Completed" || status?.phase === "PartiallyFailed";
    const here = metadata.labels?.[storageLocationLabel] === location.metadata.name;
    if (ended && here && !stored.has(metadata.name)) store.delete(backups, namespace, metadata.name);
  }
}
