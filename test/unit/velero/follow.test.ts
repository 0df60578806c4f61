import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import {
  followBackup,
  followRestore,
  type RunProgress,
  volumeProgress,
  volumesOf,
} from "../../../src/velero/follow.ts";
import { backups, restores } from "../../../src/velero/kinds.ts";
import type { Backup, Restore, VolumeTransfer } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { fakeTime } from "../fake-time.ts";
import { type Stage, stagedCluster } from "./staged-cluster.ts";

const signal = new AbortController().signal;
const backup = (status?: Backup["status"]): Backup => ({
  metadata: { name: "b1", namespace: "mke" },
  ...(status === undefined ? {} : { status }),
});
const volume = (kind: string, phase: string, bytesDone?: number, totalBytes?: number): VolumeTransfer => ({
  kind,
  metadata: { name: `${kind}-${phase}`, namespace: "mke" },
  status: { phase, ...(bytesDone === undefined ? {} : { progress: { bytesDone, totalBytes: totalBytes ?? 0 } }) },
});

async function follow(stages: readonly Stage[], options: FakeClusterOptions & { limit?: number } = {}) {
  const cluster = stagedCluster([[backups, ...stages]], options);
  const seen: RunProgress[] = [];
  const run = followBackup(cluster, "mke", "b1", {
    signal,
    limit: options.limit,
    onProgress: (progress) => seen.push(progress),
  });
  return { run, seen, cluster };
}
const phasesOf = (seen: readonly RunProgress[]) => seen.map(({ phase }) => phase);

test("a backup is followed through its phases to the end", async (t) => {
  fakeTime(t);
  const last = backup({ phase: "Completed" });
  const phases = ["New", "Queued", "ReadyToStart", "InProgress", "WaitingForPluginOperations", "Finalizing"];
  const { run, seen } = await follow([...phases.map((phase) => backup({ phase })), last]);
  assert.deepEqual(await run, { object: last, volumes: [] });
  assert.deepEqual(phasesOf(seen), [...phases, "Completed"]);
});

for (const phase of ["Completed", "PartiallyFailed", "Failed", "FailedValidation"]) {
  test(`${phase} is an end, at the first look too`, async (t) => {
    const time = fakeTime(t);
    const { run } = await follow([backup({ phase })]);
    assert.equal((await run).object.status?.phase, phase);
    assert.deepEqual(time.pauses, []);
  });
}

test("a phase of a newer server is no end", async (t) => {
  fakeTime(t);
  const { run, seen } = await follow([backup({ phase: "Polishing" }), backup({ phase: "Completed" })]);
  await run;
  assert.deepEqual(phasesOf(seen), ["Polishing", "Completed"]);
});

test("items are told as soon as the server has counted them", async (t) => {
  fakeTime(t);
  const { run, seen } = await follow([
    backup(),
    backup({ phase: "InProgress" }),
    backup({ phase: "InProgress", progress: { totalItems: 20 } }),
    backup({ phase: "Completed", progress: { totalItems: 19, itemsBackedUp: 19 } }),
  ]);
  await run;
  assert.deepEqual(
    seen.map(({ items }) => items),
    [undefined, undefined, { done: 0, total: 20 }, { done: 19, total: 19 }],
  );
});

test("the place in the queue is told while there is one", async (t) => {
  fakeTime(t);
  const { run, seen } = await follow([
    backup({ phase: "Queued", queuePosition: 2 }),
    backup({ phase: "Queued", queuePosition: 0 }),
    backup({ phase: "Completed" }),
  ]);
  await run;
  assert.deepEqual(
    seen.map(({ queuePosition }) => queuePosition),
    [2, undefined, undefined],
  );
});

test("volumes of both ways are added up, once the run has begun", async (t) => {
  fakeTime(t);
  const objects = [volume("PodVolumeBackup", "Completed", 40, 40), volume("DataUpload", "InProgress", 5, 60)];
  const { run, seen } = await follow([backup(), backup({ phase: "InProgress" }), backup({ phase: "Completed" })], {
    objects,
  });
  assert.deepEqual((await run).volumes, objects);
  const volumes = { done: 1, failed: 0, total: 2, bytesDone: 45, bytesTotal: 100 };
  assert.deepEqual(
    seen.map((progress) => progress.volumes),
    [undefined, volumes, volumes],
  );
});

