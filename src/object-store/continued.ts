import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, sentenceOf } from "../core/failure.ts";
import { remindCollector } from "../core/remind-collector.ts";
import { mayContinue } from "./store-failure.ts";

/** One answer of the store. */
export interface Part {
  /** Where its first byte lies in the object. */
  readonly from: number;
  /** Of the whole object. */
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly content: Readable;
}

export interface Continuing {
  /** As it is called in sentences, without anything secret. */
  readonly what: string;
  readonly from: number;
  readonly signal: AbortSignal;
  /** Asks for the same object again from a byte on. */
  again(from: number, etag: string | undefined): Promise<Part>;
}

/** A connection that breaks is continued at once, then after longer and longer pauses; bytes that come start that anew. */
const pauses = [0, 500, 2000, 5000];
/** Milliseconds without a byte after which a connection counts as broken. */
const longestSilence = 60_000;

/** The object's bytes from `from` on; where a connection breaks, the rest is asked for, of the same object only. */
export function continued(first: Part, how: Continuing): Readable {
  const bytes = Readable.from(bytesOf(first, how), { highWaterMark: 1 });
  // A reader that leaves before its first byte has not begun the loop that would close this.
  return bytes.once("close", () => first.content.destroy());
}

async function* bytesOf(first: Part, { what, from, signal, again }: Continuing): AsyncGenerator<Buffer> {
  const { size, etag } = first;
  let [part, at, breaks] = [first, from, 0];
  for (;;) {
    try {
      // A store that does not know ranges begins at the beginning.
      let skip = at - part.from;
      for await (const chunk of unlessSilent(part.content)) {
        const rest = skip === 0 ? chunk : chunk.subarray(skip);
        skip -= chunk.length - rest.length;
        if (rest.length === 0) continue;
        at += rest.length;
        breaks = 0;
        remindCollector(rest.length);
        yield rest;
      }
      if (size === undefined || at >= size) return;
      throw Object.assign(new Error("it ended too early"), { code: "ECONNRESET" });
    } catch (error) {
      signal.throwIfAborted();
      part.content.destroy();
      part = await next(error);
    }
  }

  async function next(cause: unknown): Promise<Part> {
    for (let error = cause; ; ) {
      const pause = pauses[breaks++];
      if (!mayContinue(error) || pause === undefined) {
        if (error instanceof Failure && error.reason === "Changed") throw error;
        throw new Failure("failed", `${what} broke off at byte ${at}: ${sentenceOf(error)}`, {
          reason: error instanceof Failure ? (error.reason ?? "Unreachable") : "Unreachable",
          cause: error,
        });
      }
      if (pause > 0) await sleep(pause, undefined, { signal });
      try {
        return await again(at, etag);
      } catch (another) {
        signal.throwIfAborted();
        error = another;
      }
    }
  }
}

/** Ends with an error when nothing comes for too long; a slow reader is not the store's silence. */
async function* unlessSilent(content: Readable): AsyncGenerator<Buffer> {
  let waitingSince: number | undefined;
  const watch = setInterval(() => {
    if (waitingSince === undefined || performance.now() - waitingSince < longestSilence) return;
    content.destroy(Object.assign(new Error(`nothing came for ${longestSilence / 1000}s`), { code: "ETIMEDOUT" }));
  }, longestSilence / 10);
  watch.unref();
  try {
    const chunks = content[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      waitingSince = performance.now();
      const { value, done } = await chunks.next();
      waitingSince = undefined;
      if (done) return;
      yield value;
    }
  } finally {
    clearInterval(watch);
    content.destroy();
  }
}
