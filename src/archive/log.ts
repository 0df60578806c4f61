import { once } from "node:events";
import type { Readable } from "node:stream";
import { Failure } from "../core/failure.ts";
import { linesOf } from "../core/lines.ts";
import type { StoredObject } from "../object-store/object-store.ts";
import { pathOf, type StoredFile } from "./stored-file.ts";

/** The most that a log may unpack to, in bytes: far above any log, and the end of a file that was made to have none. */
const mostBytes = 16 * 1024 ** 3;

/** The lines of a stored log in batches, as they come. Throws that the file is damaged after the lines before the damage. */
export async function* storedLines({ content }: StoredObject, file: StoredFile): AsyncGenerator<string[]> {
  try {
    yield* linesOf(unpacked(content, file));
  } finally {
    content.destroy();
  }
}

/** Unpacks gzip, and leaves as it is what some stores have unpacked already. */
async function* unpacked(content: Readable, file: StoredFile): AsyncGenerator<Buffer> {
  const source = content[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await source.next();
  if (first.done) return;
  const bytes = joined(first.value, source);
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* gunzipped(bytes, file);
  else yield* bytes;
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

async function* gunzipped(packed: AsyncIterable<Buffer>, file: StoredFile): AsyncGenerator<Buffer> {
  const { constants, createGunzip } = await import("node:zlib");
  // What was unpacked before the file ends too early is shown too; that it did is told by its last bytes.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  let broken: unknown;
  let tail = Buffer.alloc(0);
  let size = 0;
  const feed = async () => {
    for await (const chunk of packed) {
      tail = Buffer.concat([tail, chunk.subarray(-4)]).subarray(-4);
      if (!gunzip.write(chunk)) await Promise.race([once(gunzip, "drain"), once(gunzip, "close")]);
      if (gunzip.destroyed) return;
    }
  };
  feed()
    .catch((error: unknown) => {
      broken = error;
    })
    .finally(() => gunzip.end());
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostBytes) throw damaged(file, `it unpacks to more than ${mostBytes / 1024 ** 3} GiB`);
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw damaged(file, "it is not what gzip writes", cause);
  } finally {
    gunzip.destroy();
  }
  if (broken !== undefined) throw broken;
  // The length is what gzip writes last.
  if (tail.length < 4 || tail.readUInt32LE() !== size % 2 ** 32) throw damaged(file, "it ends in the middle");
}

const damaged = (file: StoredFile, why: string, cause?: unknown): Failure =>
  new Failure("failed", `${pathOf(file)} is damaged: ${why}`, { reason: "Damaged", cause });
