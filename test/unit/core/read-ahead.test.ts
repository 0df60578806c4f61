import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { readAhead } from "../../../src/core/read-ahead.ts";

test("the first part is asked for at once, and each next one while the last is used", async () => {
  const log: string[] = [];
  async function* source() {
    for (const part of [1, 2, 3]) {
      log.push(`asked ${part}`);
      yield part;
    }
  }
  const parts = readAhead(source());
  await setImmediate();
  assert.deepEqual(log, ["asked 1"]);
  for await (const part of parts) {
    await setImmediate();
    log.push(`used ${part}`);
  }
  assert.deepEqual(log, ["asked 1", "asked 2", "used 1", "asked 3", "used 2", "used 3"]);
});

test("an error comes when it is its turn, and disturbs nobody before, or when nobody reads", async () => {
  async function* source() {
    yield 1;
    throw new Error("lost");
  }
  const seen: number[] = [];
  const reading = (async () => {
    for await (const part of readAhead(source())) {
      await setImmediate();
      seen.push(part);
    }
  })();
  await assert.rejects(reading, /lost/);
  assert.deepEqual(seen, [1]);
  readAhead({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("unheard")) }),
  });
  await setImmediate();
});
