import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { globMatcher } from "../../../src/core/glob.ts";
import { sideBySide } from "../../../src/core/side-by-side.ts";

test("work goes on side by side, no more of it than allowed, and keeps the order", async () => {
  let [running, peak] = [0, 0];
  const results = await sideBySide([5, 1, 4, 2, 3, 0], 3, async (turns) => {
    running += 1;
    peak = Math.max(peak, running);
    for (let left = turns; left >= 0; left -= 1) await turn();
    running -= 1;
    return turns * 10;
  });
  assert.deepEqual(results, [50, 10, 40, 20, 30, 0]);
  assert.equal(peak, 3);
});

test("after an error nothing more is begun", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await turn();
    if (item === 1) throw new Error("broken");
  };
  await assert.rejects(sideBySide([0, 1, 2, 3, 4, 5, 6], 2, work), /broken/);
  await turn();
  assert.ok(begun.length <= 4, String(begun));
});

test("a glob means any characters by * and one by ?, and nothing else", () => {
  const web = globMatcher("web-*");
  assert.ok(web("web-1") && web("web-") && !web("web") && !web("a-web-1"));
  assert.ok(globMatcher("we?")("web") && !globMatcher("we?")("we"));
  assert.ok(globMatcher("a.b*")("a.bc") && !globMatcher("a.b*")("axbc"));
  assert.ok(globMatcher("x")("x") && !globMatcher("x")("xx"));
});
