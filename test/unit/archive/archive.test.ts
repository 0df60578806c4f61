import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { type ArchiveOptions, openArchive } from "../../../src/archive/archive.ts";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject, ResourceKind } from "../../../src/core/resource.ts";
import type { BucketSettings, ObjectStore, OpenOptions, Trust } from "../../../src/object-store/object-store.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster, type Request } from "../fake-cluster.ts";
import { fakeTime } from "../fake-time.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const secret = {
  kind: "Secret",
  metadata: { name: "cloud-credentials", namespace: "mke" },
  data: { cloud: base64("[default]\naws_access_key_id=a\naws_secret_access_key=s") },
};
const server = (readyReplicas: number) => ({
  kind: "Deployment",
  metadata: { name: "velero", namespace: "mke", labels: { component: "velero" } },
  spec: { replicas: readyReplicas, template: { spec: { containers: [{ name: "velero" }] } } },
  status: { readyReplicas },
});
const locationWith = (config: Record<string, string>, objectStorage: object = {}): BackupStorageLocation => ({
  kind: "BackupStorageLocation",
  metadata: { name: "default", namespace: "mke" },
  spec: { provider: "aws", config, objectStorage: { bucket: "velero", ...objectStorage } },
});
const internal = { s3Url: "http://minio.mke.svc:9000", region: "minio", s3ForcePathStyle: "true" };

interface World extends FakeClusterOptions {
  readonly location?: BackupStorageLocation;
  /** Whether the server signs links; it does unless said otherwise. */
  readonly signs?: boolean;
  /** Why a link, or a key, leads to nothing. */
  readonly refuseLink?: Failure;
  readonly refuseKey?: Failure;
  readonly options?: Partial<ArchiveOptions>;
  /** Of the server; it runs unless said otherwise. */
  readonly replicas?: number;
}

/** An archive, what its store was asked, what its cluster was asked, and what it noted. */
function worldOf(world: World = {}) {
  const { location = locationWith(internal), signs = true, refuseLink, refuseKey, options, replicas = 1 } = world;
  const fake = fakeCluster({ ...world, objects: [location, secret, server(replicas), ...(world.objects ?? [])] });
  const links: { url: URL; trust: Trust; how: OpenOptions }[] = [];
  const keys: { key: string; settings: BucketSettings }[] = [];
  const prepared: [string, Trust][] = [];
  const notes: string[] = [];
  const found = () => ({
    size: 1,
    etag: undefined,
    content: Readable.from([Buffer.from("x")]),
    way: "through a tunnel",
  });
  const store: ObjectStore = {
    async open(url, trust, how) {
      links.push({ url, trust, how });
      if (refuseLink !== undefined) throw refuseLink;
      return found();
    },
    bucket: (settings) => ({
      async open(key) {
        keys.push({ key, settings });
        if (refuseKey !== undefined) throw refuseKey;
        return found();
      },
      async *list(prefix) {
        yield { key: `${prefix}a.gz`, size: 1, modified: undefined };
      },
    }),
    prepare: (origin, trust) => prepared.push([origin.href, trust]),
    probe: () => assert.fail("nobody proves the store here"),
    close() {},
  };
  const publicUrl = location.spec?.config?.["publicUrl"] ?? location.spec?.config?.["s3Url"] ?? "";
  const cluster = {
    ...fake,
    async get<T extends KubeObject>(
      kind: ResourceKind<T>,
      reference: { namespace?: string | undefined; name: string },
    ) {
      const object = await fake.get(kind, reference);
      const { target } = (object as { spec?: { target?: { kind: string } } }).spec ?? {};
      const signed = kind.kind === "DownloadRequest" && signs;
      return signed
        ? { ...object, status: { downloadURL: `${publicUrl}/${target?.kind}?X-Amz-Signature=5ecret` } }
        : object;
    },
  };
  let located = 0;
  const archive = openArchive({
    cluster,
    store: async () => store,
    namespace: "mke",
    location: async () => {
      located++;
      return location;
    },
    signal: new AbortController().signal,
    insecureSkipTlsVerify: false,
    note: (sentence) => notes.push(sentence),
    ...options,
  });
  return { archive, links, keys, prepared, notes, requests: fake.requests, located: () => located };
}

const file = (kind: "BackupLog" | "BackupResults" | "BackupMetadata" = "BackupLog") => ({ kind, name: "b1" });
const asked = (requests: readonly Request[], verb: string, plural: string): number =>
  requests.filter((one) => one.verb === verb && one.kind.plural === plural).length;
const forbid =
  (...plurals: string[]) =>
  ({ kind, verb }: Request) =>
    plurals.includes(kind.plural) && verb !== "delete" ? "Forbidden" : undefined;

