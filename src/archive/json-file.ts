import { Failure } from "../core/failure.ts";
import type { Archive } from "./archive.ts";
import { pathOf, type StoredFile } from "./stored-file.ts";

/** The most that a packed file may unpack to, in bytes. */
const mostBytes = 256 * 1024 * 1024;

/** Reads one of Velero's JSON files. Null where the file says null. Throws what the archive throws, or that the file is damaged. */
export async function readJson(archive: Archive, file: StoredFile): Promise<unknown> {
  return unpackJson(await archive.read(file), pathOf(file));
}

/** Unpacks JSON, gzipped or plain; `what` names it when it is damaged. */
export async function unpackJson(packed: Buffer, what: string): Promise<unknown> {
  const { gunzipSync } = await import("node:zlib");
  try {
    const isPacked = packed[0] === 0x1f && packed[1] === 0x8b;
    const text = isPacked ? gunzipSync(packed, { maxOutputLength: mostBytes }) : packed;
    return JSON.parse(text.toString("utf8")) as unknown;
  } catch (cause) {
    throw new Failure("failed", `${what} is damaged: ${reasonOf(cause)}`, { reason: "Damaged", cause });
  }
}

function reasonOf(cause: unknown): string {
  const { code } = cause as { code?: string };
  if (code === "ERR_BUFFER_TOO_LARGE") return `it unpacks to more than ${mostBytes >> 20} MiB`;
  if (code === "Z_BUF_ERROR") return "it ends in the middle";
  return code === undefined ? "it is not JSON" : "it is not what gzip writes";
}

/** Narrowing for what came out of a file that may have been written by anybody. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The entries of a list; none where the file says null or something else. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
