import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { placeOf } from "../../../src/archive/failed-volumes.ts";
import { itemOperations } from "../../../src/archive/item-operations.ts";
import { csiSnapshots, nativeSnapshots } from "../../../src/archive/snapshots.ts";
import { mergeVolumes, volumeInfos } from "../../../src/archive/volume-infos.ts";

/** Whatever JSON can say, with the keys that the readers look for in places where they do not expect them. */
const keys = fc.constantFrom(
  ..."backupMethod restoreMethod pvcName pvcNamespace pvName skipped skippedReason result size Phase".split(" "),
  ..."csiSnapshotInfo snapshotDataMovementInfo nativeSnapshotInfo pvbInfo pvrInfo pvInfo podName podNamespace".split(
    " ",
  ),
  ..."spec status metadata resourceIdentifier Group Resource Name nCompleted error message source".split(" "),
);
const { document } = fc.letrec((tie) => ({
  document: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, -1, 1e300, "", "a/b"),
    fc.array(tie("document")),
    tie("object"),
  ),
  object: fc.dictionary(keys, tie("document")),
}));

const isTextOrNothing = (value: unknown) => value === undefined || (typeof value === "string" && value !== "");

test("no document breaks a reader, and what it takes out has the type it says", () => {
  fc.assert(
    fc.property(document, (found) => {
      for (const volume of [...volumeInfos(found), ...nativeSnapshots(found), ...csiSnapshots(found)]) {
        for (const field of ["method", "phase", "message", "skippedReason", "snapshot", "node"] as const)
          assert.ok(isTextOrNothing(volume[field]), field);
        assert.ok(volume.bytes === undefined || volume.bytes > 0);
        assert.equal(typeof placeOf(volume), "string");
      }
      for (const { plugin, resource, phase, done, error } of itemOperations(found)) {
        assert.ok([plugin, resource, phase].every((text) => typeof text === "string"));
        assert.ok(isTextOrNothing(error) && (done === undefined || typeof done === "number"));
      }
    }),
  );
});

test("no volume is lost or told twice where the file and the objects know it", () => {
  const volume = fc.record({ name: fc.constantFrom("a", "b", "c"), volume: fc.constantFrom("x", "y") });
  const unique = fc.uniqueArray(volume, { selector: ({ name, volume: of }) => `${name}/${of}` });
  fc.assert(
    fc.property(unique, unique, (stored, live) => {
      const infos = volumeInfos(
        stored.map(({ name, volume: of }) => ({ pvbInfo: { podNamespace: "n", podName: name, volumeName: of } })),
      );
      const transfers = live.map(({ name, volume: of }) => ({
        kind: "PodVolumeBackup",
        metadata: { name: `${name}-${of}` },
        spec: { pod: { namespace: "n", name }, volume: of },
      }));
      const told = mergeVolumes(infos, transfers).map(placeOf);
      const known = [...stored, ...live].map(({ name, volume: of }) => `n/${name} ${of}`);
      assert.deepEqual(told.toSorted(), [...new Set(known)].toSorted());
    }),
  );
});
