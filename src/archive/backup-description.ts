import { readValue, type Section, section } from "../core/section.ts";
import type { Cluster } from "../kube/cluster.ts";
import { volumesOf } from "../velero/follow.ts";
import { deleteRequests, restores } from "../velero/kinds.ts";
import { labelValue } from "../velero/names.ts";
import { isFinished } from "../velero/phases.ts";
import type { Backup, DeleteBackupRequest, Restore, VolumeTransfer } from "../velero/types.ts";
import type { Archive } from "./archive.ts";
import { type ItemOperation, readItemOperations } from "./item-operations.ts";
import { type ListedResource, readResourceList } from "./resource-list.ts";
import { type GroupedResults, readResults } from "./results.ts";
import { complaints, hasFiles } from "./run-files.ts";
import { readCsiSnapshots, readNativeSnapshots } from "./snapshots.ts";
import { mergeVolumes, readVolumeInfos, type Volume } from "./volume-infos.ts";

/** What is known about a backup. A section that is undefined was not asked: it would hold nothing. */
export interface BackupDescription {
  readonly object: Backup;
  readonly bucket?: Section<Stored>;
  readonly results?: Section<GroupedResults>;
  readonly volumes: Volumes;
  readonly operations?: Section<readonly ItemOperation[]>;
  /** Only with details. */
  readonly resources?: Section<readonly ListedResource[]>;
  readonly restores: Section<readonly Restore[]>;
  readonly deletions: Section<readonly DeleteBackupRequest[]>;
}

export interface Stored {
  readonly files: number;
  /** Bytes of all its files, without the data of volumes. */
  readonly bytes: number;
}

/** From two sources, either of which may be closed. */
export interface Volumes {
  readonly known: readonly Volume[];
  /** Why there may be more: one sentence for each source that could not be read. */
  readonly unread: readonly string[];
}

export interface Sources {
  readonly cluster: Cluster;
  readonly archive: Archive;
  readonly signal: AbortSignal;
  readonly details: boolean;
}

export const notStored = "this version of Velero stored none";

/** Gathers everything side by side. Throws only when the user gave up. */
export async function describeBackup(object: Backup, sources: Sources): Promise<BackupDescription> {
  const { cluster, archive, signal, details } = sources;
  const { name, namespace = "" } = object.metadata;
  const files = hasFiles(object);
  const ask = async <T>(when: boolean, make: () => Promise<T>, missing?: string): Promise<Section<T> | undefined> =>
    when ? section(signal, make, missing) : undefined;
  const operations = (object.status?.backupItemOperationsAttempted ?? 0) > 0;
  const labelSelector = `velero.io/backup-name=${labelValue(name)}`;
  const [bucket, results, volumes, itemOperations, resources, made, deletions] = await Promise.all([
    ask(files && isFinished(object), () => storedSize(archive, name)),
    ask(files && complaints(object) > 0, () => readResults(archive, "backup", name), notStored),
    backupVolumes(object, files, sources),
    ask(files && operations, () => readItemOperations(archive, "backup", name), notStored),
    ask(files && details, () => readResourceList(archive, "backup", name), notStored),
    section(signal, async () => restoresOf(await cluster.list(restores, { namespace, signal }), name)),
    section(signal, () => cluster.list(deleteRequests, { namespace, labelSelector, signal })),
  ]);
  return {
    object,
    ...(bucket === undefined ? {} : { bucket }),
    ...(results === undefined ? {} : { results }),
    volumes,
    ...(itemOperations === undefined ? {} : { operations: itemOperations }),
    ...(resources === undefined ? {} : { resources }),
    restores: made,
    deletions,
  };
}

async function storedSize(archive: Archive, name: string): Promise<Stored> {
  const entries = await archive.entries("backup", name);
  return { files: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) };
}

const restoresOf = (all: readonly Restore[], backup: string): Restore[] =>
  all.filter(({ spec }) => spec?.backupName === backup);

async function backupVolumes(object: Backup, files: boolean, { cluster, archive, signal }: Sources): Promise<Volumes> {
  const { name, namespace = "" } = object.metadata;
  const [stored, transfers] = await Promise.all([
    files ? section(signal, () => readVolumeInfos(archive, "backup", name), notStored) : undefined,
    section(signal, () => volumesOf(cluster, "Backup", { namespace, name }, signal)),
  ]);
  const older = stored?.state === "missing" ? await olderSnapshots(object, archive, signal) : [];
  return joined([stored, ...older], transfers, "podvolumebackups.velero.io and datauploads.velero.io");
}

/** Where there are no volume infos, snapshots have files of their own. */
function olderSnapshots({ metadata, status }: Backup, archive: Archive, signal: AbortSignal) {
  const { volumeSnapshotsAttempted = 0, csiVolumeSnapshotsAttempted = 0 } = status ?? {};
  const reads = [
    ...(volumeSnapshotsAttempted > 0 ? [() => readNativeSnapshots(archive, metadata.name)] : []),
    ...(csiVolumeSnapshotsAttempted > 0 ? [() => readCsiSnapshots(archive, metadata.name)] : []),
  ];
  return Promise.all(reads.map((make) => section(signal, make, notStored)));
}

/** The volumes of files and objects together, with why some may be missing. `transfers` holds undefined where listing is forbidden. */
export function joined(
  stored: readonly (Section<readonly Volume[]> | undefined)[],
  transfers: Section<readonly VolumeTransfer[] | undefined>,
  kinds: string,
): Volumes {
  const infos = stored.flatMap((part) => readValue(part) ?? []);
  const unread = [...stored, transfers].flatMap((part) => (part?.state === "unread" ? [part.reason] : []));
  const hidden = transfers.state === "read" && transfers.value === undefined ? [`you may not list ${kinds}`] : [];
  return { known: mergeVolumes(infos, readValue(transfers) ?? []), unread: [...new Set([...unread, ...hidden])] };
}
