import assert from "node:assert/strict";
import { test } from "node:test";
import { failedVolumes, placeOf, skippedVolumes } from "../../../src/archive/failed-volumes.ts";
import { mergeVolumes, volumeInfos, volumeOfTransfer } from "../../../src/archive/volume-infos.ts";
import type { VolumeTransfer } from "../../../src/velero/types.ts";

/** As Velero 1.18 writes them. */
const fileSystem = {
  backupMethod: "PodVolumeBackup",
  snapshotDataMoved: false,
  preserveLocalSnapshot: false,
  skipped: false,
  startTimestamp: "2026-11-24T15:04:03Z",
  completionTimestamp: "2026-11-24T15:04:05Z",
  result: "succeeded",
  pvbInfo: {
    snapshotHandle: "337a",
    size: 20971520,
    incrementalSize: 1024,
    uploaderType: "kopia",
    volumeName: "data",
    podName: "web-1",
    podNamespace: "shop",
    nodeName: "n1",
    Phase: "Completed",
  },
};
const moved = {
  pvcName: "till",
  pvcNamespace: "pay",
  pvName: "pvc-1",
  backupMethod: "CSISnapshot",
  snapshotDataMoved: true,
  skipped: false,
  result: "failed",
  csiSnapshotInfo: { snapshotHandle: "", size: 0, driver: "csi.example.io", vscName: "c1" },
  snapshotDataMovementInfo: {
    dataMover: "velero",
    uploaderType: "kopia",
    operationID: "du-1",
    size: 7,
    Phase: "Failed",
  },
  pvInfo: { reclaimPolicy: "Delete", labels: {} },
};
const native = {
  pvName: "pv-9",
  backupMethod: "NativeSnapshot",
  snapshotDataMoved: false,
  skipped: false,
  nativeSnapshotInfo: { snapshotHandle: "snap-1", volumeType: "gp3", volumeAZ: "a", iops: "3000" },
};
const skipped = { pvcName: "logs", pvcNamespace: "shop", skipped: true, skippedReason: "no snapshot class fits" };

test("each method's own part is told in one shape", () => {
  const [pod, data, cloud, out] = volumeInfos([fileSystem, moved, native, skipped]);
  assert.deepEqual(pod, {
    method: "PodVolumeBackup",
    dataMoved: false,
    pod: { namespace: "shop", name: "web-1", volume: "data" },
    skipped: false,
    phase: "Completed",
    started: "2026-11-24T15:04:03Z",
    completed: "2026-11-24T15:04:05Z",
    bytes: 20971520,
    incrementalBytes: 1024,
    node: "n1",
    uploader: "kopia",
    snapshot: "337a",
  });
  assert.deepEqual(
    [data?.method, data?.dataMoved, data?.claim, data?.persistentVolume, data?.phase, data?.bytes, data?.operation],
    ["CSISnapshot", true, { namespace: "pay", name: "till" }, "pvc-1", "Failed", 7, "du-1"],
  );
  assert.deepEqual(
    [data?.driver, data?.snapshotContent, data?.dataMover, data?.reclaimPolicy],
    ["csi.example.io", "c1", "velero", "Delete"],
  );
  assert.deepEqual(
    [cloud?.snapshot, cloud?.volumeType, cloud?.zone, cloud?.iops, cloud?.phase],
    ["snap-1", "gp3", "a", "3000", undefined],
  );
  assert.deepEqual([out?.skipped, out?.skippedReason, out?.phase], [true, "no snapshot class fits", undefined]);
});

test("a version that tells no phase tells a result, or neither", () => {
  const phaseOf = (more: object) => volumeInfos([{ backupMethod: "PodVolumeBackup", pvbInfo: {}, ...more }])[0]?.phase;
  assert.equal(phaseOf({ result: "succeeded" }), "Completed");
  assert.equal(phaseOf({ result: "failed" }), "Failed");
  assert.equal(phaseOf({}), undefined);
});

test("a restore's volumes come in the same shape", () => {
  const [volume] = volumeInfos([
    {
      pvcName: "till",
      pvcNamespace: "pay",
      restoreMethod: "PodVolumeRestore",
      pvrInfo: { snapshotHandle: "s", size: 5, podName: "p", podNamespace: "pay", volumeName: "v" },
    },
  ]);
  assert.deepEqual([volume?.method, volume?.pod?.volume, volume?.bytes], ["PodVolumeRestore", "v", 5]);
});

const transfer = (kind: string, spec: object, status: object, labels: Record<string, string> = {}): VolumeTransfer => ({
  kind,
  metadata: { name: `${kind}-1`, labels },
  spec,
  status,
});

test("what an object knows joins what the file says about the same volume", () => {
  const pod = transfer(
    "PodVolumeBackup",
    { pod: { namespace: "shop", name: "web-1" }, volume: "data" },
    { phase: "Failed", message: "no place" },
  );
  const upload = transfer(
    "DataUpload",
    { sourcePVC: "till", sourceNamespace: "pay" },
    { phase: "Failed", message: "lost", node: "n2" },
    { "velero.io/async-operation-id": "du-1" },
  );
  const other = transfer(
    "PodVolumeBackup",
    { pod: { namespace: "shop", name: "web-2" }, volume: "data" },
    { phase: "InProgress", progress: { totalBytes: 10, bytesDone: 4 } },
  );
  const all = mergeVolumes(volumeInfos([fileSystem, moved]), [other, upload, pod]);
  assert.deepEqual(
    all.map((volume) => [placeOf(volume), volume.phase, volume.message, volume.node]),
    [
      ["shop/web-1 data", "Failed", "no place", "n1"],
      ["pay/till", "Failed", "lost", "n2"],
      ["shop/web-2 data", "InProgress", undefined, undefined],
    ],
  );
  assert.equal(all[0]?.bytes, 20971520);
  assert.deepEqual([all[2]?.bytes, all[2]?.bytesDone], [10, 4]);
});

test("a volume of the same pod with another name is another one", () => {
  const logs = transfer(
    "PodVolumeBackup",
    { pod: { namespace: "shop", name: "web-1" }, volume: "logs" },
    { phase: "Completed" },
  );
  assert.equal(mergeVolumes(volumeInfos([fileSystem]), [logs]).length, 2);
});

test("an object that nobody has touched is new", () => {
  const volume = volumeOfTransfer({
    kind: "DataDownload",
    metadata: { name: "d" },
    spec: { targetVolume: { pvc: "a", namespace: "b" } },
  });
  assert.deepEqual(
    [volume.phase, volume.method, volume.dataMoved, placeOf(volume)],
    ["New", "CSISnapshot", true, "b/a"],
  );
});

test("failed and skipped volumes are grouped by what the server says of them", () => {
  const volumes = [
    { skipped: true, skippedReason: "not\n fit", dataMoved: false, persistentVolume: "pv-1" },
    { skipped: true, skippedReason: "not fit", dataMoved: false, persistentVolume: "pv-2" },
    { skipped: false, phase: "Canceled", dataMoved: false, snapshot: "s" },
    { skipped: false, phase: "Completed", dataMoved: false },
  ];
  assert.deepEqual(skippedVolumes(volumes), [{ text: "skipped: not fit", count: 2, places: ["pv-1", "pv-2"] }]);
  assert.deepEqual(failedVolumes(volumes), [
    { text: "pod volume failed: the server gave no reason", count: 1, places: ["s"] },
  ]);
});
