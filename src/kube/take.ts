import { once } from "node:events";
import type { Duplex } from "node:stream";

/** The next bytes of a stream that nobody else reads. Throws when it ends before. */
export async function take(stream: Duplex, count: number): Promise<Buffer> {
  for (;;) {
    const chunk = stream.read(count) as Buffer | null;
    if (chunk !== null && chunk.length === count) return chunk;
    await more(stream);
  }
}

/** Everything up to and with the first occurrence of a mark; what comes behind it stays in the stream. */
export async function takeUntil(stream: Duplex, mark: string, longest: number): Promise<Buffer> {
  let seen = Buffer.alloc(0);
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf(mark);
    if (end >= 0) {
      const rest = seen.subarray(end + mark.length);
      if (rest.length > 0) stream.unshift(rest);
      return seen.subarray(0, end + mark.length);
    }
    if (seen.length > longest) throw new Error("the answer has no end");
    if (chunk === null) await more(stream);
  }
}

async function more(stream: Duplex): Promise<void> {
  const ended = new AbortController();
  const tooEarly = () => ended.abort();
  if (stream.errored) throw stream.errored;
  if (stream.readableEnded || stream.destroyed) throw new Error("EOF");
  stream.once("end", tooEarly).once("close", tooEarly);
  try {
    await once(stream, "readable", { signal: ended.signal });
  } catch (error) {
    if (ended.signal.aborted) throw new Error("EOF");
    throw error;
  } finally {
    stream.off("end", tooEarly).off("close", tooEarly);
  }
}
