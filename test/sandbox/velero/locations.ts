// Storage locations: are they reachable, and which backups lie in them.
import { secrets, services } from "../api/objects.ts";
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
import type { World } from "./world.ts";

const knownKeys = new Set([
  ...["region", "s3Url", "publicUrl", "s3ForcePathStyle", "profile", "kmsKeyId", "serverSideEncryption"],
  ...["insecureSkipTLSVerify", "checksumAlgorithm", "tagging", "signatureVersion", "enableSharedConfig"],
  ...["customerKeyEncryptionFile", "customerKeyEncryptionSecret"],
]);
const legalFolders = new Set(["backups", "restores", "restic", "metadata", "plugins", "kopia"]);

/** The access key of the location's credentials; undefined when there are none. */
export function credentialsOf({ store, namespace }: World, { spec }: BackupStorageLocation) {
  const { name, key } = spec.credential ?? { name: "cloud-credentials", key: "cloud" };
  const text = Buffer.from(store.get(secrets, namespace, name)?.data?.[key] ?? "", "base64").toString();
  const value = (field: string) => new RegExp(`^\\s*${field}\\s*=\\s*(.+?)\\s*$`, "m").exec(text)?.[1];
  const [accessKeyId, secretAccessKey] = [value("aws_access_key_id"), value("aws_secret_access_key")];
  return accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
}

/** The AWS plugin's sentence about a request that fails; undefined when the store would answer it. */
export function storeFailure(world: World, location: BackupStorageLocation, operation: string): string | undefined {
  const { bucket } = location.spec.objectStorage;
  const { s3Url = "", ...config } = location.spec.config ?? {};
  const invalid = Object.keys(config).filter((key) => !knownKeys.has(key));
  const rpc = "rpc error: code = Unknown desc = ";
  if (invalid.length > 0)
    return `${rpc}config has invalid keys ${JSON.stringify(invalid).replaceAll(",", " ")}; valid keys are [region s3Url publicUrl ...]`;
  const url = new URL(s3Url === "" ? "https://s3.amazonaws.com" : s3Url);
  const unreachable = (why: string) =>
    `${rpc}operation error S3: ${operation}, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , HostID: , request send failed, ` +
    `Get "${url.origin}/${bucket}?delimiter=%2F&list-type=2&prefix=": ${why}`;
  const [, name = ""] = /^(minio|minio-tls)\.mke\.svc(?:\.cluster\.local)?$/.exec(url.hostname) ?? [];
  const service = world.store.get(services, "mke", name);
  if (service === undefined) return unreachable(`dial tcp: lookup ${url.hostname} on 10.96.0.10:53: no such host`);
  const refused = (code: number, name: string, message: string) =>
    `${rpc}operation error S3: ${operation}, https response error StatusCode: ${code}, RequestID: 18B5A9E0C6F0D1A2, HostID: dd9025bab4ad464b049177c95eb6ebf374d3b3fd1af9251148b658df7ac2e3e8, ${name}: ${message}`;
  if (!world.objectStore.running || url.port !== "9000") {
    return unreachable(`dial tcp ${service.spec.clusterIP}:${url.port || "80"}: connect: connection refused`);
  }
  const { accessKeyId, secretAccessKey } = world.objectStore.credentials;
  const given = credentialsOf(world, location);
  if (given?.accessKeyId !== accessKeyId) {
    return refused(
      403,
      "api error InvalidAccessKeyId",
      "The Access Key Id you provided does not exist in our records.",
    );
  }
  if (given.secretAccessKey !== secretAccessKey) {
    return refused(
      403,
      "api error SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    );
  }
  return bucket === "velero" ? undefined : refused(404, "NoSuchBucket", "");
}

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
