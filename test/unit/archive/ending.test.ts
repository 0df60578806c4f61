import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { openArchive } from "../../../src/archive/archive.ts";
import { readEnding } from "../../../src/archive/ending.ts";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject, ResourceKind } from "../../../src/core/resource.ts";
import type { ObjectStore } from "../../../src/object-store/object-store.ts";
import type { Backup, BackupStorageLocation, Restore, VolumeTransfer } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { fakeTime } from "../fake-time.ts";

const signal = new AbortController().signal;
const location = {
  kind: "BackupStorageLocation",
  metadata: { name: "default", namespace: "mke" },
  spec: { provider: "aws", objectStorage: { bucket: "velero", prefix: "p" } },
};
const secret = {
  kind: "Secret",
  metadata: { name: "cloud-credentials", namespace: "mke" },
  data: { cloud: Buffer.from("[default]\naws_access_key_id=a\naws_secret_access_key=s").toString("base64") },
};
const backup = (status: NonNullable<Backup["status"]>): Backup => ({
  kind: "Backup",
  metadata: { name: "b1", namespace: "mke" },
  status,
});

interface World extends FakeClusterOptions {
  /** Whether the server signs links; it does unless said otherwise. */
  readonly signs?: boolean;
  /** What the store answers: a document, raw bytes or a failure. */
  readonly stored?: object | Buffer | Failure;
}

/** The cluster and the store that an ending is read from, and what the store was asked. */
function worldOf({ signs = true, stored = {}, ...options }: World) {
  const fake = fakeCluster({ ...options, objects: [location, secret, ...(options.objects ?? [])] });
  const asked: string[] = [];
  const answer = async (what: string) => {
    asked.push(what);
    if (stored instanceof Failure) throw stored;
    const content = Buffer.isBuffer(stored) ? stored : gzipSync(JSON.stringify(stored));
    return { size: content.length, etag: undefined, content: Readable.from([content]) };
  };
  const store: ObjectStore = {
    open: (url) => answer(url.pathname),
    bucket: (settings, keys) => ({
      open: (key) => answer(`${settings.bucket}:${key} with ${keys.accessKeyId}`),
      async *list() {},
    }),
    probe: () => assert.fail("nobody proves the store here"),
    close() {},
  };
  const cluster = {
    ...fake,
    async get<T extends KubeObject>(
      kind: ResourceKind<T>,
      reference: { namespace?: string | undefined; name: string },
    ) {
      const found = await fake.get(kind, reference);
      const { kind: target = "", name = "" } =
        (found as { spec?: { target?: { kind: string; name: string } } }).spec?.target ?? {};
      const signed = kind.kind === "DownloadRequest" && signs;
      return signed ? { ...found, status: { downloadURL: `http://store/${target}/${name}` } } : found;
    },
  };
  const archiveFor = (until: AbortSignal) =>
    openArchive({
      cluster,
      namespace: "mke",
      store: async () => store,
      location: async () => location as BackupStorageLocation,
      insecureSkipTlsVerify: false,
      signal: until,
    });
  return { asked, cluster, archiveFor, sources: { archive: archiveFor(signal), signal } };
}

const volume = (
  phase: string,
  message: string | undefined,
  spec: VolumeTransfer["spec"],
  name = "v",
): VolumeTransfer => ({
  metadata: { name, namespace: "mke" },
  spec: spec ?? {},
  status: { phase, ...(message === undefined ? {} : { message }) },
});
const pod = (name: string) => ({ pod: { namespace: "shop", name }, volume: "data" });

test("a run without warnings and errors needs no results file", async () => {
  const { asked, cluster, sources } = worldOf({});
  const ending = await readEnding({ object: backup({ phase: "Completed" }), volumes: [] }, "Backup", sources);
  assert.deepEqual([ending.errors, ending.warnings, ending.benign, ending.unread], [[], [], 0, undefined]);
  assert.deepEqual([asked, cluster.requests], [[], []]);
});

test("a run that failed its validation has no files to read", async () => {
  const { asked, sources } = worldOf({});
  const object = backup({ phase: "FailedValidation", errors: 1 });
  assert.equal((await readEnding({ object, volumes: [] }, "Backup", sources)).unread, undefined);
  assert.deepEqual(asked, []);
});

test("the results of a backup explain it", async () => {
  const stored = { errors: { velero: ["no place"] }, warnings: { namespaces: { shop: ["take care"] } } };
  const { asked, sources } = worldOf({ stored });
  const object = backup({ phase: "PartiallyFailed", errors: 1, warnings: 1 });
  const ending = await readEnding({ object, volumes: undefined }, "Backup", sources);
  assert.deepEqual(ending.errors, [{ text: "no place", count: 1, places: [] }]);
  assert.deepEqual(ending.warnings, [{ text: "take care", count: 1, places: ["shop"] }]);
  assert.equal(ending.volumes, undefined);
  assert.deepEqual(asked, ["/BackupResults/b1"]);
});

const restore: Restore = {
  metadata: { name: "r1", namespace: "mke" },
  spec: { backupName: "b1" },
  status: { phase: "Completed", warnings: 1 },
};

