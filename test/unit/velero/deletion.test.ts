import assert from "node:assert/strict";
import { test } from "node:test";
import { followDeletion, followRestoreDeletion, requestDeletion } from "../../../src/velero/deletion.ts";
import { backups, deleteRequests, restores } from "../../../src/velero/kinds.ts";
import type { DeleteBackupRequest } from "../../../src/velero/types.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { fakeTime } from "../fake-time.ts";
import { type Stage, stagedCluster } from "./staged-cluster.ts";

const signal = new AbortController().signal;
const backup = { metadata: { name: "b1", namespace: "mke", uid: "1234" } };
const request = (status?: DeleteBackupRequest["status"]): DeleteBackupRequest => ({
  metadata: { name: "b1-x7k2p", namespace: "mke" },
  spec: { backupName: "b1" },
  ...(status === undefined ? {} : { status }),
});

function follow(requestStages: readonly Stage[], backupStages: readonly Stage[], limit?: number): Promise<void> {
  const cluster = stagedCluster([
    [deleteRequests, ...requestStages],
    [backups, ...backupStages],
  ]);
  return followDeletion(cluster, request(), { signal, limit });
}

test("the request carries the labels by which the server and describe find it", async () => {
  const sent = await requestDeletion(fakeCluster({}), backup, signal);
  assert.equal(sent.metadata.generateName, "b1-");
  assert.equal(sent.metadata.namespace, "mke");
  assert.deepEqual(sent.metadata.labels, { "velero.io/backup-name": "b1", "velero.io/backup-uid": "1234" });
  assert.deepEqual(sent.spec, { backupName: "b1" });
});

test("a long name is cut in the label, not in the request", async () => {
  const name = "a".repeat(64);
  const sent = await requestDeletion(fakeCluster({}), { metadata: { name } }, signal);
  assert.deepEqual(sent.metadata.labels, { "velero.io/backup-name": `${"a".repeat(57)}ffe054` });
  assert.equal(sent.spec.backupName, name);
});

test("a backup that is gone was deleted", async (t) => {
  fakeTime(t);
  await follow([request(), request({ phase: "InProgress" }), "NotFound"], [backup, backup, "NotFound"]);
});

test("a backup that is gone was deleted, even if its request still stands there", async (t) => {
  fakeTime(t);
  await follow([request({ phase: "InProgress" })], [backup, "NotFound"]);
});

test("a request that ends with errors says them", async (t) => {
  fakeTime(t);
  const errors = ["backup is still in progress", "and more"];
  await assert.rejects(follow([request(), request({ phase: "Processed", errors })], [backup]), {
    kind: "failed",
    message: "backup b1 was not deleted: backup is still in progress; and more",
  });
});

test("a request that is processed without errors while the backup stays is no success", async (t) => {
  fakeTime(t);
  await assert.rejects(follow([request({ phase: "Processed" })], [backup]), { message: /the server gave no reason/ });
});

test("a request that vanished while the backup stays is no success", async (t) => {
  fakeTime(t);
  await assert.rejects(follow([request(), "NotFound"], [backup]), {
    message: "backup b1 is still there, and the request to delete it is gone",
    next: ["kubectl mkebackup delete backup/b1"],
  });
});

test("a server that never looks at the request ends in a timeout", async (t) => {
  const time = fakeTime(t);
  await assert.rejects(follow([request()], [backup], 30_000), {
    kind: "timeout",
    message: "timed out waiting for backup b1 to be deleted",
  });
  assert.equal(time.now, 30_000);
});

test("whoever may not read the backup learns that, not that it is gone", async (t) => {
  fakeTime(t);
  await assert.rejects(follow([request()], ["Forbidden"]), { reason: "Forbidden" });
});

test("a restore is deleted when it is gone", async (t) => {
  fakeTime(t);
  const restore = { metadata: { name: "r1", namespace: "mke" } };
  const cluster = stagedCluster([[restores, restore, restore, "NotFound"]]);
  await followRestoreDeletion(cluster, restore, { signal });
  assert.equal(cluster.looks.get("Restore"), 3);
});

test("a restore that its finalizer holds ends in a timeout that says who has to act", async (t) => {
  fakeTime(t);
  const restore = { metadata: { name: "r1", namespace: "mke" } };
  await assert.rejects(followRestoreDeletion(stagedCluster([[restores, restore]]), restore, { signal, limit: 5000 }), {
    kind: "timeout",
    message: /restore r1 to be deleted \(the Velero server has to remove its files first\)/,
  });
});
