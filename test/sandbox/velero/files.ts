// The files of backups and restores in the bucket.
import { gunzipSync, gzipSync } from "node:zlib";
import { apiVersionOf, type KubernetesObject, resourceName } from "../api/objects.ts";
import type { ObjectStore } from "../object-store/object-store.ts";
import type { Item } from "./items.ts";
import type { Backup, BackupStorageLocation, PodVolumeBackup, Restore } from "./kinds.ts";
import type { Log } from "./log.ts";
import { readTar, writeTar } from "./tar.ts";
import { isNewer, type World } from "./world.ts";

/** Where a location keeps its files: BUCKET/ or BUCKET/some/prefix/. */
export function rootOf({ spec }: BackupStorageLocation): string {
  const prefix = (spec.objectStorage.prefix ?? "").replace(/^\/+|\/+$/g, "");
  return prefix === "" ? `${spec.objectStorage.bucket}/` : `${spec.objectStorage.bucket}/${prefix}/`;
}

const zipped = (text: string) => gzipSync(text);
/** As Go's encoder writes it, with a line break at the end. */
const zippedJson = (value: unknown) => zipped(`${JSON.stringify(value)}\n`);
const nothing = zippedJson([]);
/** What Go makes of a list that nobody has put anything into. */
const noList = zippedJson(null);

/** Each item lies in the archive twice, the second time under its version. */
export function* archiveEntries(items: readonly Item[]): Generator<readonly [string, string]> {
  yield ["metadata/version", "1.1.0\n"];
  for (const { type, object } of items) {
    const { namespace, name } = object.metadata;
    const place = type.namespaced ? `namespaces/${namespace}/${name}.json` : `cluster/${name}.json`;
    const content = JSON.stringify(object);
    yield [`resources/${resourceName(type)}/${place}`, content];
    yield [`resources/${resourceName(type)}/${type.version}-preferredversion/${place}`, content];
  }
}

export interface BackupContents {
  readonly items: readonly Item[];
  readonly volumes: readonly PodVolumeBackup[];
  readonly log: Log;
}

export function writeBackup(
  world: World,
  location: BackupStorageLocation,
  backup: Backup,
  contents: BackupContents,
): void {
  const { items, volumes, log } = contents;
  const { name } = backup.metadata;
  const put = (suffix: string, content: Buffer) =>
    world.objectStore.put(`${rootOf(location)}backups/${name}/${name}${suffix}`, content);
  put("-logs.gz", zipped(log.text));
  put(".tar.gz", gzipSync(writeTar(archiveEntries(items))));
  put("-results.gz", zippedJson(log.results));
  put("-resource-list.json.gz", zippedJson(resourceList(items)));
  put("-podvolumebackups.json.gz", volumes.length === 0 ? noList : zippedJson(volumes));
  put("-volumesnapshots.json.gz", noList);
  put("-itemoperations.json.gz", nothing);
  const copied = volumes.map((volume) => volumeInfo(world, volume));
  put("-volumeinfo.json.gz", zippedJson([...copied, ...skippedVolumes(items)]));
  if (!isNewer(world)) {
    for (const kind of ["s", "contents", "classes"]) put(`-csi-volumesnapshot${kind}.json.gz`, nothing);
  }
  writeMetadata(world.objectStore, location, backup);
}

/** The Backup object as the bucket keeps it: what another server imports. */
export function writeMetadata(objectStore: ObjectStore, location: BackupStorageLocation, backup: Backup): void {
  const key = `${rootOf(location)}backups/${backup.metadata.name}/velero-backup.json`;
  objectStore.put(key, Buffer.from(JSON.stringify(backup, undefined, 2)));
}

export function resourceList(items: readonly Item[]): Record<string, string[]> {
  const list: Record<string, string[]> = {};
  for (const { type, object } of items) {
    const key = `${apiVersionOf(type)}/${type.kind}`;
    list[key] = [...(list[key] ?? []), fullName(object)];
  }
  return sorted(list);
}

/** Go writes maps in the order of their keys, and Velero sorts the names. */
const sorted = (list: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(list)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, names]) => [key, names.toSorted()]),
  );

const fullName = ({ metadata }: KubernetesObject) =>
  metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;

