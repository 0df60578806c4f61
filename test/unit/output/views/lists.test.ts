import assert from "node:assert/strict";
import { test } from "node:test";
import { noColours, type Screen } from "../../../../src/output/screen.ts";
import { type Column, table } from "../../../../src/output/table.ts";
import { backupColumns } from "../../../../src/output/views/backups.ts";
import { locationColumns } from "../../../../src/output/views/locations.ts";
import { requestColumns } from "../../../../src/output/views/requests.ts";
import { restoreColumns } from "../../../../src/output/views/restores.ts";
import { scheduleColumns } from "../../../../src/output/views/schedules.ts";

const now = new Date("2026-11-24T09:00:00Z");
const screen: Screen = { width: 80, wide: false, paint: noColours, now };

/** Header -> cell of one row, with every column. */
function cells<Row>(columns: readonly Column<Row>[], row: Row): Record<string, string> {
  return Object.fromEntries(columns.map((column) => [column.header, String(column.cell(row, screen) ?? "-")]));
}
const headers = <Row>(columns: readonly Column<Row>[], row: Row): string[] =>
  table(columns, [row], screen).split("\n")[0]?.trim().split(/ {3,}/) ?? [];

const backup = {
  metadata: { name: "mke-20261124-070742", labels: { "velero.io/schedule-name": "nightly" } },
  spec: { storageLocation: "default", labelSelector: { matchLabels: { app: "web" } } },
  status: {
    phase: "Completed",
    startTimestamp: "2026-11-24T05:00:00Z",
    completionTimestamp: "2026-11-24T05:00:16Z",
    expiration: "2026-12-24T05:00:00Z",
    progress: { totalItems: 16 },
    warnings: 1,
  },
};

test("a backup's row", () => {
  assert.deepEqual(cells(backupColumns, backup), {
    NAME: "mke-20261124-070742",
    STATUS: "Completed",
    AGE: "4h",
    DURATION: "16s",
    ITEMS: "16",
    WARN: "1",
    ERR: "0",
    EXPIRES: "29d",
    LOCATION: "default",
    CREATED: "2026-11-24T05:00:00Z",
    SCHEDULE: "nightly",
    SELECTOR: "app=web",
  });
});

test("a backup that the server never saw has dashes, not errors", () => {
  const row = cells(backupColumns, { metadata: { name: "b", creationTimestamp: "2026-11-24T08:59:00Z" } });
  assert.deepEqual(
    [row["STATUS"], row["AGE"], row["DURATION"], row["ITEMS"], row["EXPIRES"], row["LOCATION"], row["SELECTOR"]],
    ["New", "60s", "-", "-", "-", "-", "<none>"],
  );
});

test("a running backup is measured until now", () => {
  const row = { ...backup, status: { phase: "InProgress", startTimestamp: "2026-11-24T08:58:00Z" } };
  assert.equal(cells(backupColumns, row)["DURATION"], "2m");
});

test("backups fit 80 columns by leaving the location out first", () => {
  assert.deepEqual(headers(backupColumns, backup), [
    "NAME",
    "STATUS",
    "AGE",
    "DURATION",
    "ITEMS",
    "WARN",
    "ERR",
    "EXPIRES",
  ]);
});

test("a restore's row, and one that is being deleted", () => {
  const restore = {
    metadata: { name: "r1", deletionTimestamp: "2026-11-24T08:59:00Z" },
    spec: { backupName: "b1" },
    status: { phase: "Completed", startTimestamp: "2026-11-24T08:00:00Z", progress: { itemsRestored: 3 }, errors: 2 },
  };
  const row = cells(restoreColumns, restore);
  assert.deepEqual([row["BACKUP"], row["STATUS"], row["ITEMS"], row["ERR"]], ["b1", "Completed (Deleting)", "3", "2"]);
});

test("a restore that names a schedule shows that until the server chose a backup", () => {
  const restore = { metadata: { name: "r1" }, spec: { backupName: "", scheduleName: "nightly" } };
  assert.equal(cells(restoreColumns, restore)["BACKUP"], "nightly");
});

const schedule = {
  metadata: { name: "nightly", creationTimestamp: "2026-11-01T00:00:00Z" },
  spec: { schedule: "0 2 * * *", template: { ttl: "720h0m0s" } },
  status: { phase: "Enabled", lastBackup: "2026-11-24T02:00:00Z" },
};

test("a schedule's row says when it fires next", () => {
  const row = cells(scheduleColumns, schedule);
  assert.deepEqual(
    [row["STATUS"], row["NEXT"], row["LAST BACKUP"], row["TTL"], row["AGE"]],
    ["Enabled", "17h", "7h", "720h0m0s", "23d"],
  );
});

test("a schedule that missed its time is overdue", () => {
  const late = { ...schedule, status: { phase: "Enabled", lastBackup: "2026-11-23T02:00:00Z" } };
  assert.equal(cells(scheduleColumns, late)["NEXT"], "overdue 7h");
});

test("a paused schedule says so and has no next time, although the server gave it no phase", () => {
  const paused = { metadata: schedule.metadata, spec: { ...schedule.spec, paused: true, template: {} } };
  const row = cells(scheduleColumns, paused);
  assert.deepEqual([row["STATUS"], row["NEXT"], row["LAST BACKUP"], row["TTL"]], ["Paused", "-", "-", "server's"]);
});

test("a location's row, and why it is unavailable", () => {
  const location = {
    metadata: { name: "default" },
    spec: { provider: "aws", default: true, objectStorage: { bucket: "velero", prefix: "prod" } },
    status: {
      phase: "Unavailable",
      message: 'BackupStorageLocation "default" is unavailable: rpc error: code = Unknown desc = no such bucket',
      lastValidationTime: "2026-11-24T08:59:26Z",
    },
  };
  const row = cells(locationColumns, location);
  assert.deepEqual(
    [row["BUCKET/PREFIX"], row["CHECKED"], row["ACCESS"], row["DEFAULT"], row["MESSAGE"]],
    ["velero/prod", "34s", "ReadWrite", "true", "no such bucket"],
  );
  const available = { ...location, status: { phase: "Available" } };
  assert.equal(cells(locationColumns, available)["MESSAGE"], "-");
});

test("requests of three kinds stand side by side", () => {
  const metadata = { name: "x", creationTimestamp: "2026-11-24T08:59:00Z" };
  const rows = [
    { kind: "DeleteBackupRequest", metadata, spec: { backupName: "b1" }, status: { errors: ["one", "two"] } },
    { kind: "DownloadRequest", metadata, spec: { target: { kind: "BackupLog", name: "b1" } } },
    { kind: "ServerStatusRequest", metadata, spec: {} },
  ].map((row) => cells(requestColumns, row));
  assert.deepEqual(
    rows.map((row) => [row["ABOUT"], row["STATUS"], row["ERRORS"]]),
    [
      ["b1", "New", "one; two"],
      ["BackupLog b1", "New", "-"],
      ["-", "New", "-"],
    ],
  );
});
