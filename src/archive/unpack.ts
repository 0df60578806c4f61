import { pipeline, type Readable } from "node:stream";
import { createGunzip, type Gunzip } from "node:zlib";
import { Failure } from "../core/failure.ts";
import { remindCollector } from "../core/remind-collector.ts";

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
  let broken: unknown;
  packed.once("error", (error) => {
    broken = error;
  });
  pipeline(packed, gunzip, () => undefined);
  try {
    yield* contentOf(gunzip, what);
  } catch (error) {
    throw broken ?? error;
  } finally {
    packed.destroy();
  }
}

/** The same for a stream that goes elsewhere too. */
export interface Unpacker {
  readonly content: AsyncGenerator<Buffer>;
  /** Resolves when the bytes are not needed any more; never, once the content has ended or failed. */
  write(bytes: Buffer): Promise<void>;
  end(): void;
  stop(): void;
}

export function openUnpacker(what: string): Unpacker {
  const gunzip = createGunzip({ chunkSize });
  return {
    content: contentOf(gunzip, what),
    write: (bytes) => new Promise((resolve) => gunzip.write(bytes, (error) => (error ? undefined : resolve()))),
    end: () => gunzip.end(),
    stop: () => gunzip.destroy(),
  };
}

async function* contentOf(gunzip: Gunzip, what: string): AsyncGenerator<Buffer> {
  let given = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      given += chunk.length;
      const taken = gunzip.bytesWritten;
      if (given > freeBytes && given > taken * mostRatio)
        throw damaged(what, `${taken} bytes of it unpack to more than ${given}`);
      remindCollector(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Failure ? error : damaged(what, reasonOf(error), error);
  } finally {
    gunzip.destroy();
  }
}

export const damaged = (what: string, why: string, cause?: unknown): Failure =>
  new Failure("failed", `${what} is damaged: ${why}`, { reason: "Damaged", cause });

const reasonOf = (error: unknown): string =>
  (error as { code?: string }).code === "Z_BUF_ERROR" ? "it ends in the middle" : "it is not what gzip writes";
