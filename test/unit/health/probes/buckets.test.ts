import assert from "node:assert/strict";
import { test } from "node:test";
import type { Archive } from "../../../../src/archive/archive.ts";
import { Failure } from "../../../../src/core/failure.ts";
import { known } from "../../../../src/health/fact.ts";
import { lookIntoBuckets, storedBackups, volumesOfNewest } from "../../../../src/health/probes/buckets.ts";
import type { ProbeOptions } from "../../../../src/health/probes/thorough.ts";
import { fakeArchive } from "../../fake-archive.ts";
import * as sample from "../samples.ts";

const { hour } = sample.units;
const modified = sample.stamp(hour);
const entry = (key: string) => ({ key, size: 1, modified });

const options = (archive: Archive): ProbeOptions => ({
  namespace: "mke",
  signal: new AbortController().signal,
  limit: 1000,
  openArchive: async () => archive,
});
const asked = (backups = [sample.backup("b1", hour)], locations = [sample.location()]) => ({
  backups: Promise.resolve(known(backups)),
  locations: Promise.resolve(known(locations)),
});

test("a bucket's backups are its folders; one without metadata is none that Velero counts", () => {
  assert.deepEqual(
    storedBackups([
      entry("some/prefix/backups/b1/b1.tar.gz"),
      entry("some/prefix/backups/b1/velero-backup.json"),
      entry("some/prefix/backups/b1/b1-logs.gz"),
      entry("some/prefix/backups/b2/b2-logs.gz"),
      entry("some/prefix/backups/loose.txt"),
      entry("some/prefix/restores/r1/velero-backup.json"),
    ]),
    [
      { name: "b1", written: new Date(modified) },
      { name: "b2", written: undefined },
    ],
  );
});

test("only locations that are available are looked into, and a refusal is a fact of that location", async () => {
  const locations = [sample.location(), sample.location({ phase: "Unavailable" }, {}, "gone")];
  const seen = await lookIntoBuckets(
    asked([], locations),
    options(fakeArchive({}, new Failure("failed", "no", { reason: "Forbidden" }))),
  );
  assert.deepEqual([...seen], [["default", { state: "forbidden", sentence: "get secrets" }]]);
});

test("volumes are read of the newest good backup of each schedule; one without such a file is left out", async () => {
  const nightly = (name: string, age: number) =>
    sample.backup(name, age, {}, { metadata: { name, labels: { "velero.io/schedule-name": "nightly" } } });
  const archive = fakeArchive({ "BackupVolumeInfos/n2": [{ pvcName: "data", pvcNamespace: "shop", skipped: true }] });
  const backups = [
    nightly("n1", 3 * hour),
    nightly("n2", hour),
    sample.backup("b1", hour),
    sample.backup("b2", 9 * hour),
  ];
  const seen = await volumesOfNewest(asked(backups), options(archive));
  assert.deepEqual(archive.opened.toSorted(), ["BackupVolumeInfos/b1", "BackupVolumeInfos/n2"]);
  assert.deepEqual(seen, {
    state: "known",
    value: new Map([["n2", [{ dataMoved: false, claim: { namespace: "shop", name: "data" }, skipped: true }]]]),
  });
});

test("without the files of the store nothing is known and nothing is asked", async () => {
  const { openArchive: _, ...without } = options(fakeArchive({}));
  assert.deepEqual([...(await lookIntoBuckets(asked(), without))], []);
  assert.deepEqual(await volumesOfNewest(asked(), without), known(new Map()));
});