test("a file comes by a link; the request is gone, and the note tells the way and nothing secret", async (t) => {
  fakeTime(t);
  const { archive, links, keys, notes, requests, located } = worldOf();
  assert.equal((await archive.read(file())).toString(), "x");
  assert.deepEqual(notes, ["backups/b1/b1-logs.gz: by a link that the server signed, through a tunnel"]);
  assert.equal(links.length, 1);
  assert.deepEqual(keys, []);
  assert.equal(asked(requests, "delete", "downloadrequests"), 1);
  assert.equal(asked(requests, "get", "secrets"), 0);
  await archive.read(file("BackupResults"));
  assert.equal(located(), 1);
});

test("a file that no server signs comes with the location's own keys", async () => {
  const { archive, keys, requests } = worldOf();
  await archive.read(file("BackupMetadata"));
  assert.deepEqual(
    keys.map(({ key }) => key),
    ["backups/b1/velero-backup.json"],
  );
  assert.equal(asked(requests, "create", "downloadrequests"), 0);
});

test("where keys are preferred no link is asked for, unless they cannot be had", async (t) => {
  fakeTime(t);
  const preferring = worldOf({ options: { prefer: "keys" } });
  await preferring.archive.read(file());
  assert.equal(asked(preferring.requests, "create", "downloadrequests"), 0);

  for (const world of [
    { refuse: forbid("secrets") },
    { location: { ...locationWith(internal), spec: { ...locationWith(internal).spec, provider: "azure" } } },
    { location: locationWith({ ...internal, profile: "other" }) },
    { refuseKey: new Failure("failed", "no such host", { reason: "Unreachable" }) },
    { refuseKey: new Failure("failed", "InvalidAccessKeyId", { reason: "Refused" }) },
  ]) {
    const { archive, links, notes } = worldOf({ ...world, options: { prefer: "keys" } });
    await archive.read(file());
    assert.equal(links.length, 1);
    assert.match(notes[0] ?? "", /^backups\/b1\/b1-logs\.gz: not with the location's own keys: /);
  }
});

for (const [what, world] of [
  ["a server that signs nothing", { signs: false }],
  ["not being allowed to ask", { refuse: forbid("downloadrequests") }],
  ["a store that links do not reach", { refuseLink: new Failure("failed", "no such host", { reason: "Unreachable" }) }],
  ["a store that refuses links", { refuseLink: new Failure("failed", "Signature", { reason: "Refused" }) }],
] as const) {
  test(`with ${what} the location's own keys are used`, async (t) => {
    fakeTime(t);
    const { archive, keys } = worldOf(world);
    assert.equal((await archive.read(file())).toString(), "x");
    assert.deepEqual(
      keys.map(({ key }) => key),
      ["backups/b1/b1-logs.gz"],
    );
  });
}

test("a server that did not answer once is not waited for again", async (t) => {
  const time = fakeTime(t);
  const { archive, requests } = worldOf({ signs: false });
  await archive.read(file());
  const waited = time.now;
  assert.ok(waited >= 5000);
  await archive.read(file("BackupResults"));
  assert.equal(time.now, waited);
  assert.equal(asked(requests, "create", "downloadrequests"), 1);
});

test("a server that does not run is hardly waited for", async (t) => {
  const time = fakeTime(t);
  const { archive, keys } = worldOf({ signs: false, replicas: 0 });
  await archive.read(file());
  assert.ok(time.now < 1500, String(time.now));
  assert.equal(keys.length, 1);
});

test("what the bucket does not have, or has otherwise now, is not looked for by another way", async (t) => {
  fakeTime(t);
  for (const reason of ["NotFound", "Changed"]) {
    const { archive, keys } = worldOf({ refuseLink: new Failure("failed", "no", { reason }) });
    await assert.rejects(archive.read(file()), { reason });
    assert.deepEqual(keys, []);
  }
});

test("a kind of file that the server does not know was never written", async () => {
  const refuse = ({ verb }: Request) => (verb === "create" ? "Invalid" : undefined);
  const { archive, keys } = worldOf({ refuse });
  await assert.rejects(archive.read(file()), {
    reason: "NotFound",
    message: "this Velero server knows no BackupLog, so it wrote none",
  });
  assert.deepEqual(keys, []);
});

test("where both ways are closed, both reasons are told, and a missing right is the reason", async (t) => {
  fakeTime(t);
  const { archive } = worldOf({ signs: false, refuse: forbid("secrets") });
  await assert.rejects(archive.read(file()), (error: unknown) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.kind, "timeout");
    assert.equal(error.reason, "Forbidden");
    assert.equal(error.message, "timed out waiting for the Velero server to sign a link");
    assert.match(
      error.next.join("\n"),
      /^the other way is closed too: secrets is forbidden: .* cannot get resource "secrets"/,
    );
    return true;
  });
});

