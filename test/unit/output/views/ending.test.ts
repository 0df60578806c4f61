import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ending } from "../../../../src/archive/ending.ts";
import { colours, noColours, type Screen } from "../../../../src/output/screen.ts";
import { endingText } from "../../../../src/output/views/ending.ts";
import type { Backup, Restore, VolumeTransfer } from "../../../../src/velero/types.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date("2026-11-24T09:00:00Z") };
const backup = (status: NonNullable<Backup["status"]>, spec: Backup["spec"] = {}): Backup => ({
  metadata: { name: "b1", namespace: "mke" },
  spec,
  status: { startTimestamp: "2026-11-24T08:59:00Z", completionTimestamp: "2026-11-24T08:59:16Z", ...status },
});
const ending = (object: Backup | Restore, change: Partial<Ending> = {}): Ending => ({
  object,
  volumes: [],
  errors: [],
  warnings: [],
  benign: 0,
  ...change,
});
const volume = (phase: string, bytesDone: number): VolumeTransfer => ({
  metadata: { name: "v" },
  status: { phase, progress: { bytesDone, totalBytes: bytesDone } },
});
const shown = (object: Backup, change: Partial<Ending> = {}, where = screen) =>
  endingText(ending(object, change), "Backup", where);

const good = backup(
  { phase: "Completed", progress: { totalItems: 1204, itemsBackedUp: 1204 }, expiration: "2026-12-24T08:00:00Z" },
  { storageLocation: "offsite" },
);

test("a good backup is two lines", () => {
  const volumes = [volume("Completed", 30 * 1024 ** 2), volume("Completed", 10 * 1024 ** 2)];
  assert.equal(
    shown(good, { volumes }),
    `Backup b1 Completed in 16s: 1,204 items, 2 volumes (40 MiB), 0 warnings, 0 errors
Expires in 29d, kept in location offsite.`,
  );
});

test("volumes that may not be listed are not counted as none", () => {
  assert.match(shown(good, { volumes: undefined }), /: 1,204 items, 0 warnings/);
});

test("a backup with errors names each cause with where, and where to look further stays out of the document", () => {
  const bad = backup({
    phase: "PartiallyFailed",
    progress: { totalItems: 20, itemsBackedUp: 19 },
    errors: 2,
    warnings: 1,
  });
  const errors = [
    { text: "pod volume failed: no such host", count: 2, places: ["shop/web-1 data", "shop/web-2 data"] },
  ];
  const warnings = [{ text: "take care", count: 1, places: [] }];
  const text = shown(bad, { volumes: [volume("Completed", 0), volume("Failed", 0)], errors, warnings });
  assert.equal(
    text,
    `Backup b1 PartiallyFailed after 16s: 19 of 20 items, 1 of 2 volumes, 1 warning, 2 errors
Expires in -, kept in location default.

2 x  pod volume failed: no such host
     shop/web-1 data, shop/web-2 data

1 x  warning: take care`,
  );
});

test("a failed backup says the server's reason, wrapped, and nothing about its expiry", () => {
  const failureReason = `found a backup with status "InProgress" during the server starting, mark it as "Failed"`;
  const lines = shown(backup({ phase: "Failed", failureReason })).split("\n");
  assert.match(lines[0] ?? "", /^Backup b1 Failed after 16s: 0 items/);
  assert.equal(lines.slice(1).join(" ").replace(/\s+/g, " ").trim(), failureReason);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.doesNotMatch(lines.join(), /Expires/);
});

test("a backup that was refused has no time and no counts, only reasons", () => {
  const object: Backup = {
    metadata: { name: "b1" },
    status: { phase: "FailedValidation", validationErrors: ["no location", "bad name"], errors: 2 },
  };
  assert.equal(shown(object), "Backup b1 FailedValidation\n  no location\n  bad name");
});

test("a restore has its own items and no expiry", () => {
  const restore: Restore = {
    metadata: { name: "r1" },
    status: {
      phase: "Completed",
      startTimestamp: "2026-11-24T08:00:00Z",
      completionTimestamp: "2026-11-24T08:02:23Z",
      progress: { totalItems: 7, itemsRestored: 7 },
      warnings: 1,
    },
  };
  assert.equal(
    endingText(ending(restore, { benign: 1 }), "Restore", screen),
    `Restore r1 Completed in 2m23s: 7 items, 1 warning, 0 errors

1 warning about objects that every cluster makes itself: nothing to do.`,
  );
});

test("results that could not be read are said, in the place of what they would have explained", () => {
  const text = shown(backup({ phase: "PartiallyFailed", errors: 2 }), {
    unread: "the object store answered NoSuchKey",
  });
  assert.match(text, /\n\nThe warnings and errors could not be read: the object store answered NoSuchKey$/);
});

test("at most eight causes and six places are listed, the rest is counted", () => {
  const places = Array.from({ length: 9 }, (_, at) => `ns/p${at}`);
  const errors = Array.from({ length: 10 }, (_, at) => ({
    text: `cause ${at}`,
    count: 1,
    places: at === 0 ? places : [],
  }));
  const text = shown(backup({ phase: "PartiallyFailed", errors: 10 }), { errors });
  assert.match(text, /ns\/p0, ns\/p1, ns\/p2, ns\/p3, ns\/p4, ns\/p5 and 3 more/);
  assert.equal(text.match(/ x {2}cause/g)?.length, 8);
  assert.match(text, /… and 2 more causes$/);
});

test("counts are aligned, and long sentences hang below their beginning", () => {
  const errors = [
    { text: "often ".repeat(20), count: 1204, places: [] },
    { text: "rare", count: 2, places: ["shop/a"] },
  ];
  const lines = shown(backup({ phase: "PartiallyFailed", errors: 1206 }), { errors }).split("\n");
  const first = lines.findIndex((line) => line.startsWith("1,204 x  often"));
  assert.match(lines[first + 1] ?? "", /^ {9}often/);
  assert.ok(lines.includes("    2 x  rare"));
  assert.ok(lines.includes("         shop/a"));
  assert.ok(lines.every((line) => line.length <= 80));
});

test("what the cluster wrote cannot steer the terminal", () => {
  const errors = [{ text: "\x1b[2Jgone", count: 1, places: ["a\x1b]0;x\x07"] }];
  const object = backup({ phase: "PartiallyFailed", errors: 1, failureReason: "\x1b[31mred" });
  assert.doesNotMatch(shown(object, { errors, unread: "\x9bfoo" }), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test("only the phase and the places are painted", () => {
  const errors = [{ text: "boom", count: 1, places: ["shop/web"] }];
  const object = backup({ phase: "PartiallyFailed", errors: 1 });
  const painted = shown(object, { errors }, { ...screen, paint: colours });
  assert.match(painted, /^Backup b1 \x1b\[33mPartiallyFailed\x1b\[0m after/);
  assert.equal(painted.replace(/\x1b\[\d+m/g, ""), shown(object, { errors }));
});