/** Claims with a volume: this world has no snapshotter, and its pods mount none of them. */
function skippedVolumes(items: readonly Item[]): object[] {
  return items.flatMap(({ type, object }) => {
    const { volumeName } = (object as { spec?: { volumeName?: string } }).spec ?? {};
    if (type.kind !== "PersistentVolumeClaim" || volumeName === undefined) return [];
    return {
      pvcName: object.metadata.name,
      pvcNamespace: object.metadata.namespace,
      pvName: volumeName,
      snapshotDataMoved: false,
      skipped: true,
      skippedReason: "volumeSnapshot: no applicable volumesnapshotter found;",
    };
  });
}

function volumeInfo(world: World, { spec, status }: PodVolumeBackup): object {
  const newer = isNewer(world);
  const succeeded = status?.phase === "Completed";
  return {
    backupMethod: "PodVolumeBackup",
    snapshotDataMoved: false,
    preserveLocalSnapshot: false,
    skipped: false,
    startTimestamp: status?.startTimestamp,
    ...(newer ? { completionTimestamp: status?.completionTimestamp, result: succeeded ? "succeeded" : "failed" } : {}),
    pvbInfo: {
      ...(succeeded ? { snapshotHandle: status.snapshotID, ...sizes(world, status) } : {}),
      uploaderType: spec.uploaderType,
      volumeName: spec.volume,
      podName: spec.pod.name,
      podNamespace: spec.pod.namespace,
      nodeName: spec.node,
      ...(newer ? { Phase: status?.phase } : {}),
    },
  };
}

function sizes(world: World, { progress, incrementalBytes }: NonNullable<PodVolumeBackup["status"]>): object {
  return { size: progress?.totalBytes, ...(isNewer(world) ? { incrementalSize: incrementalBytes } : {}) };
}

/** The objects of a backup's archive; undefined when there is no archive. */
export function readArchive(
  objectStore: ObjectStore,
  location: BackupStorageLocation,
  name: string,
): Map<string, KubernetesObject[]> | undefined {
  const archive = objectStore.get(`${rootOf(location)}backups/${name}/${name}.tar.gz`);
  if (archive === undefined) return undefined;
  const objects = new Map<string, KubernetesObject[]>();
  for (const [path, content] of readTar(gunzipSync(archive))) {
    const [, resource] = /^resources\/([^/]+)\/(?:cluster|namespaces\/[^/]+)\/[^/]+\.json$/.exec(path) ?? [];
    if (resource === undefined) continue;
    objects.set(resource, [...(objects.get(resource) ?? []), JSON.parse(content) as KubernetesObject]);
  }
  return objects;
}

export function readVolumes(
  objectStore: ObjectStore,
  location: BackupStorageLocation,
  name: string,
): PodVolumeBackup[] {
  const content = objectStore.get(`${rootOf(location)}backups/${name}/${name}-podvolumebackups.json.gz`);
  return content === undefined ? [] : ((JSON.parse(gunzipSync(content).toString()) as PodVolumeBackup[] | null) ?? []);
}

export function readMetadata(
  objectStore: ObjectStore,
  location: BackupStorageLocation,
  name: string,
): Backup | undefined {
  const content = objectStore.get(`${rootOf(location)}backups/${name}/velero-backup.json`);
  return content === undefined ? undefined : (JSON.parse(content.toString()) as Backup);
}

/** Names of the backups that have a folder in the location. */
export function storedBackups(objectStore: ObjectStore, location: BackupStorageLocation): string[] {
  const folder = `${rootOf(location)}backups/`;
  return [...new Set(objectStore.keys(folder).map((key) => key.slice(folder.length).split("/")[0] ?? ""))];
}

export interface RestoreContents {
  /** Per kind, `namespace/name(created)`. */
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  readonly log: Log;
}

export function writeRestore(
  world: World,
  location: BackupStorageLocation,
  { metadata }: Restore,
  contents: RestoreContents,
): void {
  const { name } = metadata;
  const folder = `${rootOf(location)}restores/${name}`;
  const put = (file: string, content: Buffer) => world.objectStore.put(`${folder}/${file}`, content);
  put(`restore-${name}-logs.gz`, zipped(contents.log.text));
  put(`restore-${name}-results.gz`, zippedJson(contents.log.results));
  put(`restore-${name}-resource-list.json.gz`, zippedJson(sorted(contents.outcomes)));
  put(`restore-${name}-itemoperations.json.gz`, nothing);
  if (!isNewer(world)) return;
  // The workload's volumes are emptyDirs: Velero tells of those alone that have a claim.
  put(`${name}-volumeinfo.json.gz`, nothing);
}
