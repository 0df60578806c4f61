import assert from "node:assert/strict";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { BucketKeys, BucketSettings, ObjectStore as Store } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { ObjectStore } from "../../sandbox/object-store/object-store.ts";
import { fakeCluster } from "../fake-cluster.ts";

const keys = { accessKeyId: "admin", secretAccessKey: "s3cr3t-value" };
const bucket = new ObjectStore("velero", keys);
before(async () => {
  await bucket.listen();
  bucket.start();
  bucket.put("p/backups/b1/b1-results.gz", Buffer.from("content"));
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