test("a restore has its own items and volumes", async (t) => {
  fakeTime(t);
  const last: Restore = {
    metadata: { name: "r1", namespace: "mke" },
    status: { phase: "Completed", progress: { totalItems: 7, itemsRestored: 7 } },
  };
  const objects = [volume("PodVolumeRestore", "Completed", 1, 1), volume("PodVolumeBackup", "Completed", 9, 9)];
  const seen: RunProgress[] = [];
  const cluster = stagedCluster([[restores, last]], { objects });
  const options = { signal, onProgress: (progress: RunProgress) => seen.push(progress) };
  const { volumes } = await followRestore(cluster, "mke", "r1", options);
  assert.deepEqual(volumes, objects.slice(0, 1));
  assert.deepEqual(seen[0]?.items, { done: 7, total: 7 });
  assert.equal(seen[0]?.kind, "Restore");
});

test("whoever may not list volumes follows without them, and that is not the same as having none", async (t) => {
  fakeTime(t);
  const refuse: FakeClusterOptions["refuse"] = ({ verb }) => (verb === "list" ? "Forbidden" : undefined);
  const { run } = await follow([backup({ phase: "Completed" })], { refuse });
  assert.equal((await run).volumes, undefined);
});

test("kinds that an older Velero lacks count as none", async () => {
  const refuse: FakeClusterOptions["refuse"] = ({ kind }) => (kind.version === "v2alpha1" ? "NoSuchKind" : undefined);
  const objects = [volume("PodVolumeBackup", "Completed")];
  assert.deepEqual(
    await volumesOf(fakeCluster({ objects, refuse }), "Backup", { namespace: "mke", name: "b1" }),
    objects,
  );
});

test("volumes are found by the label of the name, which is cut and hashed when it is long", async () => {
  const selectors: (string | undefined)[] = [];
  const cluster = {
    ...fakeCluster({}),
    list: async <T extends KubeObject>(
      _: unknown,
      query: { labelSelector?: string | undefined } = {},
    ): Promise<T[]> => {
      selectors.push(query.labelSelector);
      return [];
    },
  };
  await volumesOf(cluster, "Backup", { namespace: "mke", name: "a".repeat(64) });
  await volumesOf(cluster, "Restore", { namespace: "mke", name: "r1" });
  const long = `velero.io/backup-name=${"a".repeat(57)}ffe054`;
  assert.deepEqual(selectors, [long, long, "velero.io/restore-name=r1", "velero.io/restore-name=r1"]);
});

const going: [what: string, stage: Stage][] = [
  ["is not there any more", "NotFound"],
  ["is in phase Deleting", backup({ phase: "Deleting" })],
  ["carries a time of deletion", { metadata: { name: "b1", deletionTimestamp: "2026-11-24T09:00:00Z" } }],
];
for (const [what, stage] of going) {
  test(`a backup that ${what} ends the wait with an error`, async (t) => {
    fakeTime(t);
    const { run, cluster } = await follow([backup({ phase: "InProgress" }), stage, backup({ phase: "Completed" })]);
    await assert.rejects(run, { kind: "failed", message: "Backup b1 was deleted while it was waited for" });
    assert.equal(cluster.looks.get("Backup"), 2);
  });
}

test("a server that is away for a while is told about, with the last that was known", async (t) => {
  fakeTime(t);
  const { run, seen } = await follow([
    backup({ phase: "InProgress", progress: { totalItems: 20, itemsBackedUp: 3 } }),
    "Unreachable",
    backup({ phase: "Completed" }),
  ]);
  await run;
  assert.deepEqual(phasesOf(seen), ["InProgress", "InProgress", "Completed"]);
  assert.deepEqual(seen[1]?.items, { done: 3, total: 20 });
  assert.equal(seen[1]?.trouble, "the server says Unreachable");
  assert.equal(seen[2]?.trouble, undefined);
});

test("the limit ends the wait, not the backup", async (t) => {
  const time = fakeTime(t);
  const { run } = await follow([backup({ phase: "InProgress" })], { limit: 90_000 });
  await assert.rejects(run, { kind: "timeout", message: "timed out waiting for Backup b1 to finish" });
  assert.equal(time.now, 90_000);
});

test("an interrupt ends it with its own reason", async (t) => {
  fakeTime(t);
  const interrupt = new AbortController();
  const reason = new Failure("interrupted", "interrupted");
  const cluster = stagedCluster([[backups, backup({ phase: "InProgress" })]]);
  const onProgress = () => interrupt.abort(reason);
  await assert.rejects(followBackup(cluster, "mke", "b1", { signal: interrupt.signal, onProgress }), reason);
});

test("canceled volumes count as failed, and volumes without numbers as nothing", () => {
  const volumes = ["Completed", "Failed", "Canceled", "Canceling", "InProgress"].map((phase) => volume("x", phase));
  assert.deepEqual(volumeProgress([...volumes, volume("x", "InProgress", 3, 10)]), {
    done: 1,
    failed: 2,
    total: 6,
    bytesDone: 3,
    bytesTotal: 10,
  });
});
