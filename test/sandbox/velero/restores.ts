// A restore from its validation to its end.
import { timestamp } from "../api/store.ts";
import { locationOf } from "./backup-validation.ts";
import { readArchive, readVolumes, rootOf, writeRestore } from "./files.ts";
import { type BackupStorageLocation, backups, type Restore, restores } from "./kinds.ts";
import { Log } from "./log.ts";
import { prepareRestore, restoreProblems } from "./restore-validation.ts";
import { RestoredItems } from "./restored-items.ts";
import { storeFailure } from "./store-failure.ts";
import { restoreVolume } from "./volumes.ts";
import { isNewer, type World, workOn } from "./world.ts";

const step = 80;
/** How many items go by before progress is written again: a small restore shows some, too. */
const itemsAStep = 4;
const finalizer = "restores.velero.io/external-resources-finalizer";

/** Velero 1.18 looks for these after every restore, and complains in a cluster that does not know them. */
const missingGroupSnapshots =
  'failed to list stub VolumeGroupSnapshotContents: no matches for kind "VolumeGroupSnapshotContent" in version "groupsnapshot.storage.k8s.io/v1beta2"';

const isNew = ({ status, metadata }: Restore) =>
  (status?.phase ?? "New") === "New" && metadata.deletionTimestamp === undefined;
const isLeaving = ({ metadata }: Restore) =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true;

/** Runs restores one at a time until the signal is aborted. */
export function runRestores(world: World, signal: AbortSignal): Promise<unknown> {
  return Promise.all([
    workOn(world, restores, signal, isNew, (restore) => runRestore(world, restore, signal)),
    workOn(world, restores, signal, isLeaving, (restore) => letGo(world, restore, signal)),
  ]);
}

function change(
  { store, namespace }: World,
  { metadata }: Restore,
  edit: (draft: Restore) => void,
): Restore | undefined {
  return store.update(restores, namespace, metadata.name, edit);
}

/** Deletes the files of a restore that is being deleted; waits while its location cannot be reached. */
async function letGo(world: World, restore: Restore, signal: AbortSignal): Promise<void> {
  const backup = world.store.get(backups, world.namespace, restore.spec.backupName ?? "");
  const location = backup && locationOf(world, backup.spec);
  if (location !== undefined) {
    while (location.status?.phase !== "Available" || storeFailure(world, location, "ListObjectsV2") !== undefined) {
      await world.clock.sleep(step, signal);
      if (locationOf(world, backup?.spec ?? {})?.status?.phase === "Available") break;
    }
    world.objectStore.delete(`${rootOf(location)}restores/${restore.metadata.name}/`);
  }
  change(world, restore, ({ metadata }) => {
    metadata.finalizers = (metadata.finalizers ?? []).filter((name) => name !== finalizer);
  });
}

async function runRestore(world: World, request: Restore, signal: AbortSignal): Promise<void> {
  const restore = start(world, request);
  if (restore?.status?.phase !== "InProgress") return;
  const backup = world.store.get(backups, world.namespace, restore.spec.backupName ?? "");
  const location = backup && locationOf(world, backup.spec);
  if (backup === undefined || location === undefined) return;
  const unreachable = storeFailure(world, location, "GetObject");
  const archive =
    unreachable === undefined ? readArchive(world.objectStore, location, backup.metadata.name) : undefined;
  if (archive === undefined) {
    const reason =
      unreachable ??
      "rpc error: code = Unknown desc = error getting object: NoSuchKey: The specified key does not exist.";
    change(world, restore, (draft) => {
      draft.status = {
        ...draft.status,
        phase: "Failed",
        failureReason: `error downloading backup: ${reason}`,
        completionTimestamp: timestamp(),
      };
    });
    return;
  }
  const log = new Log("restore", `${world.namespace}/${restore.metadata.name}`, world.print);
  log.info("starting restore");
  const items = new RestoredItems({
    world,
    restore,
    backup,
    location,
    archive,
    log,
    volumes: readVolumes(world.objectStore, location, backup.metadata.name),
  });
  await restoreItems(world, restore, location, items, log, signal);
  await finish(world, location, restore, { items, log }, signal);
}

function start(world: World, request: Restore): Restore | undefined {
  return change(world, request, (draft) => {
    prepareRestore(world, draft);
    const problems = restoreProblems(world, draft.spec);
    draft.metadata.finalizers = [...new Set([...(draft.metadata.finalizers ?? []), finalizer])];
    draft.status =
      problems.length > 0
        ? { phase: "FailedValidation", validationErrors: problems }
        : { phase: "InProgress", startTimestamp: timestamp() };
  });
}

async function restoreItems(
  world: World,
  restore: Restore,
  location: BackupStorageLocation,
  items: RestoredItems,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const report = (itemsRestored: number) =>
    change(world, restore, ({ status = {} }) => {
      status.progress = { totalItems: items.total, itemsRestored };
    });
  report(0);
  await world.clock.sleep(step, signal);
  let done = 0;
  for (const item of items.selected()) {
    await items.restore(item, signal);
    done += 1;
    if (done % itemsAStep !== 0) continue;
    report(done);
    await world.clock.sleep(step, signal);
  }
  for (const { pod, volumes } of items.waitingPods) {
    const problems = [];
    for (const volume of volumes) problems.push(await restoreVolume(world, location, volume, signal));
    for (const problem of problems.filter((found) => found !== undefined))
      log.error(`pod volume restore failed: ${problem}`);
    world.kubelet.releaseRestored(pod.metadata);
  }
  report(items.total);
}

async function finish(
  world: World,
  location: BackupStorageLocation,
  restore: Restore,
  { items, log }: { items: RestoredItems; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { errors } = log;
  log.info("restore completed");
  if (isNewer(world)) log.warn(missingGroupSnapshots, { namespace: "cluster" });
  const { warnings } = log;
  const counts = { ...(errors > 0 ? { errors } : {}), ...(warnings > 0 ? { warnings } : {}), hookStatus: {} };
  writeRestore(world, location, restore, { outcomes: items.outcomes, log });
  if (isNewer(world)) {
    change(world, restore, (draft) => {
      draft.status = { ...draft.status, ...counts, phase: errors > 0 ? "FinalizingPartiallyFailed" : "Finalizing" };
    });
    await world.clock.sleep(step, signal);
  }
  change(world, restore, (draft) => {
    const phase = errors > 0 ? "PartiallyFailed" : "Completed";
    draft.status = { ...draft.status, ...counts, phase, completionTimestamp: timestamp() };
  });
}

/** What a server that starts does to restores another one left behind. */
export function failInterruptedRestores(world: World): void {
  for (const restore of world.store.list(restores, world.namespace)) {
    if (restore.status?.phase !== "InProgress") continue;
    change(world, restore, (draft) => {
      const failureReason = `found a restore with status "InProgress" during the server starting, mark it as "Failed"`;
      draft.status = { ...draft.status, phase: "Failed", failureReason, completionTimestamp: timestamp() };
    });
  }
}
