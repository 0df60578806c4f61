// A backup from its validation to its end.

import { serverVersion as kubernetes } from "../api/discovery.ts";
import { type KubernetesObject, resourceName } from "../api/objects.ts";
import { timestamp } from "../api/store.ts";
import type { Pod } from "../cluster/types.ts";
import { backupProblems, locationOf, prepareSpec } from "./backup-validation.ts";
import { parseDuration } from "./duration.ts";
import { rootOf, writeBackup, writeMetadata } from "./files.ts";
import { collectItems, type Item } from "./items.ts";
import { type Backup, type BackupStorageLocation, backups, type PodVolumeBackup, podVolumeBackups } from "./kinds.ts";
import { Log, logLine } from "./log.ts";
import { labelValue, storageLocationLabel } from "./names.ts";
import { ensureRepository } from "./repositories.ts";
import { storeFailure } from "./store-failure.ts";
import { backUpVolume, cancelVolumeBackups, createVolumeBackup, nodeAgentProblem, volumesToBackUp } from "./volumes.ts";
import { isNewer, type World, workOn } from "./world.ts";

const step = 80;
const steps = 4;

const isNew = ({ status }: Backup) => (status?.phase ?? "New") === "New";

/** Runs backups one at a time until the signal is aborted. */
export function runBackups(world: World, signal: AbortSignal): Promise<unknown> {
  // One duration that Go cannot read breaks the server's view of all backups.
  const readable = () =>
    world.store
      .list(backups, world.namespace)
      .every(({ spec: { ttl = "0", csiSnapshotTimeout = "0", itemOperationTimeout = "0" } }) =>
        [ttl, csiSnapshotTimeout, itemOperationTimeout].every((text) => parseDuration(text) !== undefined),
      );
  const run = (backup: Backup) => runBackup(world, backup, signal);
  if (!isNewer(world)) return workOn(world, backups, signal, (backup) => isNew(backup) && readable(), run);
  const isQueued = ({ status }: Backup) => status?.phase === "Queued";
  return Promise.all([
    workOn(
      world,
      backups,
      signal,
      (backup) => isNew(backup) && readable(),
      (backup) => queue(world, backup),
    ),
    workOn(
      world,
      backups,
      signal,
      (backup) => isQueued(backup) && readable(),
      async (backup) => {
        change(world, backup, ({ status = {} }) => {
          status.phase = "ReadyToStart";
          delete status.queuePosition;
        });
        await world.clock.sleep(step / 2, signal);
        await run(backup);
      },
    ),
  ]);
}

function queue(world: World, backup: Backup): void {
  const waiting = world.store.list(backups, world.namespace).filter(({ status }) => status?.phase === "Queued").length;
  const { name, namespace } = backup.metadata;
  world.print(
    logLine("info", `Queueing backup ${name}, queue position ${waiting + 1}`, { backup: `${namespace}/${name}` }),
  );
  change(world, backup, (draft) => {
    draft.status = { ...draft.status, phase: "Queued", queuePosition: waiting + 1 };
  });
}

/** Undefined when the Backup has been deleted meanwhile. */
function change({ store, namespace }: World, { metadata }: Backup, edit: (draft: Backup) => void): Backup | undefined {
  return store.update(backups, namespace, metadata.name, edit);
}

async function runBackup(world: World, request: Backup, signal: AbortSignal): Promise<void> {
  const backup = start(world, request);
  if (backup?.status?.phase !== "InProgress") return;
  const location = locationOf(world, backup.spec);
  if (location === undefined) return;
  const fail = (failureReason: string) => {
    change(world, backup, (draft) => {
      draft.status = { ...draft.status, phase: "Failed", failureReason, completionTimestamp: timestamp() };
    });
  };
  const { name } = backup.metadata;
  const unreachable = storeFailure(world, location, "HeadObject");
  if (unreachable !== undefined) {
    fail(`error checking if backup already exists in object storage: ${unreachable}`);
    return;
  }
  if (world.objectStore.keys(`${rootOf(location)}backups/${name}/`).length > 0) {
    fail("backup already exists in object storage");
    return;
  }
  // Before there is a log of the backup, the server alone says so.
  world.print(logLine("info", "Setting up backup log", { backup: `${world.namespace}/${name}` }));
  const log = new Log("backup", `${world.namespace}/${name}`, world.print);
  log.info("Setting up backup temp file");
  const items = await backUpItems(world, backup, log, signal);
  const volumes = await backUpVolumes(world, location, backup, items, log, signal);
  const lost = storeFailure(world, location, "PutObject");
  if (lost !== undefined) {
    fail(lost);
    return;
  }
  await finish(world, location, backup, { items, volumes, log }, signal);
}

