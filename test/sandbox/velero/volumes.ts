// Volumes of pods: what the node agents do for file-system backups and restores.
import { randomBytes } from "node:crypto";
import { timestamp } from "../api/store.ts";
import { type Pod, pods } from "../cluster/types.ts";
import { rootOf } from "./files.ts";
import {
  type Backup,
  type BackupStorageLocation,
  type PodVolumeBackup,
  type PodVolumeRestore,
  podVolumeBackups,
  podVolumeRestores,
  type Restore,
} from "./kinds.ts";
import { backupNameLabel, backupUidLabel, labelValue, restoreNameLabel, restoreUidLabel } from "./names.ts";
import { repositoryProblem } from "./repositories.ts";
import { storeFailure } from "./store-failure.ts";
import { isNewer, type World } from "./world.ts";

/** Time from one progress report to the next, and how many there are: about half a second for a volume. */
const step = 100;
const steps = 4;
const emptyVolumeBytes = 1024;

const listOf = (pod: Pod, annotation: string) =>
  (pod.metadata.annotations?.[`backup.velero.io/${annotation}`] ?? "").split(",").filter((name) => name !== "");

/** Names of the pod's volumes that the backup copies file by file. */
export function volumesToBackUp(pod: Pod, everything: boolean): string[] {
  const volumes = (pod.spec.volumes ?? []).filter(
    ({ emptyDir, persistentVolumeClaim }) => emptyDir ?? persistentVolumeClaim,
  );
  const names = volumes.map(({ name }) => name);
  if (!everything) return names.filter((name) => listOf(pod, "backup-volumes").includes(name));
  return names.filter((name) => !listOf(pod, "backup-volumes-excludes").includes(name));
}

function nodeAgentOn({ store, namespace }: World, node: string): Pod | undefined {
  return store
    .list(pods, namespace)
    .find(
      ({ metadata, spec, status }) =>
        metadata.labels?.["name"] === "node-agent" && spec.nodeName === node && status?.phase === "Running",
    );
}

const agentUid = (world: World, node: string) => nodeAgentOn(world, node)?.metadata.uid ?? "";

/** Why the node of a pod cannot back volumes up; undefined when it can. */
export function nodeAgentProblem(world: World, node: string): string | undefined {
  return nodeAgentOn(world, node) ? undefined : `daemonset pod not found in running state in node ${node}`;
}

export function createVolumeBackup(
  { store, namespace }: World,
  backup: Backup,
  pod: Pod,
  volume: string,
): PodVolumeBackup {
  const { name, uid = "" } = backup.metadata;
  const { namespace: podNamespace = "", name: podName, uid: podUid = "" } = pod.metadata;
  return store.create(podVolumeBackups, {
    apiVersion: "velero.io/v1",
    kind: "PodVolumeBackup",
    metadata: {
      name: "",
      generateName: `${name}-`,
      namespace,
      labels: { [backupNameLabel]: labelValue(name), [backupUidLabel]: uid },
      ownerReferences: [{ apiVersion: "velero.io/v1", kind: "Backup", name, uid, controller: true }],
    },
    spec: {
      node: pod.spec.nodeName ?? "",
      pod: { kind: "Pod", namespace: podNamespace, name: podName, uid: podUid },
      volume,
      backupStorageLocation: backup.spec.storageLocation ?? "",
      repoIdentifier: "",
      uploaderType: "kopia",
      tags: { backup: name, "backup-uid": uid, ns: podNamespace, pod: podName, "pod-uid": podUid, volume },
    },
    status: {},
  });
}

const isEnded = (phase: string) => ["Completed", "Failed", "Canceled"].includes(phase);

/** What a server that starts does to volumes of a backup that another one left behind. */
export function cancelVolumeBackups(world: World, { metadata }: Backup): void {
  const { store, namespace } = world;
  for (const volume of store.list(podVolumeBackups, namespace)) {
    const phase = volume.status?.phase ?? "";
    if (volume.metadata.labels?.[backupUidLabel] !== metadata.uid || isEnded(phase) || !isNewer(world)) continue;
    store.update(podVolumeBackups, namespace, volume.metadata.name, (draft) => {
      const message = `PVB is in status "${phase}" during the velero server starting, mark it as cancel`;
      draft.status = { ...draft.status, phase: "Canceled", message, completionTimestamp: timestamp() };
    });
  }
}

type Status = NonNullable<PodVolumeBackup["status"]>;

/**
 * Moves bytes: New -> (Accepted -> Prepared ->) InProgress, progress in steps. The end is the caller's. `totalBytes` is undefined
 * when the repository cannot be opened: then there is nothing to move.
 */
async function transfer(
  world: World,
  signal: AbortSignal,
  totalBytes: number | undefined,
  change: (status: Status) => boolean,
): Promise<void> {
  if (isNewer(world)) {
    change({ phase: "Accepted", acceptedTimestamp: timestamp() });
    await world.clock.sleep(step / 2, signal);
    change({ phase: "Prepared" });
    await world.clock.sleep(step / 2, signal);
  }
  change({ phase: "InProgress", startTimestamp: timestamp() });
  for (let done = 1; done <= steps; done += 1) {
    await world.clock.sleep(step, signal);
    if (totalBytes === undefined) return;
    if (!change({ progress: { totalBytes, bytesDone: Math.round((totalBytes * done) / steps) } })) return;
  }
}

