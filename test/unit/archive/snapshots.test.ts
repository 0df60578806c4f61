import assert from "node:assert/strict";
import { test } from "node:test";
import { csiSnapshots, nativeSnapshots } from "../../../src/archive/snapshots.ts";

test("a native snapshot", () => {
  const document = [
    {
      spec: {
        backupName: "b",
        persistentVolumeName: "pv-1",
        providerVolumeID: "vol-1",
        volumeType: "gp3",
        volumeAZ: "a",
      },
      status: { providerSnapshotID: "snap-1", phase: "Completed" },
    },
  ];
  assert.deepEqual(nativeSnapshots(document), [
    {
      method: "NativeSnapshot",
      dataMoved: false,
      skipped: false,
      persistentVolume: "pv-1",
      volumeType: "gp3",
      zone: "a",
      snapshot: "snap-1",
      phase: "Completed",
    },
  ]);
});

test("CSI snapshots: ready, failed, under way", () => {
  const snapshot = (status: object) => ({
    metadata: { name: "s", namespace: "shop" },
    spec: { source: { persistentVolumeClaimName: "data" } },
    status,
  });
  const found = csiSnapshots([
    snapshot({ readyToUse: true, boundVolumeSnapshotContentName: "c" }),
    snapshot({ readyToUse: false, error: { message: "quota" } }),
    snapshot({}),
  ]);
  assert.deepEqual(
    found.map(({ claim, phase, message, snapshotContent }) => [claim?.name, phase, message, snapshotContent]),
    [
      ["data", "Completed", undefined, "c"],
      ["data", "Failed", "quota", undefined],
      ["data", "InProgress", undefined, undefined],
    ],
  );
});
