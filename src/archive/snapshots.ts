import type { Archive } from "./archive.ts";
import { isRecord, listOf, readJson } from "./json-file.ts";
import type { Volume } from "./volume-infos.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Snapshots that a cloud's own plugin took. Velero from 1.13 on tells them in its volume infos too. */
export async function readNativeSnapshots(archive: Archive, name: string): Promise<Volume[]> {
  return nativeSnapshots(await readJson(archive, { kind: "BackupVolumeSnapshots", name }));
}

/** Snapshots of CSI drivers, as Velero until 1.16 stored them. */
export async function readCsiSnapshots(archive: Archive, name: string): Promise<Volume[]> {
  return csiSnapshots(await readJson(archive, { kind: "CSIBackupVolumeSnapshots", name }));
}

export function nativeSnapshots(document: unknown): Volume[] {
  return listOf(document)
    .filter(isRecord)
    .map((entry) => {
      const [spec, status] = [fields(entry["spec"]), fields(entry["status"])];
      return {
        method: "NativeSnapshot",
        dataMoved: false,
        skipped: false,
        ...text("persistentVolume", spec["persistentVolumeName"]),
        ...text("volumeType", spec["volumeType"]),
        ...text("zone", spec["volumeAZ"]),
        ...text("iops", spec["volumeIOPS"]),
        ...text("snapshot", status["providerSnapshotID"]),
        ...text("phase", status["phase"]),
      };
    });
}

export function csiSnapshots(document: unknown): Volume[] {
  return listOf(document)
    .filter(isRecord)
    .map((entry) => {
      const [metadata, spec, status] = [fields(entry["metadata"]), fields(entry["spec"]), fields(entry["status"])];
      const claim = fields(spec["source"])["persistentVolumeClaimName"];
      const namespace = metadata["namespace"];
      const content = status["boundVolumeSnapshotContentName"];
      return {
        method: "CSISnapshot",
        dataMoved: false,
        skipped: false,
        ...(typeof claim === "string"
          ? { claim: { namespace: typeof namespace === "string" ? namespace : "", name: claim } }
          : {}),
        ...text("snapshot", metadata["name"]),
        ...text("snapshotContent", content),
        phase:
          status["readyToUse"] === true ? "Completed" : fields(status["error"])["message"] ? "Failed" : "InProgress",
        ...text("message", fields(status["error"])["message"]),
      };
    });
}

const fields = (value: unknown): Fields => (isRecord(value) ? value : {});
const text = <Key extends string>(key: Key, value: unknown): { [K in Key]?: string } =>
  (typeof value === "string" && value !== "" ? { [key]: value } : {}) as { [K in Key]?: string };
