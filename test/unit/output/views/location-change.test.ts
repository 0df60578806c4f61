import assert from "node:assert/strict";
import { test } from "node:test";
import { noColours, type Screen } from "../../../../src/output/screen.ts";
import { locationChangeText } from "../../../../src/output/views/location-change.ts";
import type { LocationChange } from "../../../../src/velero/location-change.ts";
import type { StorageProof } from "../../../../src/velero/storage-proof.ts";
import type { BackupStorageLocation } from "../../../../src/velero/types.ts";

const screen = (width: number): Screen => ({
  width,
  wide: false,
  paint: noColours,
  now: new Date("2026-11-24T12:00:00Z"),
});
const location = (phase: string | undefined, spec: BackupStorageLocation["spec"] = {}): BackupStorageLocation => ({
  metadata: { name: "nas", namespace: "mke" },
  spec: {
    provider: "aws",
    accessMode: "ReadWrite",
    credential: { name: "nas-credentials", key: "cloud" },
    objectStorage: { bucket: "backups", prefix: "prod", caCert: "PEM" },
    config: { region: "us-east-1", s3Url: "https://nas.example:9000", profile: "backup" },
    ...spec,
  },
  ...(phase === undefined ? {} : { status: { phase } }),
});

test("a location that was made: whether it works, where it is, what can be done with it", () => {
  const made: LocationChange = {
    action: "create",
    state: "checked",
    location: location("Available"),
    secret: "nas-credentials",
  };
  assert.equal(
    locationChangeText(made, screen(80)),
    `Location nas Available: created

Bucket     backups/prod
Store      https://nas.example:9000
Access     ReadWrite
CA         its own, in the object
Keys       Secret nas-credentials, key cloud, profile backup, made for it

next  kubectl mkebackup create --storage-location nas
      kubectl mkebackup describe location/nas`,
  );
});

test("one that the server cannot use, or that takes no backups, is not proposed for one", () => {
  const text = (one: BackupStorageLocation) =>
    locationChangeText({ action: "create", state: "checked", location: one }, screen(80));
  assert.match(text(location("Unavailable")), /^Location nas Unavailable: created, but the server cannot use it\n/);
  assert.doesNotMatch(text(location("Unavailable")), /create --storage-location/);
  assert.doesNotMatch(text(location("Available", { accessMode: "ReadOnly" })), /create --storage-location/);
});

const proof: StorageProof = {
  passed: false,
  location: "nas",
  bucket: "backups/prod",
  host: "nas.example:9000",
  readOnly: undefined,
  steps: [
    {
      name: "list",
      status: "fail",
      milliseconds: 3,
      detail: "the bucket does not exist",
      next: "kubectl mkebackup describe location/nas",
    },
  ],
  milliseconds: 3,
  skew: { store: undefined, cluster: undefined },
  latency: undefined,
  latestBackup: undefined,
  leftBehind: undefined,
};

test("a storage that cannot be used: its steps; of a location that was not made nothing is proposed", () => {
  const refused = locationChangeText(
    { action: "create", state: "unproven", location: location(undefined), proof },
    screen(80),
  );
  assert.match(refused, /list +FAIL +3ms +the bucket does not exist/);
  assert.doesNotMatch(refused, /describe location/);
  const kept: LocationChange = {
    action: "credentials",
    state: "unproven",
    location: location("Available"),
    secret: "s",
    proof,
  };
  assert.match(locationChangeText(kept, screen(80)), /next {2}kubectl mkebackup describe location\/nas/);
});

test("every screen fits 60 columns, and shows control characters", () => {
  const odd = location("Available", { objectStorage: { bucket: "b\u001b[31m" } });
  const changes: LocationChange[] = [
    { action: "create", state: "checked", location: odd, secret: "nas-credentials" },
    { action: "create", state: "sent", location: odd },
    { action: "create", state: "dry run", location: odd, secret: "nas-credentials" },
    { action: "credentials", state: "checked", location: odd, secret: "nas-credentials-with-quite-a-long-name" },
    { action: "default", location: odd, before: ["one", "another-with-quite-a-long-name", "third"] },
    { action: "delete", location: odd, declined: false, backups: ["a", "b"], secret: "nas-credentials", left: [] },
  ];
  for (const change of changes) {
    const text = locationChangeText(change, screen(60));
    assert.ok(text.length > 0 && !text.includes("\u001b"));
    for (const line of text.split("\n")) assert.ok(line.length <= 60, line);
  }
});
