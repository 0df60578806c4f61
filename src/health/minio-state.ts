import { isRecord, listOf } from "../archive/json-file.ts";

/** What MinIO says of its own drives (GET /minio/admin/v3/info, to whoever has its root keys). */
export interface MinioState {
  readonly drives: readonly Drive[];
}

export interface Drive {
  /** http://minio-0.minio-headless:9000/data, or /data alone. */
  readonly endpoint: string;
  /** ok, offline, and what else MinIO says. */
  readonly state: string;
  /** Bytes; undefined where the drive does not tell, as one that is offline. */
  readonly total: number | undefined;
  readonly available: number | undefined;
}

/** Throws for what is no such answer. Older releases call the drives disks. */
export function readMinioState(text: string): MinioState {
  const answer: unknown = JSON.parse(text);
  if (!isRecord(answer) || !Array.isArray(answer["servers"])) throw new Error("MinIO's answer names no servers");
  const drives = listOf(answer["servers"]).flatMap((server) =>
    isRecord(server) ? listOf(server["drives"] ?? server["disks"]) : [],
  );
  return { drives: drives.filter(isRecord).map(driveOf) };
}

function driveOf(drive: Readonly<Record<string, unknown>>): Drive {
  const { endpoint, path, state, totalspace, availspace } = drive;
  return {
    endpoint: String(endpoint ?? path ?? ""),
    state: String(state ?? "unknown"),
    total: typeof totalspace === "number" && totalspace > 0 ? totalspace : undefined,
    available: typeof availspace === "number" ? availspace : undefined,
  };
}