test("the same trouble on both ways is told once", async (t) => {
  fakeTime(t);
  const trouble = () => new Failure("failed", "pods is forbidden", { reason: "Forbidden", next: ["ask for it"] });
  const { archive } = worldOf({ refuseLink: trouble(), refuseKey: trouble() });
  await assert.rejects(archive.read(file()), (error: unknown) => {
    assert.ok(error instanceof Failure);
    assert.deepEqual([error.message, error.next], ["pods is forbidden", ["ask for it"]]);
    return true;
  });
});

test("an API server that cannot be reached closes no way: it is told at once", async (t) => {
  fakeTime(t);
  const refuse = ({ verb }: Request) => (verb === "create" ? "Unreachable" : undefined);
  const { archive, keys } = worldOf({ refuse });
  await assert.rejects(archive.read(file()), { reason: "Unreachable" });
  assert.deepEqual(keys, []);
});

test("entries come with keys alone, and say why they cannot", async () => {
  const { archive } = worldOf();
  assert.deepEqual(await archive.entries("restore", "r1"), [{ key: "restores/r1/a.gz", size: 1, modified: undefined }]);
  const poor = worldOf({ refuse: forbid("secrets") });
  await assert.rejects(poor.archive.entries("backup", "b1"), { name: "Failure", reason: "Forbidden" });
});

test("connecting begins as soon as the location is known: by itself with a link, and before when asked to", async (t: TestContext) => {
  fakeTime(t);
  const { archive, prepared } = worldOf();
  archive.prepare?.();
  await new Promise(setImmediate);
  assert.deepEqual(prepared, [["http://minio.mke.svc:9000/", { ca: undefined, insecureSkipTlsVerify: false }]]);
  await archive.read(file());
  assert.equal(prepared.length, 1);
  const other = worldOf();
  await other.archive.read(file());
  assert.equal(other.prepared.length, 1);
});

const secure = { ...internal, s3Url: "https://minio.mke.svc:9000" };

test("the location's CA is trusted, alone for its own host and beside the usual ones for another", async (t) => {
  fakeTime(t);
  const own = worldOf({ location: locationWith(secure, { caCert: base64("PEM") }) });
  await own.archive.read(file());
  assert.deepEqual(own.links[0]?.trust, { ca: "PEM", insecureSkipTlsVerify: false });
  await own.archive.read(file("BackupMetadata"));
  assert.equal(own.keys[0]?.settings.ca, "PEM");

  const elsewhere = worldOf({
    location: locationWith({ ...secure, publicUrl: "https://s3.example.com" }, { caCert: base64("PEM") }),
  });
  await elsewhere.archive.read(file());
  assert.deepEqual(elsewhere.links[0]?.trust, { ca: "PEM", andUsual: true, insecureSkipTlsVerify: false });
});

test("a CA in a Secret is read where TLS needs it, and only there", async (t) => {
  fakeTime(t);
  const reference = { caCertRef: { name: "store-ca", key: "ca.crt" } };
  const authority = {
    kind: "Secret",
    metadata: { name: "store-ca", namespace: "mke" },
    data: { "ca.crt": base64("REF") },
  };
  const needed = worldOf({ location: locationWith(secure, reference), objects: [authority] });
  await needed.archive.read(file());
  assert.equal(needed.links[0]?.trust.ca, "REF");
  const plain = worldOf({ location: locationWith(internal, reference), objects: [authority] });
  await plain.archive.read(file());
  assert.equal(asked(plain.requests, "get", "secrets"), 0);
});

test("a store that is not trusted: the CA that may not be read, the server's own choice, and the user's flag are named", async (t) => {
  fakeTime(t);
  const refuseLink = new Failure("failed", "cannot reach the object store minio: x509", { reason: "Untrusted" });
  const location = locationWith(
    { ...secure, insecureSkipTLSVerify: "true" },
    { caCertRef: { name: "store-ca", key: "ca.crt" } },
  );
  const { archive, links } = worldOf({ location, refuseLink, refuse: forbid("secrets") });
  await assert.rejects(archive.read(file()), (error: unknown) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.reason, "Forbidden");
    const next = error.next.join("\n");
    assert.match(next, /the CA of location default could not be read: .*cannot get resource "secrets"/);
    assert.match(next, /insecureSkipTLSVerify\), which is not this user's choice/);
    assert.match(next, /--insecure-skip-tls-verify/);
    return true;
  });
  assert.equal(links[0]?.trust.insecureSkipTlsVerify, false);

  const believing = worldOf({ location, options: { insecureSkipTlsVerify: true } });
  await believing.archive.read(file());
  assert.equal(believing.links[0]?.trust.insecureSkipTlsVerify, true);
});

test("another link can be had while a file is read", async (t) => {
  fakeTime(t);
  const { archive, links, requests } = worldOf();
  await archive.read(file());
  const again = await links[0]?.how.renew?.();
  assert.equal(again?.host, "minio.mke.svc:9000");
  assert.equal(asked(requests, "create", "downloadrequests"), 2);
});
