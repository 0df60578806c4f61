import { setTimeout as sleep } from "node:timers/promises";
import { Failure, mayPass, sentenceOf } from "./failure.ts";

export interface WaitOptions<T> {
  /** Ends the wait. */
  until(value: T): boolean;
  readonly signal: AbortSignal;
  /** Milliseconds to pause after a look, given the milliseconds waited so far. */
  every?(waited: number): number;
  /** Milliseconds after which the wait ends with a timeout failure; no limit when left out. */
  readonly limit?: number | undefined;
  /** Called after each look. */
  onLook?(value: T): void;
  /** Called when the server could not be reached, or could not answer, and the wait goes on. */
  onTrouble?(sentence: string): void;
  /** What is waited for, for the timeout's sentence. */
  readonly what: string;
}

/** A server that does not answer is asked again this long before the wait gives up: a rolling control plane takes about a minute. */
const patience = 120_000;

/** One second at first; after a minute two, since nobody sees the difference and the server does. */
const usualPace = (waited: number) => (waited < 60_000 ? 1000 : 2000);

/** For what a server does in an instant: as long again as was waited, 10 ms at least and 100 at most. */
export const quickPace = (waited: number): number => Math.min(Math.max(waited, 10), 100);

/**
 * Looks at something again and again until it is as wanted. The only loop that waits.
 * Throws what `read` throws, except that a server that does not answer is tried again for two minutes.
 */
export async function waitUntil<T>(read: () => Promise<T>, options: WaitOptions<T>): Promise<T> {
  const start = performance.now();
  let unreachableSince: number | undefined;
  for (;;) {
    options.signal.throwIfAborted();
    const waited = performance.now() - start;
    try {
      const value = await read();
      unreachableSince = undefined;
      options.onLook?.(value);
      if (options.until(value)) return value;
    } catch (error) {
      unreachableSince ??= waited;
      if (!mayPass(error) || waited - unreachableSince > patience) throw error;
      options.onTrouble?.(sentenceOf(error));
    }
    if (options.limit !== undefined && waited >= options.limit) {
      throw new Failure("timeout", `timed out waiting for ${options.what}`);
    }
    const pause = (options.every ?? usualPace)(waited);
    const left = options.limit === undefined ? pause : Math.min(pause, Math.max(options.limit - waited, 1));
    await sleep(left, undefined, { signal: options.signal });
  }
}
