import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Failure } from "../core/failure.ts";

/** What is packed tighter than this, beyond the first 64 MiB, was made to fill a disk or a memory: manifests and logs pack about 10 : 1. */
const [mostRatio, freeBytes] = [250, 64 * 1024 * 1024];

/** Each chunk is a turn of a thread and of the event loop: with the usual 16 KiB a large file takes half as long again. */
const chunkSize = 256 * 1024;

/**
 * The content of a gzipped stream, as it arrives. `what` names it in sentences. Throws a Failure with reason Damaged where it is no
 * gzip, ends in the middle, is followed by something else or unpacks to far more than anything real; else what the source throws.
 * Whoever stops reading ends the source.
 */
export async function* unpacked(packed: Readable, what: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize });
  let taken = 0;
  let broken: unknown;
  packed.on("data", (chunk: Buffer) => {
    taken += chunk.length;
  });
  packed.once("error", (error) => {
    broken = error;
  });
  pipeline(packed, gunzip, () => undefined);
  let given = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      given += chunk.length;
      if (given > freeBytes && given > taken * mostRatio)
        throw damaged(what, `${taken} bytes of it unpack to more than ${given}`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (broken !== undefined) throw broken;
    throw damaged(what, reasonOf(error), error);
  } finally {
    gunzip.destroy();
    packed.destroy();
  }
}

export const damaged = (what: string, why: string, cause?: unknown): Failure =>
  new Failure("failed", `${what} is damaged: ${why}`, { reason: "Damaged", cause });

const reasonOf = (error: unknown): string =>
  (error as { code?: string }).code === "Z_BUF_ERROR" ? "it ends in the middle" : "it is not what gzip writes";
