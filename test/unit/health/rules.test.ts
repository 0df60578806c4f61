import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fact, known } from "../../../src/health/fact.ts";
import type { Facts } from "../../../src/health/facts.ts";
import { judge } from "../../../src/health/judge.ts";
import type { Problem } from "../../../src/health/problem.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import * as sample from "./samples.ts";

const { second, minute, hour, day } = sample.units;
const forbidden: Fact<never> = { state: "forbidden", sentence: "list something" };
const timedOut: Fact<never> = { state: "timed out", milliseconds: 5000 };
const good = sample.backup("good", 2 * hour);
const { location, minio, workload, pod, backup, stamp } = sample;

interface Case {
  readonly facts: Partial<Facts>;
  /** "severity id" of each problem, in order. */
  readonly found: readonly string[];
  readonly evidence?: RegExp;
  readonly next?: string;
}

const unavailable = (message: string) => known([location({ phase: "Unavailable", message })]);
const configuration = (document: object) =>
  known(interpret(document, { kind: "MkeConfig", namespace: "mke", name: "mke" }));

const cases: Readonly<Record<string, Case>> = {
  "a healthy cluster has no problem": { facts: {}, found: [] },
  "what may not be seen is no problem": {
    facts: {
      server: forbidden,
      answer: forbidden,
      nodeAgents: forbidden,
      objectStore: forbidden,
      configuration: forbidden,
      backups: forbidden,
      restores: timedOut,
      schedules: timedOut,
    },
    found: [],
  },

  "the server is scaled to 0": {
    facts: { server: known(sample.scaledDown(workload())), answer: { state: "failed", sentence: "no pod" } },
    found: ["fail server.down"],
    evidence: /^Deployment velero is scaled to 0\.$/,
    next: "kubectl -n mke scale deployment velero --replicas=1",
  },
  "the server's image cannot be pulled": {
    facts: { server: known(sample.broken(workload(), { trouble: "ImagePullBackOff" })) },
    found: ["fail server.down"],
    evidence: /0 of 1 pods ready \(ImagePullBackOff\)\. Its pod became unready 2026-11-24T08:48:00/,
    next: "kubectl -n mke describe pod velero-6bc96b49cc-t58rg",
  },
  "the server crashes": {
    facts: { server: known(sample.broken(workload(), { trouble: "CrashLoopBackOff" })) },
    found: ["fail server.down"],
    next: "kubectl -n mke logs deployment/velero -c velero --previous",
  },
  "the server's ReplicaSet makes no pods": {
    facts: { server: known(workload({ ready: 0, pods: [] })) },
    found: ["fail server.down"],
    next: "kubectl -n mke describe deployment velero",
  },
  "pods may not be listed": {
    facts: { server: known(workload({ ready: 0, pods: undefined })) },
    found: ["fail server.down"],
    next: "kubectl -n mke describe pods -l name=velero",
  },
  "no server at all": {
    facts: {
      server: known(undefined),
      answer: timedOut,
      locations: known([location({ lastValidationTime: stamp(hour) })]),
    },
    found: ["fail server.missing"],
    evidence: /last checked/,
  },
  "a server outside the cluster leaves traces": { facts: { server: known(undefined), answer: timedOut }, found: [] },
  "the server does not answer": {
    facts: { answer: timedOut },
    found: ["warn server.silent"],
    evidence: /within 5s/,
  },
  "the server ran out of memory once": {
    facts: {
      server: known(
        workload({ pods: [pod({ restarts: 1, lastEnd: { reason: "OOMKilled", at: sample.ago(3 * hour) } })] }),
      ),
    },
    found: ["warn server.restarting"],
    evidence: /restarted once, last .* \(OOMKilled\)/,
  },
  "the server restarts again and again": {
    facts: {
      server: known(
        workload({ pods: [pod({ restarts: 3, lastEnd: { reason: "Error", at: sample.ago(11 * minute) } })] }),
      ),
    },
    found: ["warn server.restarting"],
    next: "kubectl -n mke logs deployment/velero -c velero --previous",
  },
  "restarts of yesterday are over": {
    facts: {
      server: known(workload({ pods: [pod({ restarts: 9, lastEnd: { reason: "Error", at: sample.ago(day) } })] })),
    },
    found: [],
  },

  "MinIO is scaled to 0 and the location knows": {
    facts: {
      locations: unavailable(sample.refused),
      objectStore: known(sample.scaledDown(minio({ persistent: true }))),
    },
    found: ["fail location.unavailable"],
    evidence: /^MinIO is scaled to 0\. Velero says: dial tcp .*connection refused\.$/,
    next: "kubectl -n mke scale deployment minio --replicas=1",
  },
  "MinIO is down and the location does not know yet": {
    facts: { objectStore: known(sample.broken(minio({ persistent: true }))) },
    found: ["fail storage.down"],
    next: "kubectl -n mke describe pod minio-66869d94-8xx7c",
  },
  "a distributed MinIO is scaled to 0": {
    facts: { objectStore: known(sample.scaledDown(minio({ kind: "StatefulSet", persistent: true }))) },
    found: ["fail storage.down"],
    next: "kubectl -n mke scale statefulset minio --replicas=4",
  },
  "MinIO keeps its data in its pod": { facts: { objectStore: known(minio()) }, found: ["warn storage.ephemeral"] },
  "MinIO's pod is younger than the backups": {
    facts: { objectStore: known(minio({ pods: [pod({ created: sample.ago(hour) })] })) },
    found: ["warn storage.ephemeral", "warn backup.lost"],
  },
  "MinIO lost its bucket": {
    facts: {
      locations: unavailable("rpc error: api error NoSuchBucket: The specified bucket does not exist"),
      objectStore: known(minio()),
      backups: known([]),
    },
    found: ["fail location.unavailable", "warn storage.ephemeral", "warn backup.none"],
    evidence: /^MinIO lost its data when its pod was replaced/,
    next: "kubectl -n mke logs deployment/minio",
  },
  "the credentials are refused": {
    facts: { locations: unavailable("rpc error: api error AccessDenied: Access Denied.") },
    found: ["fail location.unavailable"],
    evidence: /^Velero says: AccessDenied: Access Denied\.$/,
    next: "kubectl -n mke get secrets",
  },
  "nobody checks the location": {
    facts: { locations: known([location({ lastValidationTime: stamp(2 * hour) })]), answer: timedOut },
    found: ["fail location.stale", "warn server.silent"],
  },
  "a location that is checked each day": {
    facts: {
      locations: known([location({ lastValidationTime: stamp(2 * hour) }, { validationFrequency: "24h" } as object)]),
    },
    found: [],
  },
  "a location that was never checked": {
    facts: { locations: known([{ ...location(), status: {} }]) },
    found: ["fail location.unchecked"],
  },
  "no location": { facts: { locations: known([]) }, found: ["fail location.missing"] },
  "no default location": {
    facts: { locations: known([location({}, { default: false }, "a"), location({}, { default: false }, "b")]) },
    found: ["warn location.no-default"],
  },
  "a default location for reading only": {
    facts: { locations: known([location({}, { accessMode: "ReadOnly" })]) },
    found: ["warn location.read-only"],
  },

  "node agents are missing on some nodes": {
    facts: { nodeAgents: known([sample.agents({ ready: 3, pods: [pod({ ready: false, node: "node-4" })] })]) },
    found: ["warn agents.down"],
    evidence: /^2 of 5 are not ready on node-4\./,
  },
  "no node agent is ready": {
    facts: { nodeAgents: known([sample.agents({ ready: 0 })]) },
    found: ["fail agents.down"],
  },
  "no node agents, and nobody needs them": { facts: { nodeAgents: known([]) }, found: [] },
  "no node agents, and a schedule needs them": {
    facts: {
      nodeAgents: known([]),
      schedules: known([sample.schedule("nightly", hour, { template: { defaultVolumesToFsBackup: true } })]),
    },
    found: ["fail agents.missing"],
    evidence: /^Schedule nightly wants/,
  },

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
    next: "kubectl -n mke get podvolumebackups.velero.io -l velero.io/backup-name=b1",
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

  "the last restore failed": {
    facts: { restores: known([sample.restore("r1", hour, { phase: "PartiallyFailed", errors: 1 })]) },
    found: ["warn restore.failed"],
  },
  "a restore that failed long ago": {
    facts: { restores: known([sample.restore("r1", 3 * day, { phase: "Failed" })]) },
    found: [],
  },

  "MKE's configuration switches backups off": {
    facts: {
      configuration: configuration({ spec: { backup: { enabled: false, storage_provider: { type: "InCluster" } } } }),
    },
    found: ["warn config.disabled"],
  },
  "MKE declares another storage than Velero uses": {
    facts: {
      configuration: configuration({
        spec: {
          backup: { storage_provider: { type: "External", external_options: { bucket: "b", region: "eu-west-1" } } },
        },
      }),
    },
    found: ["warn config.not-applied"],
  },
};

const spelled = ({ evidence }: Problem): string =>
  evidence.map((part) => (typeof part === "string" ? part : part.toISOString())).join("");

for (const [name, { facts, found, evidence, next }] of Object.entries(cases)) {
  test(name, () => {
    const problems = judge(sample.healthy(facts));
    assert.deepEqual(
      problems.map(({ severity, id }) => `${severity} ${id}`),
      found,
    );
    const [first] = problems;
    if (evidence !== undefined) assert.match(first === undefined ? "" : spelled(first), evidence);
    if (next !== undefined) assert.equal(first?.next, next);
    for (const problem of problems) {
      assert.match(problem.title, /^[A-Z].*[^.]$/, "a title is one sentence without a period");
      assert.match(spelled(problem), /^\S.*\.$/, "evidence is full sentences");
      assert.match(problem.next, /^kubectl (-n mke|mkebackup) /, "the next step is a command");
    }
  });
}
