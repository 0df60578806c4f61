import assert from "node:assert/strict";
import { test } from "node:test";
import { statusDocument } from "../../../src/health/document.ts";
import { known } from "../../../src/health/fact.ts";
import type { Facts } from "../../../src/health/facts.ts";
import { reportOn } from "../../../src/health/report.ts";
import { colours, noColours, type Screen } from "../../../src/output/screen.ts";
import { statusScreen } from "../../../src/output/views/status.ts";
import * as sample from "../health/samples.ts";

const { minute, hour, day } = sample.units;
const at = (width: number): Screen => ({ width, wide: false, paint: noColours, now: sample.now });
const reportFor = (change: Partial<Facts>, context = "mke-prod") =>
  reportOn(sample.healthy(change), { context, took: 412, mostBackups: 5 });
const screenFor = (change: Partial<Facts>, width = 80, verbose = false): string =>
  statusScreen(reportFor(change), at(width), { verbose });

const brokenFacts: Partial<Facts> = {
  locations: known([sample.location({ phase: "Unavailable", message: sample.refused })]),
  objectStore: known(sample.broken(sample.minio(), { trouble: "ImagePullBackOff" })),
  schedules: { state: "forbidden", sentence: "list schedules.velero.io" },
  restores: { state: "timed out", milliseconds: 5000 },
  backups: known([
    sample.backup("mke-20261123-070338", day, { phase: "PartiallyFailed", errors: 2 }),
    sample.running("mke-20261124-065500", 125 * minute, "InProgress", 118 * minute),
  ]),
};

test("a healthy cluster", () => {
  const backups = known([
    sample.backup("mke-20261124-070000", 2 * hour),
    sample.backup("mke-20261123-070338", day, { phase: "PartiallyFailed", errors: 2 }),
  ]);
  const restores = known([sample.restore("mke-20261123-r", day)]);
  assert.equal(
    screenFor({ backups, restores, objectStore: known(sample.minio()) }),
    `OK  Backups are healthy, 1 warning               mke-prod · namespace mke · 0.4s

COMPONENT          STATUS   DETAIL
Configuration      OK       InCluster, from MkeConfig mke/mke
Velero             OK       v1.13.0, 1/1 ready, up 12d
Node agents        OK       5/5 ready
MinIO              WARN     1/1 ready, up 12d, no persistent volume
Location default   OK       Available, checked 34s ago, bucket velero
Schedules          -        none

LAST BACKUPS          STATUS            AGE    DURATION   WARN   ERR   EXPIRES
mke-20261124-070000   Completed         120m   16s           0     0   29d
mke-20261123-070338   PartiallyFailed   24h    16s           0     2   29d

Last good backup 119m ago. Last restore mke-20261123-r, Completed 23h ago.

1  WARN  Backups live in MinIO's pod and die with it           storage.ephemeral
         MinIO has no persistent volume (emptyDir), as MKE deploys it. External
         storage keeps them; a download saves a backup's objects, not its
         volumes.
         next  kubectl mkebackup download mke-20261124-070000`,
  );
});

test("a broken cluster", () => {
  assert.equal(
    screenFor(brokenFacts),
    `FAIL  3 problems, 1 warning                      mke-prod · namespace mke · 0.4s

COMPONENT          STATUS    DETAIL
Configuration      OK        InCluster, from MkeConfig mke/mke
Velero             OK        v1.13.0, 1/1 ready, up 12d
Node agents        OK        5/5 ready
MinIO              FAIL      0/1 ready, ImagePullBackOff, no persistent volume
Location default   FAIL      Unavailable: connection refused
Schedules          UNKNOWN   no permission (list schedules.velero.io)

RUNNING               STATUS       AGE    PROGRESS
mke-20261124-065500   InProgress   125m   1204/3120 items, no change for 118m

LAST BACKUPS          STATUS            AGE   DURATION   WARN   ERR   EXPIRES
mke-20261123-070338   PartiallyFailed   24h   16s           0     2   29d

No good backup yet. Restores: unknown (timed out after 5s).

1  FAIL  MinIO, where backups are kept, is not running              storage.down
         MinIO has 0 of 1 pods ready (ImagePullBackOff). Its pod became unready
         12m ago. Velero says: dial tcp 10.96.14.11:9000: connect: connection
         refused.
         next  kubectl -n mke describe pod minio-66869d94-8xx7c
2  FAIL  Backup mke-20261124-065500 makes no progress               backup.stuck
         Velero last wrote to it 118m ago.
         next  kubectl mkebackup logs backup/mke-20261124-065500
3  FAIL  The newest backup is incomplete: mke-20261123-070338     backup.failing
         PartiallyFailed with 2 errors and 0 warnings. No complete one is left.
         next  kubectl mkebackup describe backup/mke-20261123-070338
4  WARN  Backups live in MinIO's pod and die with it           storage.ephemeral
         MinIO has no persistent volume (emptyDir), as MKE deploys it. External
         storage keeps them.
         next  kubectl mkebackup config`,
  );
});

