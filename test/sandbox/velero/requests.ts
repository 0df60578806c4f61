// Requests that the server answers at once: signed URLs of files, and what it is.
import { timestamp } from "../api/store.ts";
import { presign } from "../object-store/signature.ts";
import { locationOf } from "./backup-validation.ts";
import { rootOf } from "./files.ts";
import { backups, type DownloadRequest, downloadRequests, restores, serverStatusRequests } from "./kinds.ts";
import { credentialsOf } from "./store-failure.ts";
import { serverVersion, type World, workOn } from "./world.ts";

/** How long a signed URL is good, and how long its request is kept. */
const lifetime = 10 * 60;

/** The file of a target below the location's root, by its kind. */
const files: Readonly<Record<string, (name: string) => string>> = {
  BackupLog: (name) => `backups/${name}/${name}-logs.gz`,
  BackupContents: (name) => `backups/${name}/${name}.tar.gz`,
  BackupResults: (name) => `backups/${name}/${name}-results.gz`,
  BackupResourceList: (name) => `backups/${name}/${name}-resource-list.json.gz`,
  BackupVolumeSnapshots: (name) => `backups/${name}/${name}-volumesnapshots.json.gz`,
  BackupItemOperations: (name) => `backups/${name}/${name}-itemoperations.json.gz`,
  BackupVolumeInfos: (name) => `backups/${name}/${name}-volumeinfo.json.gz`,
  CSIBackupVolumeSnapshots: (name) => `backups/${name}/${name}-csi-volumesnapshots.json.gz`,
  CSIBackupVolumeSnapshotContents: (name) => `backups/${name}/${name}-csi-volumesnapshotcontents.json.gz`,
  RestoreLog: (name) => `restores/${name}/restore-${name}-logs.gz`,
  RestoreResults: (name) => `restores/${name}/restore-${name}-results.gz`,
  RestoreResourceList: (name) => `restores/${name}/restore-${name}-resource-list.json.gz`,
  RestoreItemOperations: (name) => `restores/${name}/restore-${name}-itemoperations.json.gz`,
  RestoreVolumeInfo: (name) => `restores/${name}/${name}-volumeinfo.json.gz`,
};

export function answerRequests(world: World, signal: AbortSignal): Promise<unknown> {
  const isNew = ({ status }: { status?: { phase?: string } }) => (status?.phase ?? "New") === "New";
  const isOpen = (request: DownloadRequest) => isNew(request) && request.status?.expiration === undefined;
  return Promise.all([
    workOn(world, downloadRequests, signal, isOpen, (request) => sign(world, request)),
    workOn(world, serverStatusRequests, signal, isNew, ({ metadata }) => {
      world.store.update(serverStatusRequests, world.namespace, metadata.name, (draft) => {
        draft.status = {
          phase: "Processed",
          processedTimestamp: timestamp(),
          serverVersion: serverVersion(world),
          plugins,
        };
      });
      world.clock.after(60_000, () => world.store.delete(serverStatusRequests, world.namespace, metadata.name));
    }),
  ]);
}

function sign(world: World, { metadata, spec }: DownloadRequest): void {
  const downloadURL = signedUrl(world, spec.target);
  const expiration = timestamp(new Date(Date.now() + lifetime * 1000));
  world.store.update(downloadRequests, world.namespace, metadata.name, (draft) => {
    // A request that cannot be answered gets no URL and no other sign: it only expires.
    draft.status = downloadURL === undefined ? { expiration } : { phase: "Processed", downloadURL, expiration };
  });
  world.clock.after(lifetime * 1000, () => world.store.delete(downloadRequests, world.namespace, metadata.name));
}

/** Undefined when the backup, the restore, their location or its credentials are missing. Does not look for the file. */
function signedUrl(world: World, { kind, name }: DownloadRequest["spec"]["target"]): string | undefined {
  const { store, namespace } = world;
  const restore = kind.startsWith("Restore") ? store.get(restores, namespace, name) : undefined;
  const backup = store.get(backups, namespace, kind.startsWith("Restore") ? (restore?.spec.backupName ?? "") : name);
  const location = backup && locationOf(world, backup.spec);
  const credentials = location && credentialsOf(world, location);
  const file = files[kind]?.(name);
  if (location === undefined || credentials === undefined || file === undefined) return undefined;
  const { publicUrl, s3Url = "" } = location.spec.config ?? {};
  return presign(`${publicUrl ?? s3Url}/${rootOf(location)}${file}`, credentials, lifetime);
}

const plugins = [
  { kind: "BackupItemAction", name: "velero.io/crd-remap-version" },
  { kind: "BackupItemAction", name: "velero.io/pod" },
  { kind: "BackupItemAction", name: "velero.io/pv" },
  { kind: "BackupItemAction", name: "velero.io/service-account" },
  { kind: "ObjectStore", name: "velero.io/aws" },
  { kind: "RestoreItemAction", name: "velero.io/add-pvc-from-pod" },
  { kind: "RestoreItemAction", name: "velero.io/pod" },
  { kind: "RestoreItemAction", name: "velero.io/pod-volume-restore" },
  { kind: "RestoreItemAction", name: "velero.io/service" },
  { kind: "VolumeSnapshotter", name: "velero.io/aws" },
];
