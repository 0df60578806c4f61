import type { VolumeTransfer } from "../velero/types.ts";
import type { Archive } from "./archive.ts";
import { isRecord, listOf, readJson } from "./json-file.ts";

/** One volume of a backup or a restore, from Velero's file about it, from the object that moves it, or from both. */
export interface Volume {
  /** Of the object that moves it. */
  readonly object?: string;
  /** NativeSnapshot, PodVolumeBackup, CSISnapshot, PodVolumeRestore; undefined for one that was skipped. */
  readonly method?: string;
  /** A snapshot's data went on into the bucket. */
  readonly dataMoved: boolean;
  readonly claim?: { readonly namespace: string; readonly name: string };
  readonly persistentVolume?: string;
  readonly pod?: { readonly namespace: string; readonly name: string; readonly volume: string };
  readonly skipped: boolean;
  readonly skippedReason?: string;
  /** The server's phase for it: Completed, Failed, InProgress, …; undefined where neither says. */
  readonly phase?: string;
  readonly message?: string;
  /** RFC 3339. */
  readonly started?: string;
  readonly completed?: string;
  readonly bytes?: number;
  /** What had to be moved, the rest was there from an earlier backup. */
  readonly incrementalBytes?: number;
  readonly bytesDone?: number;
  readonly node?: string;
  readonly uploader?: string;
  readonly snapshot?: string;
  readonly operation?: string;
  readonly driver?: string;
  readonly volumeType?: string;
  readonly zone?: string;
  readonly iops?: string;
  readonly dataMover?: string;
  readonly snapshotContent?: string;
  readonly reclaimPolicy?: string;
}

/** The volumes that Velero's file lists. NotFound before Velero 1.13 (restores: 1.14). */
export async function readVolumeInfos(archive: Archive, type: "backup" | "restore", name: string): Promise<Volume[]> {
  const kind = type === "backup" ? "BackupVolumeInfos" : "RestoreVolumeInfo";
  return volumeInfos(await readJson(archive, { kind, name }));
}

export const volumeInfos = (document: unknown): Volume[] => listOf(document).filter(isRecord).map(volumeOf);

type Fields = Readonly<Record<string, unknown>>;

function volumeOf(info: Fields): Volume {
  const [csi, moved, native] = [
    fields(info["csiSnapshotInfo"]),
    fields(info["snapshotDataMovementInfo"]),
    fields(info["nativeSnapshotInfo"]),
  ];
  const pod = fields(info["pvbInfo"] ?? info["pvrInfo"]);
  // Some versions write the parts of other methods too, empty.
  const own = [moved, pod, csi, native];
  const text = (key: string) => own.map((part) => textOf(part[key])).find((value) => value !== undefined);
  const number = (key: string) => own.map((part) => part[key]).find((value) => typeof value === "number" && value > 0);
  const skipped = info["skipped"] === true;
  return defined({
    method: textOf(info["backupMethod"] ?? info["restoreMethod"]),
    dataMoved: info["snapshotDataMoved"] === true,
    claim: claimOf(textOf(info["pvcNamespace"]), textOf(info["pvcName"])),
    persistentVolume: textOf(info["pvName"]),
    pod: podOf(textOf(pod["podNamespace"]), textOf(pod["podName"]), textOf(pod["volumeName"])),
    skipped,
    skippedReason: textOf(info["skippedReason"]),
    phase: skipped ? undefined : (text("Phase") ?? phaseOfResult(info["result"])),
    started: textOf(info["startTimestamp"]),
    completed: textOf(info["completionTimestamp"]),
    bytes: number("size") as number | undefined,
    incrementalBytes: number("incrementalSize") as number | undefined,
    node: textOf(pod["nodeName"]),
    uploader: text("uploaderType"),
    snapshot: text("snapshotHandle"),
    operation: text("operationID"),
    driver: textOf(csi["driver"]),
    volumeType: textOf(native["volumeType"]),
    zone: textOf(native["volumeAZ"]),
    iops: textOf(native["iops"]),
    dataMover: textOf(moved["dataMover"]),
    snapshotContent: textOf(csi["vscName"]),
    reclaimPolicy: textOf(fields(info["pvInfo"])["reclaimPolicy"]),
  });
}

const fields = (value: unknown): Fields => (isRecord(value) ? value : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function phaseOfResult(result: unknown): string | undefined {
  if (result === "succeeded") return "Completed";
  return result === "failed" ? "Failed" : undefined;
}

const claimOf = (namespace: string | undefined, name: string | undefined): Volume["claim"] =>
  name === undefined ? undefined : { namespace: namespace ?? "", name };

const podOf = (namespace: string | undefined, name: string | undefined, volume: string | undefined): Volume["pod"] =>
  name === undefined ? undefined : { namespace: namespace ?? "", name, volume: volume ?? "" };

/** The same without the keys that have no value. */
const defined = <T extends object>(object: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;

/** A PodVolumeBackup, PodVolumeRestore, DataUpload or DataDownload as a volume. */
export function volumeOfTransfer({ kind, spec, status, metadata }: VolumeTransfer): Volume {
  const dataMoved = kind === "DataUpload" || kind === "DataDownload" || spec?.sourcePVC !== undefined;
  const isRestore = kind === "PodVolumeRestore" || kind === "DataDownload";
  return defined({
    object: metadata.name,
    method: dataMoved ? "CSISnapshot" : isRestore ? "PodVolumeRestore" : "PodVolumeBackup",
    dataMoved,
    claim:
      spec?.sourcePVC === undefined
        ? claimOf(spec?.targetVolume?.namespace, spec?.targetVolume?.pvc)
        : claimOf(spec.sourceNamespace, spec.sourcePVC),
    persistentVolume: spec?.targetVolume?.pv,
    pod: podOf(spec?.pod?.namespace, spec?.pod?.name, spec?.volume),
    skipped: false,
    phase: status?.phase || "New",
    message: status?.message || undefined,
    started: status?.startTimestamp,
    completed: status?.completionTimestamp,
    bytes: status?.progress?.totalBytes,
    incrementalBytes: status?.incrementalBytes,
    bytesDone: status?.progress?.bytesDone,
    node: spec?.node ?? status?.node,
    uploader: spec?.uploaderType,
    snapshot: status?.snapshotID ?? spec?.snapshotID,
    operation: metadata.labels?.["velero.io/async-operation-id"],
  });
}

/** What the file and the objects say, one entry per volume: an object knows messages and what is under way. */
export function mergeVolumes(stored: readonly Volume[], transfers: readonly VolumeTransfer[]): Volume[] {
  const live = transfers.map(volumeOfTransfer);
  const used = new Set<Volume>();
  const merged = stored.map((volume) => {
    const same = live.find((one) => !used.has(one) && isSame(volume, one));
    if (same === undefined) return volume;
    used.add(same);
    const { method: _, ...told } = same;
    return { ...told, ...volume, ...(same.phase === undefined ? {} : { phase: same.phase }) };
  });
  return [...merged, ...live.filter((one) => !used.has(one))];
}

function isSame(a: Volume, b: Volume): boolean {
  if (a.operation !== undefined && b.operation !== undefined) return a.operation === b.operation;
  if (a.pod !== undefined && b.pod !== undefined)
    return a.pod.namespace === b.pod.namespace && a.pod.name === b.pod.name && a.pod.volume === b.pod.volume;
  return (
    a.dataMoved === b.dataMoved &&
    a.claim !== undefined &&
    a.claim.name === b.claim?.name &&
    a.claim.namespace === b.claim.namespace
  );
}
