import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Context } from "../../../src/commands/command.ts";
import { proveStorage } from "../../../src/commands/prove-storage.ts";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import type { BucketSettings, StoreProbe } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { type FakeBucketOptions, fakeBucket, type Refusal } from "./fake-bucket.ts";

const keys = { accessKeyId: "admin", secretAccessKey: "s3cr3t-value" };
const file = "[default]\naws_access_key_id=admin\naws_secret_access_key=s3cr3t-value\n";
const secret = (data: Record<string, string>, name = "cloud-credentials"): KubeObject & { data: object } => ({
  kind: "Secret",
  metadata: { name, namespace: "mke" },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")])),
});

interface Given extends FakeBucketOptions {
  readonly spec?: BackupStorageLocation["spec"];
  readonly objects?: readonly KubeObject[];
  readonly readOnly?: boolean;
  readonly given?: typeof keys;
  readonly holds?: readonly string[];
  readonly signal?: AbortSignal;
  refuseCluster?(plural: string): string | undefined;
}

async function proved(t: TestContext, options: Given = {}) {
  const bucket = await fakeBucket(t, options);
  for (const key of options.holds ?? []) bucket.objects.set(key, Buffer.from("x"));
  const told: string[] = [];
  const cluster = fakeCluster({
    objects: options.objects ?? [secret({ cloud: file })],
    refuse: ({ kind }) => options.refuseCluster?.(kind.plural),
  });
  const store = openObjectStore(cluster);
  t.after(() => store.close());
  const context = {
    cluster: async () => cluster,
    store: async () => store,
    insecureSkipTlsVerify: false,
    signal: options.signal ?? new AbortController().signal,
    tell: (sentence: string) => void told.push(sentence),
    note: () => undefined,
    now: () => new Date(),
  } as unknown as Context;
  const config = { region: "minio", s3ForcePathStyle: "true", s3Url: bucket.url, ...options.spec?.config };
  const spec = { provider: "aws", objectStorage: { bucket: "velero" }, ...options.spec, config };
  const location = { metadata: { name: "default", namespace: "mke" }, spec };
  const proving = proveStorage(location, options.given, context, { readOnly: options.readOnly ?? false });
  return { proving, bucket, told };
}

const names = ["settings", "resolve", "connect", "TLS", "credentials", "list", "layout"];
const allNames = [...names, "write", "read back", "delete", "clocks", "latency", "latest"];

test("a store that works passes each step, and nothing is left behind", async (t) => {
  const { proving, bucket } = await proved(t, { holds: ["backups/b1/velero-backup.json", "backups/b2/b2.tar.gz"] });
  const proof = await proving;
  assert.deepEqual(
    proof.steps.map(({ name }) => name),
    allNames,
  );
  assert.deepEqual(
    proof.steps.filter(({ status }) => status !== "ok").map(({ name, status }) => [name, status]),
    [["TLS", "skipped"]],
  );
  assert.ok(proof.passed);
  assert.deepEqual([...bucket.objects.keys()], ["backups/b1/velero-backup.json", "backups/b2/b2.tar.gz"]);
  const written = bucket.asked.filter((line) => /^(PUT|DELETE)/.test(line));
  assert.match(written.join(" "), /^PUT (metadata\/mkebackup-check-[0-9a-f]{12}) DELETE \1$/);
  assert.deepEqual(proof.latestBackup, { name: "b2", modified: "2026-11-21T00:00:00.000Z", of: 2 });
  assert.ok(Math.abs(proof.skew.store ?? 9999) < 1500);
  assert.ok(proof.steps.every(({ milliseconds, status }) => (milliseconds !== undefined) === (status !== "skipped")));
});

test("what is written lies below the location's prefix, in a directory that Velero allows", async (t) => {
  const objectStorage = { bucket: "velero", prefix: "/a/b/" };
  const { proving, bucket } = await proved(t, { spec: { provider: "aws", objectStorage } });
  assert.ok((await proving).passed);
  assert.ok(bucket.asked.some((line) => line.startsWith("PUT a/b/metadata/mkebackup-check-")));
});

for (const [what, given, why] of [
  ["with --read-only", { readOnly: true }, "--read-only"],
  ["to a read-only location", { spec: { accessMode: "ReadOnly" } }, "the location is read-only"],
] as const) {
  test(`nothing is written ${what}, which is said`, async (t) => {
    const { proving, bucket } = await proved(t, given);
    const { steps, passed } = await proving;
    assert.ok(passed);
    assert.ok(bucket.asked.every((line) => line.startsWith("GET ")));
    const skipped = steps.filter(({ name }) => ["write", "read back", "delete"].includes(name));
    assert.deepEqual(new Set(skipped.map(({ status, detail }) => `${status} ${detail}`)), new Set([`skipped ${why}`]));
  });
}

