import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BackupDescription } from "../../../../src/archive/backup-description.ts";
import { read } from "../../../../src/core/section.ts";
import { noColours, type Screen } from "../../../../src/output/screen.ts";
import { cells } from "../../../../src/output/text.ts";
import { backupDescriptionText } from "../../../../src/output/views/describe-backup.ts";
import { locationDescriptionText } from "../../../../src/output/views/describe-location.ts";
import { restoreDescriptionText } from "../../../../src/output/views/describe-restore.ts";
import { scheduleDescriptionText } from "../../../../src/output/views/describe-schedule.ts";
import type { Backup, Restore } from "../../../../src/velero/types.ts";
import { anyText, unprintable } from "../texts.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date("2026-11-24T09:00:00Z") };
const plain = { details: false, inNamespace: "" };
const detailed = { details: true, inNamespace: "" };

const backup: Backup = {
  metadata: {
    name: "b1",
    namespace: "mke",
    creationTimestamp: "2026-11-24T08:00:00Z",
    labels: { "velero.io/schedule-name": "nightly" },
  },
  spec: {
    includedNamespaces: ["shop", "pay"],
    storageLocation: "default",
    ttl: "720h0m0s",
    labelSelector: { matchLabels: { app: "web" } },
    excludedClusterScopedResources: ["volumesnapshotcontents.snapshot.storage.k8s.io"],
    csiSnapshotTimeout: "10m0s",
    hooks: {
      resources: [
        {
          name: "freeze",
          includedNamespaces: ["shop"],
          pre: [{ exec: { container: "db", command: ["/bin/sh", "-c", "sync; sleep 1"], onError: "Fail" } }],
        },
      ],
    },
  },
  status: {
    phase: "PartiallyFailed",
    startTimestamp: "2026-11-24T08:00:00Z",
    completionTimestamp: "2026-11-24T08:02:23Z",
    expiration: "2026-12-24T08:00:00Z",
    formatVersion: "1.1.0",
    progress: { totalItems: 1204, itemsBackedUp: 1204 },
    warnings: 3,
    errors: 2,
    hookStatus: { hooksAttempted: 2, hooksFailed: 1 },
  },
};
const description: BackupDescription = {
  object: backup,
  bucket: read({ files: 9, bytes: 13_000 }),
  results: read({
    errors: [
      { text: "pod volume backup failed: no place", count: 1, places: ["shop/web-1"] },
      { text: "something else", count: 1, places: [] },
    ],
    warnings: [{ text: "take care", count: 2, places: ["pay"] }],
    benign: 1,
  }),
  volumes: {
    known: [
      {
        method: "PodVolumeBackup",
        dataMoved: false,
        skipped: false,
        phase: "Completed",
        bytes: 2048,
        pod: { namespace: "shop", name: "web-2", volume: "data" },
        started: "2026-11-24T08:00:00Z",
        completed: "2026-11-24T08:00:16Z",
      },
      {
        method: "PodVolumeBackup",
        dataMoved: false,
        skipped: false,
        phase: "Failed",
        message: "no place",
        pod: { namespace: "shop", name: "web-1", volume: "data" },
      },
      {
        dataMoved: false,
        skipped: true,
        skippedReason: "no snapshot class fits",
        claim: { namespace: "pay", name: "till" },
      },
    ],
    unread: [],
  },
  restores: read([]),
  deletions: read([
    {
      metadata: { name: "d", creationTimestamp: "2026-11-24T08:30:00Z" },
      spec: { backupName: "b1" },
      status: { phase: "Processed", errors: ["no access"] },
    },
  ]),
};

test("a backup that went wrong: the answer first, the errors last, each told once", () => {
  assert.equal(
    backupDescriptionText(description, plain, screen),
    `Backup b1 PartiallyFailed after 2m23s: 1,204 items, 3 warnings, 2 errors

Created         2026-11-24 08:00:00 UTC, 60m ago
Started         2026-11-24 08:00:00 UTC, 60m ago
Completed       2026-11-24 08:02:23 UTC, 57m ago
Expires         2026-12-24 08:00:00 UTC, in 29d (kept for 720h)
Schedule        nightly
Location        default
In the bucket   13 KiB in 9 files, data of volumes 2 KiB
Format          1.1.0

Namespaces      shop, pay
Resources       all
Selector        app=web
Volumes         file-system backup of those that pods name, snapshots where
                possible
Timeouts        CSI snapshot 10m

VOLUMES           METHOD             SIZE   DURATION   RESULT
shop/web-1 data   PodVolumeBackup       -   -          Failed
pay/till          -                     -   -          Skipped
shop/web-2 data   PodVolumeBackup   2 KiB   16s        Completed

1 x  skipped: no snapshot class fits
     pay/till

HOOKS   2 ran, 1 failed
  freeze: namespaces shop
    before  /bin/sh -c 'sync; sleep 1' (in db, on error Fail)

DELETION ASKED FOR        STATUS      ERRORS
2026-11-24 08:30:00 UTC   Processed   no access

WARNINGS
2 x  take care
     pay

1 warning about objects that every cluster makes itself: nothing to do.

ERRORS
1 x  pod volume failed: no place
     shop/web-1 data

1 x  something else

next  kubectl mkebackup logs backup/b1 --level error
      kubectl mkebackup contents b1
      kubectl mkebackup restore b1 --dry-run=client`,
  );
});

