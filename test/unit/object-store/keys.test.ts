import assert from "node:assert/strict";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { BucketKeys, BucketSettings, ObjectStore as Store } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { signed } from "../../../src/object-store/signature.ts";
import { ObjectStore } from "../../sandbox/object-store/object-store.ts";
import { fakeCluster } from "../fake-cluster.ts";

const keys = { accessKeyId: "admin", secretAccessKey: "s3cr3t-value" };
const bucket = new ObjectStore("velero", keys);
before(async () => {
  await bucket.listen();
  bucket.start();
  bucket.put("velero/p/backups/b1/b1-results.gz", Buffer.from("content"));
});
after(() => bucket.close());

const settings = (endpoint: string): BucketSettings => ({
  bucket: "velero",
  region: "minio",
  endpoint,
  forcePathStyle: true,
  insecureSkipTlsVerify: false,
  ca: undefined,
});
const direct = () => settings(`http://127.0.0.1:${bucket.port}`);

async function readWithKeys(store: Store, where: BucketSettings, own: BucketKeys, wanted: string): Promise<Buffer> {
  try {
    const { signal } = new AbortController();
    return await buffer((await store.bucket(where, own).open(wanted, { signal })).content);
  } finally {
    store.close();
  }
}
const key = "p/backups/b1/b1-results.gz";

test("an object is read with the location's own keys", async () => {
  const content = await readWithKeys(openObjectStore(fakeCluster({})), direct(), keys, key);
  assert.equal(content.toString(), "content");
});

test("an endpoint inside the cluster is reached through a tunnel, and the signature still fits", async () => {
  const objects = [
    { kind: "Service", metadata: { name: "minio", namespace: "mke" }, spec: { selector: { app: "minio" } } },
    {
      kind: "Pod",
      metadata: { name: "m", namespace: "mke" },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    },
  ];
  const cluster = { ...fakeCluster({ objects }), connect: async () => connect(bucket.port, "127.0.0.1") };
  const store = openObjectStore(cluster);
  const content = await readWithKeys(store, settings("http://minio.mke.svc:9000"), keys, key);
  assert.equal(content.toString(), "content");
});

const refused: [what: string, change: Partial<BucketSettings>, own: typeof keys, key: string, reason: string][] = [
  ["an object that is not there", {}, keys, "p/nothing", "NotFound"],
  ["a bucket that is not there", { bucket: "other" }, keys, key, "Refused"],
  ["keys that are unknown", {}, { ...keys, accessKeyId: "nobody" }, key, "Refused"],
  ["a key that is wrong", {}, { ...keys, secretAccessKey: "wr0ng-value" }, key, "Refused"],
];
for (const [what, change, own, wanted, reason] of refused) {
  test(`${what} is ${reason}, and no secret is told`, async () => {
    const read = readWithKeys(openObjectStore(fakeCluster({})), { ...direct(), ...change }, own, wanted);
    await assert.rejects(read, (error: unknown) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.reason, reason);
      assert.match(error.message, new RegExp(`^cannot read ${wanted} from bucket ${change.bucket ?? "velero"}: `));
      assert.ok(!error.message.includes(own.secretAccessKey));
      return true;
    });
  });
}

test("an interrupt ends the read with its own reason", async () => {
  const reason = new Failure("interrupted", "interrupted");
  const store = openObjectStore(fakeCluster({}));
  await assert.rejects(store.bucket(direct(), keys).open(key, { signal: AbortSignal.abort(reason) }), reason);
  store.close();
});

test("a signature is the one that AWS gives as its example", () => {
  const own = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
  const url = new URL("https://examplebucket.s3.amazonaws.com/test.txt");
  const link = signed(url, own, "us-east-1", { at: new Date("2013-05-24T00:00:00Z"), seconds: 86_400 });
  assert.equal(
    link.searchParams.get("X-Amz-Signature"),
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
});

test("a list has every name, of any number of pages, with its size", async () => {
  const names = Array.from({ length: 1203 }, (_, at) => `many/${String(at).padStart(4, "0")}`);
  const odd = ["many/a b+c", "many/&<tag>'%41", "many/ünï"];
  for (const name of [...names, ...odd]) bucket.put(`velero/${name}`, Buffer.from("123456"));
  const store = openObjectStore(fakeCluster({}));
  const { signal } = new AbortController();
  const found = await Array.fromAsync(store.bucket(direct(), keys).list("many/", signal));
  store.close();
  assert.deepEqual(found.map(({ key: name }) => name).toSorted(), [...names, ...odd].toSorted());
  assert.ok(found.every(({ size }) => size === 6));
});

test("a list that is refused says so of the bucket", async () => {
  const store = openObjectStore(fakeCluster({}));
  const { signal } = new AbortController();
  const listed = Array.fromAsync(store.bucket({ ...direct(), bucket: "other" }, keys).list("p/", signal));
  await assert.rejects(listed, { message: "cannot list bucket other: NoSuchBucket" });
  store.close();
});

test("an object of any name is read", async () => {
  for (const name of ["p/a b+c", "p/&<tag>'%41(1)*!", "p/ünï"]) {
    bucket.put(`velero/${name}`, Buffer.from(name));
    const content = await readWithKeys(openObjectStore(fakeCluster({})), direct(), keys, name);
    assert.equal(content.toString(), name);
  }
});