const refusals: readonly (readonly [cause: string, refusal: Refusal])[] = [
  ["missing-bucket", { status: 404, code: "NoSuchBucket" }],
  ["wrong-key", { status: 403, code: "InvalidAccessKeyId" }],
  ["wrong-secret", { status: 403, code: "SignatureDoesNotMatch" }],
  ["expired-token", { status: 400, code: "ExpiredToken" }],
  ["expired-token", { status: 403, code: "InvalidTokenId" }],
  ["skewed", { status: 403, code: "RequestTimeTooSkewed" }],
  ["wrong-region", { status: 400, code: "AuthorizationHeaderMalformed", region: "eu-central-1" }],
  ["wrong-region", { status: 301, code: "PermanentRedirect" }],
  ["busy", { status: 503, code: "SlowDown" }],
];
for (const [cause, refusal] of refusals) {
  test(`${refusal.code} fails the list for the cause ${cause}, and what needs it is skipped`, async (t) => {
    const { proving, bucket } = await proved(t, { refuse: () => refusal });
    const { steps, passed } = await proving;
    assert.equal(passed, false);
    const failed = steps.filter(({ status }) => status === "fail");
    assert.deepEqual(
      failed.map((step) => [step.name, step.cause]),
      [["list", cause]],
    );
    assert.match(failed[0]?.message ?? "", new RegExp(refusal.code));
    assert.ok(failed[0]?.hint !== undefined && failed[0].next !== undefined);
    if (refusal.region !== undefined) assert.match(failed[0].hint, /eu-central-1/);
    assert.equal(bucket.asked.length, 1);
    assert.doesNotMatch(JSON.stringify(steps), /s3cr3t-value|Signature=/);
  });
}

test("who may not list is still asked to write: one right is missing, not the keys wrong", async (t) => {
  const refuse = (_: string, key: string) => (key === "" ? { status: 403, code: "AccessDenied" } : undefined);
  const { steps } = await (await proved(t, { refuse })).proving;
  const of = (name: string) => steps.find((step) => step.name === name);
  assert.equal(of("list")?.cause, "denied");
  assert.deepEqual(
    ["write", "read back", "delete"].map((name) => of(name)?.status),
    ["ok", "ok", "ok"],
  );
});

test("a write that is refused leaves nothing to delete", async (t) => {
  const refuse = (method: string) => (method === "PUT" ? { status: 403, code: "AccessDenied" } : undefined);
  const { proving, bucket } = await proved(t, { refuse });
  const { steps, leftBehind } = await proving;
  assert.deepEqual(
    steps.filter(({ name }) => /write|back|delete/.test(name)).map(({ name, status }) => [name, status]),
    [
      ["write", "fail"],
      ["read back", "skipped"],
      ["delete", "skipped"],
    ],
  );
  assert.equal(leftBehind, undefined);
  assert.ok(!bucket.asked.some((line) => line.startsWith("DELETE")));
});

test("a write whose answer is lost may have been kept, so it is deleted", async (t) => {
  let isBroken = false;
  const refuse = (method: string) => {
    const breaks = method === "PUT" && !isBroken;
    isBroken ||= breaks;
    return breaks ? "break" : undefined;
  };
  const { proving, bucket } = await proved(t, { refuse });
  const { steps } = await proving;
  assert.equal(steps.find(({ name }) => name === "delete")?.status, "ok");
  assert.ok(bucket.asked.some((line) => line.startsWith("DELETE metadata/")));
});

test("bytes that come back otherwise fail, and are deleted", async (t) => {
  const { proving, bucket } = await proved(t, { spoils: true });
  const { steps, passed } = await proving;
  assert.equal(passed, false);
  assert.match(steps.find(({ name }) => name === "read back")?.detail ?? "", /^4095 bytes came back, and not those/);
  assert.equal(bucket.objects.size, 0);
});

test("an object that cannot be deleted is named aloud", async (t) => {
  const refuse = (method: string) => (method === "DELETE" ? { status: 403, code: "AccessDenied" } : undefined);
  const { proving, told } = await proved(t, { refuse });
  const { leftBehind } = await proving;
  assert.match(leftBehind ?? "", /^metadata\/mkebackup-check-/);
  assert.deepEqual(told, [
    `Warning: this check could not delete its object ${leftBehind}: delete it from the bucket velero`,
  ]);
});

for (const at of ["PUT", "GET"]) {
  test(`whoever gives up during ${at === "PUT" ? "the write" : "the reading"} leaves nothing behind`, async (t) => {
    const user = new AbortController();
    const before = (method: string, key: string) => {
      if (method === at && key !== "") user.abort(new Error("gave up"));
    };
    const { proving, bucket, told } = await proved(t, { before, signal: user.signal });
    await assert.rejects(proving, /gave up/);
    assert.ok(bucket.asked.some((line) => line.startsWith("DELETE metadata/")));
    assert.equal(bucket.objects.size, 0);
    assert.deepEqual(told, []);
  });
}

test("a store that hangs does not hold who gives up", async (t) => {
  const user = new AbortController();
  const before = (method: string) => {
    if (method !== "PUT") return undefined;
    user.abort(new Error("gave up"));
    return new Promise<void>(() => undefined);
  };
  const { proving, bucket } = await proved(t, { before, signal: user.signal });
  await assert.rejects(proving, /gave up/);
  assert.equal(bucket.objects.size, 0);
});