const bare = (change: Partial<BackupDescription> & { object: Backup }): BackupDescription => ({
  volumes: { known: [], unread: [] },
  restores: read([]),
  deletions: read([]),
  ...change,
});
const inPhase = (phase: string, more: object = {}): Backup => ({
  metadata: { name: "b1", namespace: "mke" },
  status: { phase, ...more },
});
const linesOf = (text: string) => text.split("\n");

test("the reason of a failure stands below the first line", () => {
  const failed = inPhase("Failed", { failureReason: "the bucket is full", startTimestamp: "2026-11-24T08:59:00Z" });
  assert.deepEqual(linesOf(backupDescriptionText(bare({ object: failed }), plain, screen)).slice(0, 2), [
    "Backup b1 Failed for 60s: 0 items, 0 warnings, 0 errors".replace("60s", "1m"),
    "  the bucket is full",
  ]);
  const refused = inPhase("FailedValidation", { validationErrors: ["a is wrong", "b too"] });
  assert.deepEqual(linesOf(backupDescriptionText(bare({ object: refused }), plain, screen)).slice(0, 3), [
    "Backup b1 FailedValidation",
    "  a is wrong",
    "  b too",
  ]);
});

test("what can be done next depends on where the run stands", () => {
  const next = (object: Backup, inNamespace = "") => {
    const lines = linesOf(backupDescriptionText(bare({ object }), { details: false, inNamespace }, screen));
    return lines.find((line) => line.startsWith("next"));
  };
  assert.equal(next(inPhase("InProgress")), "next  kubectl mkebackup wait backup/b1");
  assert.equal(
    next(inPhase("Completed"), " -n velero"),
    "next  kubectl mkebackup restore b1 --dry-run=client -n velero",
  );
  assert.equal(next(inPhase("Failed")), "next  kubectl mkebackup logs backup/b1");
  assert.equal(next(inPhase("FailedValidation")), "next  kubectl mkebackup list locations");
});

test("what cannot be read says so in its own place, and a bucket without the files is alarming", () => {
  const unread = { state: "unread", reason: "you may not get secrets" } as const;
  const text = backupDescriptionText(
    bare({
      object: inPhase("Completed"),
      bucket: unread,
      restores: unread,
      volumes: { known: [], unread: ["no way"] },
    }),
    plain,
    screen,
  );
  assert.match(text, /^In the bucket +size not known: you may not get secrets$/m);
  assert.match(text, /^The restores made from it could not be read: you may not get secrets$/m);
  assert.match(text, /^Volumes could not be read: no way$/m);
  const gone = bare({ object: inPhase("Completed"), bucket: read({ files: 0, bytes: 0 }) });
  assert.match(backupDescriptionText(gone, plain, screen), /^In the bucket +nothing: its files are gone$/m);
});

test("a volume under way shows how far it is", () => {
  const known = [
    { method: "PodVolumeBackup", dataMoved: false, skipped: false, phase: "InProgress", bytes: 200, bytesDone: 90 },
  ];
  const text = backupDescriptionText(
    bare({ object: inPhase("InProgress"), volumes: { known, unread: [] } }),
    plain,
    screen,
  );
  assert.match(text, /InProgress 45%/);
});

const restore: Restore = {
  metadata: { name: "r1", namespace: "mke" },
  spec: { backupName: "b1", namespaceMapping: { shop: "copy" }, excludedResources: ["nodes", "secrets"] },
  status: {
    phase: "Completed",
    startTimestamp: "2026-11-24T08:00:00Z",
    completionTimestamp: "2026-11-24T08:00:02Z",
    warnings: 1,
    progress: { totalItems: 3, itemsRestored: 3 },
  },
};
const resources = [
  { apiVersion: "v1", kind: "Pod", namespace: "copy", name: "web", action: "created" },
  { apiVersion: "v1", kind: "Pod", namespace: "copy", name: "db", action: "failed" },
  { apiVersion: "apps/v1", kind: "Deployment", namespace: "copy", name: "web", action: "created" },
];
const restored = {
  object: restore,
  backup: read(backup),
  resources: read(resources),
  volumes: { known: [], unread: [] },
};