/**
 * Copies one volume into the repository of its namespace; resolves to the PodVolumeBackup as it ended. When somebody deletes
 * that object, with its Backup, the server waits for hours: until the signal is aborted.
 */
export async function backUpVolume(
  world: World,
  location: BackupStorageLocation,
  volume: PodVolumeBackup,
  signal: AbortSignal,
): Promise<PodVolumeBackup> {
  const { store, kubelet, objectStore } = world;
  const { name, namespace } = volume.metadata;
  const change = (status: Status) =>
    store.update(podVolumeBackups, namespace, name, (draft) => {
      draft.status = { ...draft.status, ...status };
    }) !== undefined;
  const pod = store.get(pods, volume.spec.pod.namespace, volume.spec.pod.name);
  const content = pod && kubelet.volume(pod, volume.spec.volume);
  const totalBytes = content?.bytes ?? emptyVolumeBytes;
  const { node } = volume.spec;
  const unopened = repositoryProblem(world, location, volume.spec.pod.namespace, agentUid(world, node));
  await transfer(world, signal, unopened === undefined ? totalBytes : undefined, change);
  const lost = storeFailure(world, location, "PutObject");
  const run = isNewer(world) ? `data path backup failed: Failed to run data path service for PVB ${name}: ` : "";
  const problem =
    world.volumeFailure() ??
    (lost === undefined ? unopened && `${run}${unopened}` : `data path backup failed: ${lost}`);
  const completionTimestamp = timestamp();
  if (problem !== undefined) {
    change({ phase: "Failed", message: problem, completionTimestamp });
  } else {
    const snapshotID = randomBytes(16).toString("hex");
    const key = `${rootOf(location)}kopia/${volume.spec.pod.namespace}/p${snapshotID}`;
    objectStore.put(key, Buffer.from(JSON.stringify(content ?? null)));
    const path = `/host_pods/${volume.spec.pod.uid}/volumes/kubernetes.io~empty-dir/${volume.spec.volume}`;
    const incremental = isNewer(world) ? { incrementalBytes: totalBytes } : {};
    change({ phase: "Completed", snapshotID, path, completionTimestamp, ...incremental });
  }
  return store.get(podVolumeBackups, namespace, name) ?? untilAborted(signal);
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

export function createVolumeRestore(
  { store, namespace }: World,
  restore: Restore,
  pod: Pod,
  { spec, status }: PodVolumeBackup,
): PodVolumeRestore {
  const { name, uid = "" } = restore.metadata;
  const { namespace: podNamespace = "", name: podName, uid: podUid = "" } = pod.metadata;
  return store.create(podVolumeRestores, {
    apiVersion: "velero.io/v1",
    kind: "PodVolumeRestore",
    metadata: {
      name: "",
      generateName: `${name}-`,
      namespace,
      labels: { [restoreNameLabel]: labelValue(name), [restoreUidLabel]: uid, "velero.io/pod-uid": podUid },
      ownerReferences: [{ apiVersion: "velero.io/v1", kind: "Restore", name, uid, controller: true }],
    },
    spec: {
      pod: { kind: "Pod", namespace: podNamespace, name: podName, uid: podUid },
      volume: spec.volume,
      backupStorageLocation: spec.backupStorageLocation,
      repoIdentifier: spec.repoIdentifier,
      snapshotID: status?.snapshotID ?? "",
      sourceNamespace: spec.pod.namespace,
      uploaderType: spec.uploaderType,
    },
    status: {},
  });
}

/** Fills a volume of a restored pod; resolves to why it could not, or undefined. */
export async function restoreVolume(
  world: World,
  location: BackupStorageLocation,
  volume: PodVolumeRestore,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { store, kubelet, objectStore } = world;
  const { name, namespace } = volume.metadata;
  const change = (status: Status) =>
    store.update(podVolumeRestores, namespace, name, (draft) => {
      draft.status = { ...draft.status, ...status };
    }) !== undefined;
  const { spec } = volume;
  const stored = objectStore.get(`${rootOf(location)}kopia/${spec.sourceNamespace}/p${spec.snapshotID}`);
  const content: unknown = stored === undefined ? undefined : JSON.parse(stored.toString());
  const { bytes: totalBytes } = { bytes: emptyVolumeBytes, ...(content as object | undefined) };
  const pod = store.get(pods, spec.pod.namespace, spec.pod.name);
  const agent = agentUid(world, pod?.spec.nodeName ?? "");
  const unopened = repositoryProblem(world, location, spec.sourceNamespace, agent);
  await transfer(world, signal, unopened === undefined ? totalBytes : undefined, change);
  const completionTimestamp = timestamp();
  const lost = storeFailure(world, location, "GetObject");
  const failed = "data path restore failed: ";
  const run = isNewer(world) ? `${failed}Failed to run data path service for PVR ${name}: ` : "";
  const missing = `error to find snapshot ${spec.snapshotID} in repository: snapshot not found`;
  const message =
    (lost && `${failed}${lost}`) ??
    (unopened && `${run}${unopened}`) ??
    (stored === undefined ? `${failed}${missing}` : undefined);
  if (message !== undefined) {
    change({ phase: "Failed", message, completionTimestamp });
    return message;
  }
  if (pod !== undefined && content !== null)
    kubelet.fillVolume(pod, spec.volume, content as { bytes: number; sha256: string });
  change({ phase: "Completed", completionTimestamp });
  return undefined;
}