test("the results of a restore are its own", async () => {
  const { asked, sources } = worldOf({});
  await readEnding({ object: restore, volumes: [] }, "Restore", sources);
  assert.deepEqual(asked, ["/RestoreResults/r1"]);
});

test("failed and canceled volumes are grouped by the server's message, with pod and volume or the claim", async () => {
  const volumes = [
    volume("Failed", "no such host\n  minio", pod("web-1")),
    volume("Failed", "no such host\n  minio", pod("web-2")),
    volume("Canceled", undefined, { sourceNamespace: "pay", sourcePVC: "till" }),
    volume("Canceled", undefined, { targetVolume: { namespace: "pay", pvc: "safe" } }),
    volume("Failed", "odd", {}, "pvb-1"),
    volume("Completed", "fine", pod("web-3")),
  ];
  const object = backup({ phase: "PartiallyFailed" });
  assert.deepEqual((await readEnding({ object, volumes }, "Backup", worldOf({}).sources)).errors, [
    { text: "pod volume failed: no such host minio", count: 2, places: ["shop/web-1 data", "shop/web-2 data"] },
    { text: "pod volume failed: the server gave no reason", count: 2, places: ["pay/till", "pay/safe"] },
    { text: "pod volume failed: odd", count: 1, places: ["pvb-1"] },
  ]);
});

test("what a failed volume says is not told again from the results", async () => {
  const line =
    " resource: /pods name: /web-1 message: /Error backing up item error: /pod volume backup failed: no such host";
  const stored = { errors: { namespaces: { shop: [line] }, velero: ["something else"] } };
  const object = backup({ phase: "PartiallyFailed", errors: 2 });
  const volumes = [volume("Failed", "no such\nhost", pod("web-1")), volume("Completed", "", pod("web-2"))];
  const { errors } = await readEnding({ object, volumes }, "Backup", worldOf({ stored }).sources);
  assert.deepEqual(
    errors.map(({ text }) => text),
    ["pod volume failed: no such host", "something else"],
  );
});

const object = backup({ phase: "PartiallyFailed", errors: 1 });
const ended = { object, volumes: [volume("Failed", "boom", pod("web-1"))] };

test("a results file that cannot be had is said, and what is known is kept", async () => {
  const stored = new Failure("failed", "the object store answered NoSuchKey", { reason: "NotFound" });
  const ending = await readEnding(ended, "Backup", worldOf({ stored }).sources);
  assert.equal(ending.unread, "the object store answered NoSuchKey");
  assert.equal(ending.errors[0]?.text, "pod volume failed: boom");
});

for (const [what, stored, why] of [
  ["no gzip", Buffer.from("plain"), "it is not JSON"],
  ["no JSON", gzipSync("{"), "it is not JSON"],
  ["half", gzipSync("{}").subarray(0, 12), "it ends in the middle"],
] as const) {
  test(`a results file that is ${what} is damaged`, async () => {
    assert.equal(
      (await readEnding(ended, "Backup", worldOf({ stored }).sources)).unread,
      `backups/b1/b1-results.gz is damaged: ${why}`,
    );
  });
}

test("a results file of null holds nothing", async () => {
  const ending = await readEnding(ended, "Backup", worldOf({ stored: gzipSync("null") }).sources);
  assert.deepEqual([ending.unread, ending.warnings], [undefined, []]);
});

const unsigned: [what: string, world: World][] = [
  ["no server signs a link", { signs: false }],
  ["the user may not ask for one", { refuse: ({ verb }) => (verb === "create" ? "Forbidden" : undefined) }],
];
for (const [what, world] of unsigned) {
  test(`where ${what}, the file is read with the location's keys`, async (t) => {
    fakeTime(t);
    const { asked, sources } = worldOf({ ...world, stored: { errors: { velero: ["found"] } } });
    const { errors, unread } = await readEnding({ object, volumes: [] }, "Backup", sources);
    assert.equal(unread, undefined);
    assert.equal(errors[0]?.text, "found");
    assert.deepEqual(asked, ["velero:p/backups/b1/b1-results.gz with a"]);
  });
}

test("the file of a restore is its own without a server too", async (t) => {
  fakeTime(t);
  const { asked, sources } = worldOf({ signs: false });
  await readEnding({ object: restore, volumes: [] }, "Restore", sources);
  assert.deepEqual(asked, ["velero:p/restores/r1/restore-r1-results.gz with a"]);
});

test("where both ways are closed, the first one's reason is said", async (t) => {
  fakeTime(t);
  const { sources } = worldOf({
    signs: false,
    refuse: ({ kind }) => (kind.kind === "Secret" ? "Forbidden" : undefined),
  });
  const { unread } = await readEnding(ended, "Backup", sources);
  assert.equal(unread, "no Velero server seems to run for namespace mke: nothing checked its locations lately");
});

test("an interrupt is not taken for a file that cannot be read", async (t) => {
  fakeTime(t);
  const interrupt = new AbortController();
  const reason = new Failure("interrupted", "interrupted");
  const archive = worldOf({ signs: false }).archiveFor(interrupt.signal);
  interrupt.abort(reason);
  await assert.rejects(readEnding(ended, "Backup", { archive, signal: interrupt.signal }), reason);
});
