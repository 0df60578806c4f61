import { known } from "../../../src/health/fact.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { second, minute, hour, day } = sample.units;
const good = sample.backup("good", 2 * hour);
const { location, workload, pod, backup, stamp } = sample;

testRules({
  "no backup yet": { facts: { backups: known([]) }, found: ["warn backup.none"], next: "kubectl mkebackup create" },
  "no backup yet, in a namespace that was named": {
    facts: { backups: known([]), named: true },
    found: ["warn backup.none"],
    next: "kubectl mkebackup create -n mke",
  },
  "the first backup runs": {
    facts: { backups: known([sample.running("first", 3 * second, "InProgress")]) },
    found: [],
  },
  "the newest backup is incomplete": {
    facts: {
      backups: known([good, backup("b1", hour, { phase: "PartiallyFailed", errors: 2 })]),
      volumes: new Map([["backup/b1", known([sample.failedVolume("lookup minio.mke.svc: no such host")])]]),
    },
    found: ["warn backup.failing"],
    evidence:
      /2 errors and 0 warnings\. 1 of its volumes failed: lookup minio\.mke\.svc: no such host\. The last good one/,
    next: "kubectl mkebackup describe backup/b1",
  },
  "the newest backup failed": {
    facts: { backups: known([good, backup("b1", hour, { phase: "Failed", failureReason: "the server restarted" })]) },
    found: ["fail backup.failing"],
    evidence: /^Failed: the server restarted\. The last good one ended/,
  },
  "no complete backup is left": {
    facts: { backups: known([backup("b1", hour, { phase: "PartiallyFailed" })]) },
    found: ["fail backup.failing"],
    evidence: /No complete one is left\.$/,
  },
  "an older backup failed": { facts: { backups: known([good, backup("b0", day, { phase: "Failed" })]) }, found: [] },
  "the last good backup is old": { facts: { backups: known([backup("b1", 9 * day)]) }, found: ["warn backup.old"] },
  "the last good backup expires": {
    facts: { backups: known([backup("b1", 29 * day)]) },
    found: ["warn backup.expiring"],
  },

  "a backup writes nothing any more": {
    facts: { backups: known([good, sample.running("b2", 2 * hour, "InProgress", 118 * minute)]) },
    found: ["fail backup.stuck"],
  },
  "a backup's volumes still write": {
    facts: {
      backups: known([good, sample.running("b2", 2 * hour, "InProgress", 118 * minute)]),
      volumes: new Map([
        [
          "backup/b2",
          known([
            { metadata: { name: "v", managedFields: [{ time: stamp(20 * second) }] }, status: { phase: "InProgress" } },
          ]),
        ],
      ]),
    },
    found: [],
  },
  "the server restarted under a backup": {
    facts: {
      backups: known([good, sample.running("b2", 2 * hour, "InProgress", second)]),
      server: known(workload({ pods: [pod({ started: sample.ago(11 * minute) })] })),
    },
    found: ["fail backup.stuck"],
    evidence: /^Velero restarted .*, after the backup began/,
  },
  "a backup is not picked up": {
    facts: { backups: known([good, { ...sample.running("b2", 10 * minute, ""), status: {} }]) },
    found: ["warn backup.waiting"],
  },
  "a backup waits for another": {
    facts: {
      backups: known([
        good,
        sample.running("b1", hour, "InProgress", second),
        { ...sample.running("b2", 10 * minute, ""), status: {} },
      ]),
    },
    found: [],
  },
  "nothing moves without a server, and that is one problem": {
    facts: {
      server: known(sample.scaledDown(workload())),
      backups: known([good, sample.running("b2", 2 * hour, "InProgress", 118 * minute)]),
      locations: known([location({ lastValidationTime: stamp(2 * hour) })]),
      schedules: known([sample.schedule("nightly", 3 * day)]),
    },
    found: ["fail server.down"],
  },

  "a paused schedule": {
    facts: { schedules: known([sample.schedule("nightly", 3 * day, { paused: true })]) },
    found: ["warn schedule.paused"],
  },
  "a schedule that Velero cannot read": {
    facts: {
      schedules: known([
        sample.schedule("nightly", hour, {}, { phase: "FailedValidation", validationErrors: ["invalid schedule"] }),
      ]),
    },
    found: ["fail schedule.invalid"],
    evidence: /^invalid schedule\.$/,
  },
  "a schedule that missed its time": {
    facts: { schedules: known([sample.schedule("nightly", 25 * hour)]) },
    found: ["fail schedule.overdue"],
  },
  "a schedule that fails behind a good backup by hand": {
    facts: {
      backups: known([
        good,
        backup(
          "nightly-1",
          9 * hour,
          { phase: "Failed" },
          {
            metadata: { name: "nightly-1", labels: { "velero.io/schedule-name": "nightly" } },
          },
        ),
      ]),
      schedules: known([sample.schedule("nightly", 9 * hour)]),
    },
    found: ["fail schedule.failing"],
    next: "kubectl mkebackup list backups --schedule nightly",
  },

  "the last backup of a schedule is incomplete, another worked since": {
    facts: {
      backups: known([
        good,
        sample.backup(
          "nightly-1",
          9 * hour,
          { phase: "PartiallyFailed" },
          { metadata: { name: "nightly-1", labels: { "velero.io/schedule-name": "nightly" } } },
        ),
      ]),
      schedules: known([sample.schedule("nightly", 9 * hour)]),
    },
    found: ["warn schedule.failing"],
  },
  "a restore hangs": {
    facts: {
      restores: known([
        {
          ...sample.running("r1", 2 * hour, "InProgress", 118 * minute),
          spec: { backupName: "b1" },
          status: { phase: "InProgress", startTimestamp: sample.stamp(2 * hour) },
        },
      ]),
    },
    found: ["fail restore.stuck"],
  },
  "a restore is not picked up": {
    facts: { restores: known([{ ...sample.restore("r1", 10 * minute), status: {} }]) },
    found: ["warn restore.waiting"],
  },

  "the last restore failed": {
    facts: { restores: known([sample.restore("r1", hour, { phase: "PartiallyFailed", errors: 1 })]) },
    found: ["warn restore.failed"],
  },
  "a restore that failed long ago": {
    facts: { restores: known([sample.restore("r1", 3 * day, { phase: "Failed" })]) },
    found: [],
  },
});