test("a directory that is not Velero's fails the layout alone", async (t) => {
  const { steps } = await (await proved(t, { holds: ["junk/a", "backups/b/x"] })).proving;
  const failed = steps.filter(({ status }) => status === "fail");
  assert.deepEqual(
    failed.map(({ name, cause }) => [name, cause]),
    [["layout", "stray-directory"]],
  );
  assert.match(failed[0]?.detail ?? "", /: junk$/);
});

test("clocks that are too far apart fail", async (t) => {
  const { steps, skew } = await (await proved(t, { skew: -20 * 60_000 })).proving;
  const clocks = steps.find(({ name }) => name === "clocks");
  assert.equal(clocks?.status, "fail");
  assert.match(clocks.detail, /store's 20m behind/);
  assert.ok(Math.abs((skew.store ?? 0) + 20 * 60_000) < 1500);
});

test("what is wrong with the credentials does not hide whether the store is reached", async (t) => {
  for (const [objects, cause] of [
    [[], "secret-missing"],
    [[secret({ other: file })], "secret-missing"],
    [[secret({ cloud: "[backup]\naws_access_key_id=a\n" })], "profile-missing"],
  ] as const) {
    const { steps } = await (await proved(t, { objects })).proving;
    assert.equal(steps.find(({ name }) => name === "connect")?.status, "ok");
    assert.equal(steps.find(({ name }) => name === "credentials")?.cause, cause);
    assert.equal(steps.find(({ name }) => name === "list")?.detail, "needs credentials");
  }
});

test("keys that this user may not read say nothing of the store", async (t) => {
  const refuseCluster = (plural: string) => (plural === "secrets" ? "Forbidden" : undefined);
  const { steps } = await (await proved(t, { refuseCluster })).proving;
  const credentials = steps.find(({ name }) => name === "credentials");
  assert.equal(credentials?.cause, undefined);
  assert.match(credentials?.detail ?? "", /^this user may not read the location's keys: .*forbidden/);
});

test("keys that are given are used, and no Secret is read", async (t) => {
  const { proving } = await proved(t, { given: keys, objects: [] });
  const { steps, passed } = await proving;
  assert.ok(passed);
  assert.equal(steps.find(({ name }) => name === "credentials")?.detail, "the keys that were given");
});

test("settings that the server refuses are told before anybody is asked", async (t) => {
  const { proving, bucket } = await proved(t, { spec: { provider: "aws", config: { bogus: "1" } } });
  const { steps } = await proving;
  assert.deepEqual(steps.map(({ name, status }) => `${name} ${status}`).slice(0, 3), [
    "settings fail",
    "resolve skipped",
    "connect skipped",
  ]);
  assert.equal(steps.find(({ name }) => name === "credentials")?.status, "ok");
  assert.deepEqual(bucket.asked, []);
});

test("a port where nobody listens fails the connection", async (t) => {
  const { proving } = await proved(t, { spec: { provider: "aws", config: { s3Url: "http://127.0.0.1:9" } } });
  const { steps } = await proving;
  assert.equal(steps.find(({ name }) => name === "connect")?.cause, "refused");
});

test("where the location names no region, the one that AWS names is taken, as the server does", async () => {
  const asked: string[] = [];
  const probe = ({ region }: BucketSettings): StoreProbe => ({
    host: `s3.${region}.amazonaws.com:443`,
    isSecure: true,
    skew: 0,
    find: async () => ({ by: "address", addresses: ["192.0.2.1"] }),
    connect: async () => "directly",
    secure: async () => ({ names: "s3", issuer: "Amazon", validTo: undefined }),
    ask: async () => ({ content: Buffer.alloc(0), date: undefined, milliseconds: 1 }),
    async list() {
      asked.push(region);
      if (region === "us-east-1")
        throw new Failure("failed", "answered PermanentRedirect: elsewhere (region eu-west-3)");
      return { content: Buffer.alloc(0), date: undefined, milliseconds: 1, entries: [], folders: [] };
    },
  });
  const context = {
    cluster: async () => fakeCluster({}),
    store: async () => ({ probe }),
    signal: new AbortController().signal,
    now: () => new Date(),
    note: () => undefined,
  } as unknown as Context;
  const proof = async (config: Record<string, string>) => {
    const spec = { provider: "aws", objectStorage: { bucket: "backups" }, config };
    const location = { metadata: { name: "aws", namespace: "velero" }, spec };
    return proveStorage(location, keys, context, { readOnly: true });
  };
  const found = await proof({});
  assert.ok(found.passed);
  assert.equal(found.host, "s3.eu-west-3.amazonaws.com:443");
  assert.deepEqual(asked, ["us-east-1", "eu-west-3", "eu-west-3"]);
  const wrong = (await proof({ region: "us-east-1" })).steps.find(({ name }) => name === "list");
  assert.equal(wrong?.hint, "set spec.config.region to eu-west-3");
});
