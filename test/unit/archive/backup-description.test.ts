import assert from "node:assert/strict";
import { test } from "node:test";
import { describeBackup } from "../../../src/archive/backup-description.ts";
import { describeRestore } from "../../../src/archive/restore-description.ts";
import { Failure } from "../../../src/core/failure.ts";
import type { Backup, Restore } from "../../../src/velero/types.ts";
import { fakeArchive } from "../fake-archive.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const signal = new AbortController().signal;
const backupWith = (status: NonNullable<Backup["status"]>): Backup => ({
  kind: "Backup",
  metadata: { name: "b1", namespace: "mke" },
  spec: { storageLocation: "default" },
  status,
});

async function described(
  backup: Backup,
  {
    files = {},
    entries = [],
    details = false,
    ...cluster
  }: FakeClusterOptions & {
    files?: Parameters<typeof fakeArchive>[0];
    entries?: Parameters<typeof fakeArchive>[1];
    details?: boolean;
  } = {},
) {
  const archive = fakeArchive(files, entries);
  const found = await describeBackup(backup, { cluster: fakeCluster(cluster), archive, signal, details });
  return { found, opened: archive.opened.toSorted() };
}

const asked: readonly [what: string, status: NonNullable<Backup["status"]>, details: boolean, files: string[]][] = [
  ["completed without a word", { phase: "Completed" }, false, ["BackupVolumeInfos/b1"]],
  ["completed, with details", { phase: "Completed" }, true, ["BackupResourceList/b1", "BackupVolumeInfos/b1"]],
  [
    "incomplete, with operations",
    { phase: "PartiallyFailed", errors: 1, backupItemOperationsAttempted: 2 },
    false,
    ["BackupItemOperations/b1", "BackupResults/b1", "BackupVolumeInfos/b1"],
  ],
  ["running", { phase: "InProgress", warnings: 1 }, true, []],
  ["new", {}, true, []],
  ["refused", { phase: "FailedValidation", errors: 1 }, true, []],
  ["waiting for its operations", { phase: "WaitingForPluginOperations" }, false, ["BackupVolumeInfos/b1"]],
  [
    "a namesake of one in the bucket",
    { phase: "Failed", errors: 1, failureReason: "backup already exists in object storage" },
    true,
    [],
  ],
];
for (const [what, status, details, files] of asked) {
  test(`a backup that is ${what} needs ${files.length === 0 ? "no file" : files.join(", ")}`, async () => {
    assert.deepEqual((await described(backupWith(status), { details })).opened, files);
  });
}

test("the sizes of its files are added up", async () => {
  const entries = [
    { key: "a", size: 3, modified: undefined },
    { key: "b", size: 4, modified: undefined },
  ];
  const { found } = await described(backupWith({ phase: "Completed" }), { entries });
  assert.deepEqual(found.bucket, { state: "read", value: { files: 2, bytes: 7 } });
});

test("each section degrades alone, and says why", async () => {
  const refuse = new Failure("failed", "no way to the store");
  const { found } = await described(backupWith({ phase: "PartiallyFailed", errors: 1 }), {
    files: { "BackupResults/b1": refuse },
    entries: new Failure("failed", 'secrets "cloud" is forbidden', { reason: "Forbidden" }),
    refuse: ({ kind }) => (kind.kind === "Restore" ? "Forbidden" : undefined),
  });
  assert.deepEqual(found.results, { state: "unread", reason: "no way to the store" });
  assert.deepEqual(found.bucket?.state, "unread");
  assert.equal(found.restores.state, "unread");
  assert.deepEqual(found.deletions, { state: "read", value: [] });
  // Velero before 1.13 stores no volume infos: nothing to complain about.
  assert.deepEqual(found.volumes, { known: [], unread: [] });
});

test("a user who may not list volumes is told that there may be more", async () => {
  const { found } = await described(backupWith({ phase: "Completed" }), {
    files: { "BackupVolumeInfos/b1": [] },
    refuse: ({ kind }) => (/PodVolume|DataUpload/.test(kind.kind) ? "Forbidden" : undefined),
  });
  assert.deepEqual(found.volumes.unread, ["you may not list podvolumebackups.velero.io and datauploads.velero.io"]);
});

test("where no volume infos are stored, the snapshots that were attempted are read from their own files", async () => {
  const status = { phase: "Completed", volumeSnapshotsAttempted: 1, csiVolumeSnapshotsAttempted: 1 };
  const { found, opened } = await described(backupWith(status), {
    files: {
      "BackupVolumeSnapshots/b1": [{ spec: { persistentVolumeName: "pv-1" }, status: { phase: "Completed" } }],
      "CSIBackupVolumeSnapshots/b1": null,
    },
  });
  assert.deepEqual(opened, ["BackupVolumeInfos/b1", "BackupVolumeSnapshots/b1", "CSIBackupVolumeSnapshots/b1"]);
  assert.deepEqual(
    found.volumes.known.map(({ persistentVolume }) => persistentVolume),
    ["pv-1"],
  );
});

const restore = (name: string, backupName: string): Restore => ({
  kind: "Restore",
  metadata: { name, namespace: "mke" },
  spec: { backupName },
  status: { phase: "Completed", warnings: 1 },
});

test("of the restores, those made from it are kept", async () => {
  const { found } = await described(backupWith({ phase: "Completed" }), {
    objects: [restore("r1", "b1"), restore("r2", "b2")],
  });
  assert.ok(found.restores.state === "read");
  assert.deepEqual(
    found.restores.value.map(({ metadata }) => metadata.name),
    ["r1"],
  );
});

test("Ctrl-C ends the description, it is no reason inside it", async () => {
  const gone = new AbortController();
  const reason = new Failure("interrupted", "interrupted");
  const backup = backupWith({ phase: "Completed" });
  const sources = { cluster: fakeCluster({}), archive: fakeArchive({}), signal: gone.signal, details: false };
  gone.abort(reason);
  await assert.rejects(describeBackup(backup, sources), reason);
});

test("a restore whose backup is gone is described as far as can be", async () => {
  const archive = fakeArchive({
    "RestoreResults/r1": { warnings: { namespaces: { shop: ["take care"] } } },
    "RestoreResourceList/r1": { "v1/Pod": ["shop/web(created)"] },
  });
  const gone = () => Promise.reject(new Failure("failed", "not found", { reason: "NotFound" }));
  const found = await describeRestore(restore("r1", "b1"), gone, { cluster: fakeCluster({}), archive, signal });
  assert.deepEqual(found.backup, { state: "missing", reason: "backup b1 is gone" });
  assert.ok(found.results?.state === "read" && found.resources?.state === "read");
  assert.equal(found.resources.value[0]?.action, "created");
  assert.deepEqual(found.volumes, { known: [], unread: [] });
});
