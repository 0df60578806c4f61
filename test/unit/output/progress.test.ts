import assert from "node:assert/strict";
import { test } from "node:test";
import { openProgress } from "../../../src/output/progress.ts";
import type { RunProgress } from "../../../src/velero/follow.ts";

const start = Date.parse("2026-11-24T09:00:00.500Z");
const mebi = 1024 ** 2;

/** What was written after showing each progress at its second. */
function written(...shown: readonly (readonly [second: number, progress: Partial<RunProgress>])[]): string[] {
  const lines: string[] = [];
  let at = start;
  const progress = openProgress({ write: (text) => lines.push(text) }, { animate: false, now: () => new Date(at) });
  for (const [second, own] of shown) {
    at = start + second * 1000;
    progress.show({ kind: "Backup", name: "b1", phase: "InProgress", ...own });
  }
  progress.end();
  return lines;
}
const volumes = (bytesDone: number, bytesTotal: number, done = 0, failed = 0) => ({
  volumes: { done, failed, total: 2, bytesDone, bytesTotal },
});

test("without a terminal each change of phase is a line with its time in UTC", () => {
  assert.deepEqual(written([0, { phase: "New" }], [1, { phase: "InProgress" }], [9, { phase: "Completed" }]), [
    "2026-11-24T09:00:00Z  b1  New  0s\n",
    "2026-11-24T09:00:01Z  b1  InProgress  1s\n",
    "2026-11-24T09:00:09Z  b1  Completed  9s\n",
  ]);
});

test("what does not change is told once a minute, with the latest numbers", () => {
  const looks = Array.from({ length: 130 }, (_, second) => [second, { items: { done: second, total: 200 } }] as const);
  assert.deepEqual(written(...looks), [
    "2026-11-24T09:00:00Z  b1  InProgress  0/200 items  0s\n",
    "2026-11-24T09:01:00Z  b1  InProgress  60/200 items  1m\n",
    "2026-11-24T09:02:00Z  b1  InProgress  120/200 items  2m\n",
  ]);
});

test("a line about a change moves the next minute's line", () => {
  const lines = written(
    [0, {}],
    [50, { phase: "Finalizing" }],
    [61, { phase: "Finalizing" }],
    [110, { phase: "Finalizing" }],
  );
  assert.deepEqual(
    lines.map((line) => line.slice(11, 20)),
    ["09:00:00Z", "09:00:50Z", "09:01:50Z"],
  );
});

test("trouble is told when it comes and when it goes", () => {
  const trouble = "no answer from the server";
  const lines = written([0, {}], [1, { trouble }], [2, { trouble }], [3, {}]);
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? "", /\(no answer from the server; trying again\)$/m);
  assert.doesNotMatch(lines[2] ?? "", /trying again/);
});

test("a volume that ends or fails is a change", () => {
  const lines = written([0, volumes(0, 0)], [1, volumes(0, 0, 1)], [2, volumes(0, 0, 1, 1)]);
  assert.deepEqual(
    lines.map((line) => /\d\/\d volumes[^ ]*( \d failed)?/.exec(line)?.[0]),
    ["0/2 volumes", "1/2 volumes", "1/2 volumes, 1 failed"],
  );
});

test("the place in the queue is told", () => {
  assert.match(written([0, { phase: "Queued", queuePosition: 2 }])[0] ?? "", /Queued {2}place 2 in the queue/);
});

test("rate and time left come from the bytes of the last half minute", () => {
  const lines = written(
    [0, volumes(0, 400 * mebi)],
    [10, volumes(100 * mebi, 400 * mebi)],
    [20, { ...volumes(200 * mebi, 400 * mebi), phase: "Finalizing" }],
  );
  assert.match(lines[0] ?? "", /0 B of 400 MiB {2}0s$/m);
  assert.match(lines[1] ?? "", /200 MiB of 400 MiB, 10 MiB\/s {2}20s {2}about 20s left$/m);
});

test("bytes that do not move for half a minute have no rate and no time left", () => {
  const still = volumes(200 * mebi, 400 * mebi);
  const lines = written([0, volumes(0, 400 * mebi)], [10, still], [35, still], [45, { ...still, phase: "Finalizing" }]);
  assert.match(lines[1] ?? "", /200 MiB of 400 MiB {2}45s$/m);
});

test("items say nothing about time", () => {
  const lines = written([0, { items: { done: 0, total: 100 } }], [60, { items: { done: 50, total: 100 } }]);
  assert.doesNotMatch(lines.join(""), /left|\/s/);
});

test("what is done has no rate", () => {
  const lines = written([0, volumes(0, 10 * mebi)], [10, { ...volumes(10 * mebi, 10 * mebi, 2), phase: "Completed" }]);
  assert.match(lines[1] ?? "", /2\/2 volumes {2}10 MiB of 10 MiB {2}10s$/m);
});

test("a transfer: bytes, rate and what is left; each phase once, then once a minute", () => {
  const lines: string[] = [];
  let at = start;
  const progress = openProgress({ write: (text) => lines.push(text) }, { animate: false, now: () => new Date(at) });
  const show = (second: number, phase: string, done: number, total: number | undefined = 600 * mebi) => {
    at = start + second * 1000;
    progress.show({ kind: "Transfer", name: "b1", phase, done, total });
  };
  show(0, "Checking", 0);
  show(1, "Checking", 300 * mebi);
  // What was read from the disk is no measure of the network.
  show(2, "Downloading", 300 * mebi);
  for (let second = 3; second <= 63; second++) show(second, "Downloading", (300 + second) * mebi);
  show(64, "Downloading", 400 * mebi, undefined);
  assert.deepEqual(lines, [
    "2026-11-24T09:00:00Z  b1  Checking 0 B of 600 MiB  0s\n",
    "2026-11-24T09:00:02Z  b1  Downloading 300 MiB of 600 MiB  2s\n",
    "2026-11-24T09:01:02Z  b1  Downloading 362 MiB of 600 MiB, 1 MiB/s  1m2s  about 3m58s left\n",
  ]);
});

const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true };

for (const [columns, wanted] of [
  [100, /^nightly-20261124020000 {3}\[#{14}\.{14}\] {3}300 MiB of 600 MiB {3}0s$/],
  [80, /^nightly-20261124020000 {3}\[#{12}\.{12}\] {3}300 MiB of 600 MiB {3}0s$/],
  [60, /^nightly-\S*…\S* {3}\[#{5}\.{5}\] {3}300 MiB of 600 MiB {3}0s$/],
] as const) {
  test(`${columns} columns hold the line of a transfer, and a bar where there is room`, async () => {
    const written: string[] = [];
    const stream = { isTTY: true, columns, write: (text: string) => written.push(text), ...cursor };
    const progress = openProgress(stream, { animate: true, now: () => new Date(start) });
    progress.show({
      kind: "Transfer",
      name: "nightly-20261124020000",
      phase: "Downloading",
      done: 300 * mebi,
      total: 600 * mebi,
    });
    await import("ora");
    await new Promise((resolve) => setTimeout(resolve, 20));
    progress.end();
    const lines = written.map((text) => text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, "").replace(/^\S /, ""));
    assert.ok(
      lines.some((line) => wanted.test(line.trim())),
      JSON.stringify(lines),
    );
  });
}