test("no line is wider than the terminal, whatever the cluster holds", () => {
  const name = "a-very-long-name-that-somebody-has-given-to-the-thing-because-nobody-told-them-not-to";
  const worst: Partial<Facts> = {
    ...brokenFacts,
    locations: known([
      sample.location({ phase: "Unavailable", message: `x".${"y".repeat(300)} \x1b[31m` }, {}, name),
      sample.location({}, { objectStorage: { bucket: name, prefix: name } }, `${name}-2`),
    ]),
    backups: known([
      sample.backup(name, 3 * hour, { phase: "Failed", failureReason: `${"z".repeat(200)} ${"word ".repeat(60)}` }),
      sample.running(`${name}-2`, 125 * minute, "WaitingForPluginOperationsPartiallyFailed", 118 * minute),
    ]),
    schedules: known([sample.schedule(name, 3 * day, { paused: true }), sample.schedule(`${name}-2`, 40 * day)]),
  };
  for (const verbose of [false, true]) {
    for (const width of verbose ? [80, 120] : [60, 80, 120]) {
      const report = reportFor(worst, name);
      const text = statusScreen(report, at(width), { verbose });
      // A command stays one word where a name alone is wider than the terminal.
      const long = text.split("\n").filter((line) => line.length > width && !line.includes(name));
      assert.deepEqual(long, [], `${width} columns`);
      assert.doesNotMatch(text, /\x1b/);
    }
  }
});

test("colours repeat the words and add none", () => {
  const painted = statusScreen(reportFor(brokenFacts), { ...at(80), paint: colours });
  assert.equal(painted.replaceAll(/\x1b\[\d+m/g, ""), screenFor(brokenFacts));
});

test("what could not be seen stands in the first line", () => {
  const [first] = screenFor({ schedules: { state: "timed out", milliseconds: 5000 } }).split("\n");
  assert.match(first ?? "", /^OK {2}Nothing fails, but 1 thing could not be seen/);
});

test("-v adds pods, schedules and whole messages", () => {
  const text = screenFor({ ...brokenFacts, schedules: known([sample.schedule("nightly", hour)]) }, 80, true);
  assert.match(text, /^PODS +READY +UP/m);
  assert.match(text, /^SCHEDULES +STATUS/m);
  assert.match(text, /^Location default: BackupStorageLocation "default" is unavailable: rpc error/m);
});

test("the document holds times and numbers, not ages", () => {
  const document = JSON.stringify(statusDocument(reportFor(brokenFacts)));
  const { components, problems, running, unseen, verdict } = JSON.parse(document) as {
    verdict: string;
    components: { name: string; status: string }[];
    problems: { id: string; severity: string; evidence: string }[];
    running: { name: string; items: object; changedAt: string }[];
    unseen: object[];
  };
  assert.equal(verdict, "Degraded");
  assert.deepEqual(
    components.map(({ name, status }) => `${name} ${status}`),
    [
      "configuration ok",
      "server ok",
      "node-agents ok",
      "object-store fail",
      "location/default fail",
      "schedules unknown",
    ],
  );
  assert.deepEqual(
    problems.map(({ severity, id }) => `${severity} ${id}`),
    ["fail storage.down", "fail backup.stuck", "fail backup.failing", "warn storage.ephemeral"],
  );
  assert.match(problems[0]?.evidence ?? "", /became unready at 2026-11-24T08:48:00Z\./);
  assert.deepEqual(running[0]?.items, { done: 1204, total: 3120 });
  assert.equal(running[0]?.changedAt, sample.stamp(118 * minute));
  assert.deepEqual(unseen, [
    { what: "restores", reason: "TimedOut", milliseconds: 5000 },
    { what: "schedules", reason: "Forbidden", message: "list schedules.velero.io" },
  ]);
  assert.doesNotMatch(document, / ago/);
});
