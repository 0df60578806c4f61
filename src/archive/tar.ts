// The one door to modern-tar.
import { Readable } from "node:stream";
import type { ReadableStream, WritableStream } from "node:stream/web";
import { createTarDecoder } from "modern-tar";
import { Failure } from "../core/failure.ts";
import { safePath } from "./tar-path.ts";
import { damaged } from "./unpack.ts";

export interface TarEntry {
  /** Relative, with slashes, without `.` and `..`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Its content; may be asked for until the next entry is. */
  read(): Promise<Buffer>;
}

/** No manifest is larger: etcd takes 1.5 MiB. */
const mostBytes = 32 * 1024 * 1024;
const mostEntries = 5_000_000;

/**
 * The files of a tar archive, as they arrive; content that nobody reads is passed over. Throws a Failure with reason Damaged for
 * what is no whole tar archive, holds anything but files and folders, or names a place outside of itself.
 */
export async function* tarEntries(content: AsyncIterable<Buffer>, what: string): AsyncGenerator<TarEntry> {
  const source = Readable.toWeb(Readable.from(content, { objectMode: false })) as ReadableStream<Uint8Array>;
  const { readable, writable } = createTarDecoder({ strict: true }) as unknown as Decoder;
  const reader = source.pipeThrough({ readable, writable }).getReader();
  let count = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw explained(error, what);
      });
      if (done) return;
      const { header, body } = value;
      count += 1;
      if (count > mostEntries) throw damaged(what, `it holds more than ${mostEntries} files`);
      let opened = false;
      if (header.type === undefined || header.type === "file") {
        yield {
          path: safePath(header.name, what),
          size: header.size,
          read: () => {
            opened = true;
            return contentOf(body, header.size, `${header.name} in ${what}`);
          },
        };
      } else if (header.type !== "directory") throw damaged(what, `${header.name} is a ${header.type}`);
      // Read to its end: the decoder can stand still for good behind a body that is cancelled.
      if (!opened) for await (const _ of body);
    }
  } finally {
    // Not waited for: it waits for the source, which may wait for bytes that nobody needs any more.
    reader.cancel().catch(() => undefined);
  }
}

interface Decoder {
  readonly readable: ReadableStream<{
    readonly header: { readonly name: string; readonly size: number; readonly type?: string };
    readonly body: ReadableStream<Uint8Array>;
  }>;
  readonly writable: WritableStream<Uint8Array>;
}

async function contentOf(body: ReadableStream<Uint8Array>, size: number, what: string): Promise<Buffer> {
  if (size > mostBytes) throw damaged(what, `it is larger than ${mostBytes >> 20} MiB`);
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    throw explained(error, what);
  }
}

/** The decoder's own errors are about the archive; a Failure is about the way to it. */
function explained(error: unknown, what: string): unknown {
  if (error instanceof Failure) return error;
  const { name = "", message = String(error) } = error as { name?: string; message?: string };
  if (name === "AbortError") return error;
  return damaged(what, /truncated/i.test(message) ? "it ends in the middle" : "it is not a tar archive", error);
}
