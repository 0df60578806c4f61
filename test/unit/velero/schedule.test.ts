import assert from "node:assert/strict";
import { test } from "node:test";
import { longestPause, nextRun } from "../../../src/velero/schedule.ts";
import type { Schedule } from "../../../src/velero/types.ts";

const created = "2026-11-01T00:00:00Z";
function next(schedule: string, status: Schedule["status"] = {}, paused?: boolean): string | undefined {
  const spec = { schedule, ...(paused === undefined ? {} : { paused }) };
  const run = nextRun({ metadata: { name: "nightly", creationTimestamp: created }, spec, status });
  return run?.toISOString().replace(".000", "");
}
/** After a backup on a Tuesday morning. */
const afterBackup = (schedule: string) => next(schedule, { phase: "Enabled", lastBackup: "2026-11-24T09:00:00Z" });

// robfig's ParseStandard: five fields, names, steps, descriptors; a day fits both day fields, or either when both are set.
const crons: [cron: string, next: string][] = [
  ["0 2 * * *", "2026-11-25T02:00:00Z"],
  ["*/15 * * * *", "2026-11-24T09:15:00Z"],
  ["30 8-10 * * *", "2026-11-24T09:30:00Z"],
  ["0 2,14 * * *", "2026-11-24T14:00:00Z"],
  ["0 2 * * SUN", "2026-11-29T02:00:00Z"],
  ["0 2 * * 0", "2026-11-29T02:00:00Z"],
  ["0 2 * jan mon-fri", "2027-01-01T02:00:00Z"],
  ["0 2 1 * 1", "2026-11-30T02:00:00Z"],
  ["0 2 28 * 1", "2026-11-28T02:00:00Z"],
  ["0 2 ? * 1", "2026-11-30T02:00:00Z"],
  ["0 2 1 * ?", "2026-12-01T02:00:00Z"],
  ["0 2 29 2 *", "2028-02-29T02:00:00Z"],
  ["@hourly", "2026-11-24T10:00:00Z"],
  ["@daily", "2026-11-25T00:00:00Z"],
  ["@midnight", "2026-11-25T00:00:00Z"],
  ["@weekly", "2026-11-29T00:00:00Z"],
  ["@monthly", "2026-12-01T00:00:00Z"],
  ["@yearly", "2027-01-01T00:00:00Z"],
  ["@annually", "2027-01-01T00:00:00Z"],
  ["@every 6h", "2026-11-24T15:00:00Z"],
  ["@every 1h30m", "2026-11-24T10:30:00Z"],
  ["CRON_TZ=America/New_York 0 2 * * *", "2026-11-25T07:00:00Z"],
  ["TZ=Asia/Tokyo 30 2 * * *", "2026-11-24T17:30:00Z"],
];
for (const [cron, time] of crons) {
  test(`${cron} fires at ${time} after a backup at 09:00`, () => assert.equal(afterBackup(cron), time));
}

test("a time that is met exactly by the last backup does not fire again", () => {
  assert.equal(next("0 9 * * *", { lastBackup: "2026-11-24T09:00:00Z" }), "2026-11-25T09:00:00Z");
});

test("before its first backup a schedule counts from its creation", () => {
  assert.equal(next("0 2 * * *"), "2026-11-01T02:00:00Z");
  assert.equal(next("@every 24h"), "2026-11-02T00:00:00Z");
});

test("a time in the past stays one: the schedule is overdue", () => {
  assert.equal(next("0 2 * * *", { lastBackup: "2020-01-01T02:00:00Z" }), "2026-11-01T02:00:00Z");
  assert.equal(next("0 2 * * *", { lastBackup: "2026-11-10T02:00:00Z" }), "2026-11-11T02:00:00Z");
});

test("a run that was skipped counts like a backup", () => {
  const status = { lastBackup: "2026-11-10T02:00:00Z", lastSkipped: "2026-11-20T02:00:00Z" };
  assert.equal(next("0 2 * * *", status), "2026-11-21T02:00:00Z");
});

test("a paused schedule has no next run", () => assert.equal(next("0 2 * * *", {}, true), undefined));

test("a schedule that the server could not read has none, whatever it looks like here", () => {
  assert.equal(next("0 0 2 * * *", { phase: "FailedValidation" }), undefined);
});

for (const cron of ["", "nonsense", "@every 1d", "@every", "@never", "61 2 * * *", "CRON_TZ=Nowhere/City 0 2 * * *"]) {
  test(`"${cron}" has no next run and does not throw`, () => assert.equal(afterBackup(cron), undefined));
}

test("a date that no calendar has never comes", () => assert.equal(afterBackup("0 0 30 2 *"), undefined));

for (const [cron, after, next] of [
  ["5/20 * * * *", "2026-11-24T08:06:00Z", "2026-11-24T08:25:00.000Z"],
  ["0 2 */1 * 1", "2026-11-24T08:00:00Z", "2026-11-30T02:00:00.000Z"],
  ["0 2 1 * 1", "2026-11-24T08:00:00Z", "2026-11-30T02:00:00.000Z"],
] as const) {
  test(`${cron} is read as Velero reads it`, () => {
    const schedule = { metadata: { name: "s", creationTimestamp: after }, spec: { schedule: cron } };
    assert.equal(nextRun(schedule)?.toISOString(), next);
  });
}

test("the longest pause of a schedule", () => {
  const hours = (schedule: string) => {
    const pause = longestPause({ metadata: { name: "s" }, spec: { schedule } }, new Date("2026-11-24T09:00:00Z"));
    return pause === undefined ? undefined : pause / 3_600_000;
  };
  assert.equal(hours("@every 6h"), 6);
  assert.equal(hours("0 2 * * *"), 24);
  assert.equal(hours("0 2 * * 1-5"), 72, "over the weekend");
  assert.equal(hours("0 2 * * 0"), 168);
  assert.equal(hours("nonsense"), undefined);
});