test("a restore tells what became of each kind", () => {
  const text = restoreDescriptionText(restored, plain, screen);
  assert.match(text, /^Restore r1 Completed in 2s: 2 created, 1 failed, 1 warning, 0 errors\n/);
  assert.match(text, /^Backup +b1, PartiallyFailed, taken 2026-11-24 08:00:00 UTC, 60m ago$/m);
  assert.match(text, /^Renamed +shop as copy$/m);
  assert.match(text, /^Resources +all except secrets$/m);
  assert.match(text, /^OBJECTS +CREATED +FAILED\napps\/v1\/Deployment +1 +-\nv1\/Pod +1 +1\ntotal +2 +1$/m);
  assert.match(text, /^Without an error, failed means: /m);
  const details = restoreDescriptionText(restored, detailed, screen);
  assert.match(details, /^ {4}copy\/db \(failed\)$/m);
  assert.match(details, /except nodes, secrets$/m);
});

test("a restore whose backup is gone says so", () => {
  const backupGone = { state: "missing", reason: "backup b1 is gone" } as const;
  const text = restoreDescriptionText({ ...restored, backup: backupGone }, plain, screen);
  assert.match(text, /^Backup +b1, which is gone$/m);
});

test("a schedule: paused, overdue, or when it runs next", () => {
  const schedule = (paused: boolean, next: string | undefined) =>
    scheduleDescriptionText(
      {
        object: { metadata: { name: "s" }, spec: { schedule: "0 2 * * *", paused }, status: { phase: "Enabled" } },
        next: next === undefined ? undefined : new Date(next),
        backups: read([backup]),
      },
      plain,
      screen,
    );
  assert.match(schedule(false, "2026-11-25T02:00:00Z"), /^Schedule s Enabled: 0 2 \* \* \*, next in 17h\n/);
  assert.match(schedule(false, "2026-11-24T02:00:00Z"), /, overdue since 7h\n/);
  assert.match(schedule(true, undefined), /^Schedule s Paused: [\s\S]*^Next run +none while it is paused$/m);
  assert.match(schedule(true, undefined), /^b1 +PartiallyFailed +2026-11-24 08:00:00 UTC +2m23s/m);
});

test("a location: the reason first, no password, and what lies in it", () => {
  const text = locationDescriptionText(
    {
      object: {
        metadata: { name: "default" },
        spec: {
          provider: "aws",
          default: true,
          config: { s3Url: "https://me:pass@minio:9000" },
          credential: { name: "keys", key: "cloud" },
          objectStorage: { bucket: "velero", prefix: "a" },
        },
        status: {
          phase: "Unavailable",
          message: "rpc error: code = Unknown desc = dial tcp: lookup minio: no such host",
        },
      },
      backups: read({ count: 1, phases: { PartiallyFailed: 1 }, newest: backup, newestUsable: backup }),
    },
    plain,
    screen,
  );
  assert.match(text, /^Location default Unavailable: the default one\n {2}lookup minio: no such host\n/);
  assert.match(text, /^Bucket +velero\/a$/m);
  assert.match(text, /^Config +s3Url=https:\/\/\*\*\*@minio:9000$/m);
  assert.match(text, /^Credential +Secret keys, key cloud$/m);
  assert.match(text, /^Checked +never$/m);
  assert.match(text, /^Newest +b1, PartiallyFailed, /m);
  assert.match(text, /^next {2}kubectl mkebackup status$/m);
});

test("whatever the cluster and the files say, it fits the screen and steers no terminal", () => {
  const cause = fc.record({ text: anyText, count: fc.nat(2000), places: fc.array(anyText, { maxLength: 9 }) });
  const volume = fc.record({ phase: anyText, message: anyText, snapshot: anyText, node: anyText });
  const longName = { phase: "", message: "", snapshot: "snap-".repeat(13), node: "" };
  fc.assert(
    fc.property(
      fc.array(cause),
      fc.array(volume),
      anyText,
      fc.constantFrom(60, 80),
      fc.boolean(),
      (causes, volumes, text, width, details) => {
        const status = { ...backup.status, failureReason: text };
        const found: BackupDescription = {
          ...description,
          object: { ...backup, spec: { ...backup.spec, includedNamespaces: [text] }, status },
          results: read({ errors: causes, warnings: causes, benign: 1200 }),
          volumes: { known: volumes.map((one) => ({ ...one, dataMoved: false, skipped: false })), unread: [text] },
        };
        const shown = backupDescriptionText(found, { details, inNamespace: "" }, { ...screen, width });
        for (const line of shown.split("\n")) {
          assert.ok(cells(line) <= width, line);
          assert.doesNotMatch(line, unprintable);
        }
      },
    ),
    { examples: [[[], [longName], "", 60, true]] },
  );
});
