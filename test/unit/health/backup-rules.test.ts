// Backups over time: their age, their queue, their deletion, and what a thorough look finds in buckets.

import { known } from "../../../src/health/fact.ts";
import type { StoredBackup } from "../../../src/health/probes/buckets.ts";
import { type Case, testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { second, minute, hour, day } = sample.units;
const { backup, location, stamp, thorough, workload, pod } = sample;
const good = backup("good", 2 * hour);

const ofSchedule = (name: string, age: number, phase = "Completed", schedule = "nightly") =>
  backup(name, age, { phase }, { metadata: { name, labels: { "velero.io/schedule-name": schedule } } });
const failed = (name: string, age: number, phase = "Failed") => backup(name, age, { phase });
const queued = (name: string, age: number, phase: string, queuePosition = 0) => ({
  ...sample.running(name, age, phase),
  status: { phase, queuePosition },
});

testRules({
  "a schedule has made no good backup for a day": {
    facts: {
      backups: known([ofSchedule("n1", 27 * hour)]),
      schedules: known([sample.schedule("nightly", 3 * hour)]),
    },
    found: ["warn backup.old"],
    evidence: /^n1 ended .*, though schedule nightly should have made one within 26h\.$/,
    next: "kubectl mkebackup create --from-schedule nightly",
  },
  "a schedule's backup of yesterday": {
    facts: {
      backups: known([ofSchedule("n1", 24 * hour)]),
      schedules: known([sample.schedule("nightly", 24 * hour)]),
    },
    found: [],
  },
  "a weekly schedule's backup of last week": {
    facts: {
      backups: known([ofSchedule("n1", 6 * day)]),
      schedules: known([sample.schedule("nightly", 6 * day, { schedule: "@every 168h" })]),
    },
    found: [],
  },
  "a schedule for working days, on a Monday morning": {
    facts: {
      now: new Date("2026-11-30T01:00:00Z"),
      backups: known([
        backup("n1", 0, {
          startTimestamp: "2026-11-27T02:00:00Z",
          completionTimestamp: "2026-11-27T02:00:16Z",
          expiration: "2026-12-27T02:00:00Z",
        }),
      ]),
      schedules: known([
        sample.schedule("nightly", 0, { schedule: "0 2 * * 1-5" }, { lastBackup: "2026-11-27T02:00:00Z" }),
      ]),
      locations: known([location({ lastValidationTime: "2026-11-30T00:59:30Z" })]),
    },
    found: [],
  },
  "a schedule that is too new to have made one": {
    facts: {
      backups: known([backup("b1", 3 * day)]),
      schedules: known([
        {
          ...sample.schedule("nightly", hour),
          metadata: { name: "nightly", namespace: "mke", creationTimestamp: stamp(hour) },
        },
      ]),
    },
    found: [],
  },
  "the user wants a younger backup": {
    facts: { maxAge: hour },
    found: ["warn backup.old"],
    evidence: /, and --max-age allows 1h\.$/,
    next: "kubectl mkebackup create",
  },
  "the user is content with an old backup": {
    facts: { backups: known([backup("b1", 9 * day)]), maxAge: 10 * day },
    found: [],
  },
  "what a missed schedule explains is not told twice": {
    facts: {
      backups: known([ofSchedule("n1", 3 * day)]),
      schedules: known([sample.schedule("nightly", 3 * day)]),
    },
    found: ["fail schedule.overdue"],
  },
  "a schedule that has never run": {
    facts: {
      schedules: known([{ ...sample.schedule("nightly", 0), status: { phase: "Enabled" } }]),
    },
    found: ["fail schedule.overdue"],
    evidence: /^Its first backup was due /,
  },
  "the only good backup expires before the schedule makes another": {
    facts: {
      backups: known(
        [ofSchedule("n1", 10 * hour)].map((one) => ({
          ...one,
          status: { ...one.status, expiration: stamp(-2 * hour) },
        })),
      ),
      schedules: known([sample.schedule("nightly", 10 * hour)]),
    },
    found: ["warn backup.expiring"],
    evidence: /^n1 expires .*, before the next one is due at 2026-11-24T23:00Z\.$/,
  },
  "an older backup is kept for longer": {
    facts: {
      backups: known([
        ...[ofSchedule("n1", 10 * hour)].map((one) => ({
          ...one,
          status: { ...one.status, expiration: stamp(-2 * hour) },
        })),
        good,
      ]),
      schedules: known([sample.schedule("nightly", 10 * hour)]),
    },
    found: [],
  },

  "three backups by hand are incomplete in a row": {
    facts: {
      backups: known([
        backup("b0", day),
        ...[3, 2, 1].map((age) => failed(`b${4 - age}`, age * hour, "PartiallyFailed")),
      ]),
    },
    found: ["warn backup.repeated"],
    evidence: /^The newest, b3: PartiallyFailed with 0 errors and 0 warnings\. The last good one ended /,
    next: "kubectl mkebackup describe backup/b3",
  },
  "three backups by hand failed in a row": {
    facts: { backups: known([1, 2, 3].map((age) => failed(`b${age}`, age * hour))) },
    found: ["fail backup.repeated"],
    evidence: /No complete one is left\.$/,
  },
  "a schedule fails again and again, behind good backups by hand": {
    facts: {
      backups: known([good, ...[1, 2, 3].map((age) => ofSchedule(`n${age}`, age * day, "Failed"))]),
      schedules: known([sample.schedule("nightly", 23 * hour)]),
    },
    found: ["fail backup.repeated"],
    evidence: /^The newest, n1: /,
  },
  "backups by hand failed often, before one was good": {
    facts: { backups: known([good, ...[1, 2, 3].map((age) => failed(`b${age}`, age * day))]) },
    found: [],
  },

  "the queue stands still": {
    facts: {
      backups: known([good, queued("q1", 10 * minute, "Queued", 2), queued("q2", 9 * minute, "Queued", 3)]),
    },
    found: ["fail backup.queue-blocked"],
    evidence: /^q1 is the first in the queue since .*, and nothing else runs\.$/,
    next: "kubectl -n mke rollout restart deployment velero",
  },
  "a backup has just ended, and the queue goes on in a moment": {
    facts: {
      backups: known([backup("b1", minute), queued("q1", 10 * minute, "Queued", 1)]),
    },
    found: [],
  },
  "a backup is queued behind one that runs": {
    facts: {
      backups: known([good, sample.running("b1", hour, "InProgress", second), queued("q1", 10 * minute, "Queued", 1)]),
    },
    found: [],
  },
  "the server restarted before a backup could begin": {
    facts: {
      backups: known([good, queued("q0", 30 * minute, "ReadyToStart"), queued("q1", 10 * minute, "Queued", 1)]),
      server: known(workload({ pods: [pod({ started: sample.ago(20 * minute) })] })),
    },
    found: ["fail backup.queue-blocked"],
    evidence: /^q0 was about to begin when Velero restarted .* 1 other in the queue\.$/,
    next: "kubectl -n mke annotate --overwrite backups.velero.io q0 mkebackup/taken-up-again=true",
  },

  ...deletions(),
  ...buckets(),
});

function deletions(): Record<string, Case> {
  const request = (backupName: string, errors: readonly string[], age = hour, phase = "Processed") => ({
    metadata: { name: `${backupName}-x`, namespace: "mke", creationTimestamp: stamp(age) },
    spec: { backupName },
    status: { phase, errors },
  });
  return {
    "a request to delete a backup failed": {
      facts: {
        backups: known([good, backup("b1", day, { phase: "Deleting" })]),
        thorough: thorough({ deletions: known([request("b1", ["error deleting backup files: AccessDenied"])]) }),
      },
      found: ["warn deletion.failed"],
      evidence: /^Velero says: error deleting backup files: AccessDenied\. It was asked for /,
      next: "kubectl mkebackup delete backup/b1",
    },
    "a backup whose location is gone cannot be deleted by Velero": {
      facts: {
        backups: known([good, backup("b1", day, {}, { metadata: { name: "b1" }, spec: { storageLocation: "gone" } })]),
        thorough: thorough({ deletions: known([request("b1", ["backup storage location gone not found"])]) }),
      },
      found: ["warn deletion.failed"],
      next: "kubectl -n mke delete backups.velero.io b1",
    },
    "a failed request whose backup is gone by now": {
      facts: { thorough: thorough({ deletions: known([request("b1", ["backup not found"])]) }) },
      found: [],
    },
    "a backup is being deleted for hours": {
      facts: {
        backups: known([
          good,
          { ...backup("b1", day, { phase: "Deleting" }), metadata: sample.running("b1", day, "", hour).metadata },
        ]),
      },
      found: ["warn deletion.failed"],
      evidence: /^It is in phase Deleting since /,
    },
    "a backup is just being deleted": {
      facts: {
        backups: known([good, backup("b1", day, { phase: "Deleting" })]),
        thorough: thorough({ deletions: known([request("b1", [], minute, "InProgress")]) }),
      },
      found: [],
    },
  };
}

function buckets(): Record<string, Case> {
  const stored = (name: string, age = hour): StoredBackup => ({ name, written: sample.ago(age) });
  const synced = location({ lastSyncedTime: stamp(20 * second) });
  const second_ = location({ lastSyncedTime: stamp(20 * second) }, { objectStorage: { bucket: "other" } }, "other");
  const holding = (...names: StoredBackup[]) => thorough({ buckets: new Map([["default", known(names)]]) });
  return {
    "the bucket holds what the cluster lists": {
      facts: { locations: known([synced]), backups: known([good]), thorough: holding(stored("good")) },
      found: [],
    },
    "a backup's files are gone": {
      facts: { backups: known([good, backup("b1", day)]), thorough: holding(stored("good")) },
      found: ["fail backup.vanished"],
      evidence: /^velero of location default holds nothing of b1\.$/,
      next: "kubectl mkebackup describe location/default",
    },
    "a backup that has ended while the bucket was listed": {
      facts: { backups: known([good, backup("b1", 10 * second)]), thorough: holding(stored("good")) },
      found: [],
    },
    "the bucket holds a backup that is not imported": {
      facts: { locations: known([synced]), backups: known([good]), thorough: holding(stored("good"), stored("b7")) },
      found: ["warn backup.unlisted"],
      evidence: /^Velero last looked .* and did not import b7\.$/,
    },
    "a backup was uploaded a moment ago, and a folder has no metadata": {
      facts: {
        locations: known([synced]),
        backups: known([good]),
        thorough: holding(stored("good"), stored("b7", minute), { name: "b8", written: undefined }),
      },
      found: [],
    },
    "two locations hold backups of one name": {
      facts: {
        locations: known([synced, second_]),
        backups: known([good]),
        thorough: thorough({
          buckets: new Map([
            ["default", known([stored("good")])],
            ["other", known([stored("good")])],
          ]),
        }),
      },
      found: ["warn backup.duplicate"],
      evidence: /^good \(default, other\)\. The cluster shows the one in default; the other cannot be restored\.$/,
      next: "kubectl mkebackup describe backup/good",
    },
    "two locations name the same bucket": {
      facts: {
        locations: known([synced, location({ lastSyncedTime: stamp(20 * second) }, {}, "again")]),
        backups: known([good]),
        thorough: thorough({
          buckets: new Map([
            ["default", known([stored("good")])],
            ["again", known([stored("good")])],
          ]),
        }),
      },
      found: [],
    },
  };
}
