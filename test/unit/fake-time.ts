import { syncBuiltinESMExports } from "node:module";
import type { TestContext } from "node:test";
import * as timers from "node:timers/promises";
import { setImmediate as breathe } from "node:timers/promises";

export interface FakeTime {
  /** The milliseconds of each pause, in order. */
  readonly pauses: readonly number[];
  /** What the monotonic clock shows. */
  readonly now: number;
}

/** Pauses end at once and move the monotonic clock on instead: a wait costs nothing, and is still as long as it says. */
export function fakeTime(test: TestContext): FakeTime {
  const time = { pauses: [] as number[], now: 0 };
  const pause = async (milliseconds: number, value: unknown, options?: { signal?: AbortSignal }) => {
    await breathe();
    options?.signal?.throwIfAborted();
    time.pauses.push(milliseconds);
    time.now += milliseconds;
    return value;
  };
  const clock = test.mock.method(performance, "now", () => time.now);
  const sleep = test.mock.method((timers as unknown as { default: typeof timers }).default, "setTimeout", pause);
  // Named imports of a built-in module follow its object only when told to.
  syncBuiltinESMExports();
  test.after(() => {
    clock.mock.restore();
    sleep.mock.restore();
    syncBuiltinESMExports();
  });
  return time;
}