/** Fills in what the request left open, judges it, and marks it as running or refused. */
function start(world: World, request: Backup): Backup | undefined {
  return change(world, request, (draft) => {
    prepareSpec(world, draft);
    const problems = backupProblems(world, draft.spec);
    const now = new Date();
    draft.metadata.labels = {
      ...draft.metadata.labels,
      [storageLocationLabel]: labelValue(draft.spec.storageLocation ?? ""),
    };
    draft.metadata.annotations = {
      ...draft.metadata.annotations,
      "velero.io/resource-timeout": "10m0s",
      "velero.io/source-cluster-k8s-gitversion": kubernetes.gitVersion,
      "velero.io/source-cluster-k8s-major-version": kubernetes.major,
      "velero.io/source-cluster-k8s-minor-version": kubernetes.minor,
    };
    draft.status = {
      version: 1,
      formatVersion: "1.1.0",
      expiration: timestamp(new Date(now.getTime() + (parseDuration(draft.spec.ttl ?? "") ?? 0))),
      ...(problems.length > 0
        ? { phase: "FailedValidation", validationErrors: problems }
        : { phase: "InProgress", startTimestamp: timestamp(now) }),
    };
  });
}

/** Goes on where the Backup has been deleted meanwhile: the server does not look at it again. */
async function backUpItems(world: World, backup: Backup, log: Log, signal: AbortSignal): Promise<Item[]> {
  const items = collectItems(world, backup.spec);
  const totalItems = items.length;
  log.info(
    `Collected ${totalItems} items matching the backup spec from the Kubernetes API (actual number of items backed up may be more or less depending on velero.io/exclude-from-backup annotation, plugins returning additional related items to back up, etc.)`,
  );
  for (let done = 0; done <= steps; done += 1) {
    change(world, backup, ({ status = {} }) => {
      status.progress = { totalItems, itemsBackedUp: Math.round((totalItems * done) / steps) };
    });
    await world.clock.sleep(step, signal);
  }
  for (const [index, { type, object }] of items.entries()) {
    const { namespace, name } = object.metadata;
    log.info(
      `Backed up ${index + 1} items out of an estimated total of ${totalItems} (estimate will change throughout the backup)`,
      {
        ...(isNewer(world)
          ? { kind: type.group === "" ? type.kind : `${type.kind}.${type.group}` }
          : { resource: resourceName(type) }),
        name,
        ...(namespace === undefined ? {} : { namespace }),
      },
    );
  }
  return items;
}

const isRunningPod = ({ kind, ...object }: KubernetesObject): boolean =>
  kind === "Pod" && (object as unknown as Pod).status?.phase === "Running";

async function backUpVolumes(
  world: World,
  location: BackupStorageLocation,
  backup: Backup,
  items: readonly Item[],
  log: Log,
  signal: AbortSignal,
): Promise<PodVolumeBackup[]> {
  const created: PodVolumeBackup[] = [];
  for (const { object } of items.filter((item) => isRunningPod(item.object))) {
    const pod = object as Pod;
    const { namespace = "", name } = pod.metadata;
    const names = volumesToBackUp(pod, backup.spec.defaultVolumesToFsBackup === true);
    if (names.length === 0) continue;
    const error = nodeAgentProblem(world, pod.spec.nodeName ?? "") ?? ensureRepository(world, location, namespace);
    if (error === undefined) created.push(...names.map((volume) => createVolumeBackup(world, backup, pod, volume)));
    else log.error("Error backing up item", { namespace, resource: "pods", name, error });
  }
  // The garbage collector takes what has no owner any more.
  if (world.store.get(backups, world.namespace, backup.metadata.name) === undefined) {
    for (const { metadata } of created) world.store.delete(podVolumeBackups, world.namespace, metadata.name);
  }
  const volumes: PodVolumeBackup[] = [];
  for (const volume of created) {
    const ended = await backUpVolume(world, location, volume, signal);
    if (ended.status?.phase === "Failed") log.error(`pod volume backup failed: ${ended.status.message}`);
    volumes.push(ended);
  }
  return volumes;
}

async function finish(
  world: World,
  location: BackupStorageLocation,
  backup: Backup,
  contents: { items: Item[]; volumes: PodVolumeBackup[]; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { items, log } = contents;
  const { errors, warnings } = log;
  log.info(`Backed up a total of ${items.length} items`);
  const done = { totalItems: items.length, itemsBackedUp: items.length };
  const finalizing = change(world, backup, (draft) => {
    const phase = errors > 0 ? "FinalizingPartiallyFailed" : "Finalizing";
    // Go leaves zeros out.
    const counts = { ...(errors > 0 ? { errors } : {}), ...(warnings > 0 ? { warnings } : {}) };
    draft.status = { ...draft.status, ...counts, phase, progress: done, hookStatus: {} };
  });
  if (finalizing === undefined) return;
  writeBackup(world, location, finalizing, contents);
  await world.clock.sleep(step, signal);
  const ended = change(world, backup, (draft) => {
    const phase = errors > 0 ? "PartiallyFailed" : "Completed";
    draft.status = { ...draft.status, phase, completionTimestamp: timestamp() };
  });
  if (ended !== undefined) writeMetadata(world.objectStore, location, ended);
}

/** What a server that starts does to backups another one left behind. */
export function failInterruptedBackups(world: World): void {
  for (const backup of world.store.list(backups, world.namespace)) {
    if (backup.status?.phase !== "InProgress") continue;
    change(world, backup, (draft) => {
      const failureReason = `found a backup with status "InProgress" during the server starting, mark it as "Failed"`;
      draft.status = { ...draft.status, phase: "Failed", failureReason, completionTimestamp: timestamp() };
    });
    cancelVolumeBackups(world, backup);
  }
}
