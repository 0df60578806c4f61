import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { batches } from "../../../src/archive/batches.ts";

async function* arriving(chunks: readonly Uint8Array[], failure?: Error): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
  if (failure !== undefined) throw failure;
}

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });

test("the bytes are the same, in pieces of one size but for the last, and a failure comes behind them", async () => {
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 64 }), fc.boolean(), async (parts, size, fails) => {
      const failure = fails ? new Error("broken") : undefined;
      const seen: Buffer[] = [];
      const reading = (async () => {
        for await (const batch of batches(arriving(parts, failure), size)) seen.push(Buffer.from(batch));
      })();
      if (fails) await assert.rejects(reading, failure);
      else await reading;
      assert.deepEqual(Buffer.concat(seen), Buffer.concat(parts));
      assert.ok(seen.slice(0, -1).every(({ length }) => length === size));
      assert.ok(seen.every(({ length }) => length > 0 && length <= size));
    }),
    { numRuns: 300 },
  );
});
