import { Failure, hasReason } from "../core/failure.ts";
import type { KubeObject, ResourceKind } from "../core/resource.ts";
import { waitUntil } from "../core/wait.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backups, dataDownloads, dataUploads, podVolumeBackups, podVolumeRestores, restores } from "./kinds.ts";
import { labelValue } from "./names.ts";
import { isFinished, isRunning, phaseOf } from "./phases.ts";
import type { Backup, Restore, VolumeTransfer } from "./types.ts";

/** Where a run stands: raw numbers, for whoever shows them. */
export interface RunProgress {
  readonly kind: "Backup" | "Restore";
  readonly name: string;
  readonly phase: string;
  /** Absent until the server has counted them. */
  readonly items?: { readonly done: number; readonly total: number };
  readonly volumes?: VolumeProgress;
  /** Place in the server's queue, 1 = next. */
  readonly queuePosition?: number;
  /** Something the user should know while waiting: an unreachable server. */
  readonly trouble?: string;
}

export interface VolumeProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** Bytes of the volumes whose size is known. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Milliseconds; no limit when left out. */
  readonly limit?: number | undefined;
  onProgress(progress: RunProgress): void;
}

/** A finished run with its volumes. `volumes` is undefined when the user may not list them. */
export interface FinishedRun<T> {
  readonly object: T;
  readonly volumes: readonly VolumeTransfer[] | undefined;
}

interface RunKind<T extends KubeObject> {
  readonly kind: ResourceKind<T>;
  readonly label: string;
  readonly transfers: readonly ResourceKind<VolumeTransfer>[];
  items(object: T): RunProgress["items"];
}

const backupRun: RunKind<Backup> = {
  kind: backups,
  label: "velero.io/backup-name",
  transfers: [podVolumeBackups, dataUploads],
  items: ({ status }) => counted(status?.progress?.itemsBackedUp, status?.progress?.totalItems),
};

const restoreRun: RunKind<Restore> = {
  kind: restores,
  label: "velero.io/restore-name",
  transfers: [podVolumeRestores, dataDownloads],
  items: ({ status }) => counted(status?.progress?.itemsRestored, status?.progress?.totalItems),
};

/** Follows a Backup to its end. Throws when it vanishes or is being deleted, and on the limit (kind timeout). */
export const followBackup = (cluster: Cluster, namespace: string, name: string, options: FollowOptions) =>
  follow(cluster, backupRun, namespace, name, options);

/** Follows a Restore to its end, as followBackup does. */
export const followRestore = (cluster: Cluster, namespace: string, name: string, options: FollowOptions) =>
  follow(cluster, restoreRun, namespace, name, options);

/** The volumes of a run; undefined when the user may not list them. Kinds that an older Velero lacks count as none. */
export async function volumesOf(
  cluster: Cluster,
  object: "Backup" | "Restore",
  reference: { namespace: string; name: string },
  signal?: AbortSignal,
): Promise<VolumeTransfer[] | undefined> {
  const run = object === "Backup" ? backupRun : restoreRun;
  const labelSelector = `${run.label}=${labelValue(reference.name)}`;
  const lists = await Promise.all(
    run.transfers.map((kind) =>
      cluster.list(kind, { namespace: reference.namespace, labelSelector, signal }).catch((error: unknown) => {
        if (hasReason(error, "NoSuchKind")) return [];
        if (hasReason(error, "Forbidden")) return undefined;
        throw error;
      }),
    ),
  );
  const seen = lists.filter((list) => list !== undefined);
  return seen.length === 0 ? undefined : seen.flat();
}

async function follow<T extends Backup | Restore>(
  cluster: Cluster,
  run: RunKind<T>,
  namespace: string,
  name: string,
  { signal, limit, onProgress }: FollowOptions,
): Promise<FinishedRun<T>> {
  const word = run.kind.kind as "Backup" | "Restore";
  let last: RunProgress = { kind: word, name, phase: "New" };
  const look = async (): Promise<FinishedRun<T>> => {
    const object = await cluster.get(run.kind, { namespace, name }, signal).catch((error: unknown) => {
      throw hasReason(error, "NotFound") ? vanished(word, name) : error;
    });
    if (phaseOf(object) === "Deleting" || object.metadata.deletionTimestamp !== undefined) throw vanished(word, name);
    const begun = isRunning(object) || isFinished(object);
    return { object, volumes: begun ? await volumesOf(cluster, word, { namespace, name }, signal) : undefined };
  };
  return waitUntil(look, {
    until: ({ object }) => isFinished(object),
    onLook: ({ object, volumes }) => {
      last = progressOf(word, run.items(object), object, volumes);
      onProgress(last);
    },
    onTrouble: (trouble) => onProgress({ ...last, trouble }),
    signal,
    limit,
    what: `${word} ${name} to finish`,
  });
}

function progressOf(
  kind: "Backup" | "Restore",
  items: RunProgress["items"],
  object: Backup | Restore,
  volumes: readonly VolumeTransfer[] | undefined,
): RunProgress {
  const position =
    object.status !== undefined && "queuePosition" in object.status ? object.status.queuePosition : undefined;
  return {
    kind,
    name: object.metadata.name,
    phase: phaseOf(object),
    ...(items === undefined ? {} : { items }),
    ...(volumes === undefined || volumes.length === 0 ? {} : { volumes: volumeProgress(volumes) }),
    ...(position === undefined || position === 0 ? {} : { queuePosition: position }),
  };
}

/** Adds the volumes up. */
export function volumeProgress(volumes: readonly VolumeTransfer[]): VolumeProgress {
  const inPhase = (...phases: string[]) => volumes.filter((volume) => phases.includes(phaseOf(volume))).length;
  const sum = (field: "bytesDone" | "totalBytes") =>
    volumes.reduce((total, { status }) => total + (status?.progress?.[field] ?? 0), 0);
  return {
    done: inPhase("Completed"),
    failed: inPhase("Failed", "Canceled"),
    total: volumes.length,
    bytesDone: sum("bytesDone"),
    bytesTotal: sum("totalBytes"),
  };
}

function counted(done: number | undefined, total: number | undefined): RunProgress["items"] {
  return total === undefined ? undefined : { done: done ?? 0, total };
}

const vanished = (word: string, name: string) =>
  new Failure("failed", `${word} ${name} was deleted while it was waited for`, {
    next: [`kubectl mkebackup list ${word.toLowerCase()}s`],
  });
