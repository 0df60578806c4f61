import assert from "node:assert/strict";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import type { BucketSettings, StoreProbe } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { createCertificates } from "../../sandbox/certificates.ts";
import { ObjectStore } from "../../sandbox/object-store/object-store.ts";
import { fakeCluster } from "../fake-cluster.ts";

const keys = { accessKeyId: "admin", secretAccessKey: "s3cr3t-value" };
const bucket = new ObjectStore("velero", keys);
before(async () => {
  await bucket.listen();
  bucket.start();
  for (const key of ["p/backups/a+b c/x", "p/metadata/revision", "p/junk&/y"])
    bucket.put(`velero/${key}`, Buffer.from("content"));
});
after(() => bucket.close());

const service = (ports: number[]) => ({
  kind: "Service",
  metadata: { name: "minio", namespace: "mke" },
  spec: { selector: { app: "minio" }, ports: ports.map((port) => ({ port })) },
});
const pod = {
  kind: "Pod",
  metadata: { name: "minio-0", namespace: "mke" },
  status: { conditions: [{ type: "Ready", status: "True" }] },
};
const { signal } = new AbortController();

/** A probe of a bucket whose pod is reached on this port of this machine. */
function probeOf(t: TestContext, port: number, change: Partial<BucketSettings> = {}, objects = [service([9000]), pod]) {
  const store = openObjectStore({ ...fakeCluster({ objects }), connect: async () => connect(port, "127.0.0.1") });
  t.after(() => store.close());
  const settings = {
    ...{ bucket: "velero", region: "minio", endpoint: "http://minio.mke.svc:9000", forcePathStyle: true },
    ...{ ca: undefined, insecureSkipTlsVerify: false },
    ...change,
  };
  return store.probe?.(settings, () => keys) as StoreProbe;
}

test("a store in the cluster is found by its Service and reached through the API server", async (t) => {
  const probe = probeOf(t, bucket.port);
  assert.deepEqual(await probe.find(signal), { by: "service", service: "mke/minio", pods: ["minio-0"] });
  assert.equal(await probe.connect(signal), "through the API server to pod mke/minio-0");
  assert.equal(probe.host, "minio.mke.svc:9000");
});

test("requests are signed as S3 wants it: write, read, list with folders, delete", async (t) => {
  const probe = probeOf(t, bucket.port);
  const [key, body] = ["p/metadata/a b+(1)'é", Buffer.from([0, 255, 10, 13])];
  await probe.ask({ method: "PUT", key, body }, signal);
  assert.deepEqual((await probe.ask({ method: "GET", key }, signal)).content, body);
  const { folders } = await probe.list({ prefix: "p/", delimiter: "/" }, signal);
  assert.deepEqual(folders, ["p/backups/", "p/junk&/", "p/metadata/"]);
  const { entries } = await probe.list({ prefix: "p/backups/" }, signal);
  assert.deepEqual(
    entries.map((entry) => entry.key),
    ["p/backups/a+b c/x"],
  );
  await probe.ask({ method: "DELETE", key }, signal);
  assert.equal(bucket.get(`velero/${key}`), undefined);
  assert.ok(Math.abs(probe.skew ?? 9999) < 2000);
});

test("a page of a list that is not the last leads to the next", async (t) => {
  const probe = probeOf(t, bucket.port);
  const first = await probe.list({ prefix: "p/", "max-keys": "2" }, signal);
  const second = await probe.list({ prefix: "p/", "continuation-token": first.next ?? "" }, signal);
  assert.deepEqual([first.entries.length, second.entries.length, second.next], [2, 1, undefined]);
});

test("a refusal has the store's code and words, and no key", async (t) => {
  const asked = probeOf(t, bucket.port, { bucket: "other" }).list({ prefix: "" }, signal);
  await assert.rejects(asked, {
    reason: "NoSuchBucket",
    message: "the object store at minio.mke.svc:9000 answered NoSuchBucket: The specified bucket does not exist",
  });
});

test("a Service without the port, and one without a pod, are named", async (t) => {
  await assert.rejects(probeOf(t, 1, {}, [service([9001]), pod]).find(signal), {
    message: "Service minio in namespace mke has no port 9000: it has 9001",
  });
  await assert.rejects(probeOf(t, 1, {}, [service([9000])]).find(signal), { message: /has no pod that is ready/ });
});

test("a name that DNS does not know, and a port where nobody listens", async (t) => {
  await assert.rejects(probeOf(t, 1, { endpoint: "http://no-such.invalid:9000" }).find(signal), {
    message: /lookup no-such\.invalid: (no such host|temporary failure)/,
  });
  const probe = probeOf(t, 1, { endpoint: "http://127.0.0.1:9" });
  assert.deepEqual(await probe.find(signal), { by: "address", addresses: ["127.0.0.1"] });
  await assert.rejects(probe.connect(signal), { message: /127\.0\.0\.1:9: connect: connection refused/ });
});

const host = "minio.mke.svc";
const ours = createCertificates([host]);
const others = createCertificates(["other.mke.svc"]);

async function secured(t: TestContext, change: Partial<BucketSettings>, { server: pair } = ours) {
  const server = createServer({ key: pair.key, cert: pair.certificate }, (_, response) => response.end("content"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const probe = probeOf(t, port, { endpoint: `https://${host}:9000`, ...change });
  await probe.connect(signal);
  return { probe, server };
}

test("TLS: the certificate of the location's own CA is shown, and its connection is used", async (t) => {
  const { probe, server } = await secured(t, { ca: ours.authority });
  let connections = 0;
  server.on("secureConnection", () => connections++);
  const certificate = await probe.secure(signal);
  assert.equal(certificate?.untrusted, undefined);
  assert.ok((certificate?.validTo?.getTime() ?? 0) > Date.now());
  assert.ok(certificate?.names.includes(host));
  assert.equal((await probe.ask({ method: "GET" }, signal)).content.toString(), "content");
  assert.ok(connections <= 1);
});

for (const [what, ca, pair, words] of [
  ["another CA", others.authority, ours, "certificate signed by unknown authority"],
  ["another name", others.authority, others, "certificate is valid for other.mke.svc, not minio.mke.svc"],
] as const) {
  test(`TLS: with ${what} it fails, but where the settings skip that it is only said`, async (t) => {
    const { probe } = await secured(t, { ca }, pair);
    await assert.rejects(probe.secure(signal), (error: Error & { reason?: string }) => {
      assert.equal(error.reason, "Untrusted");
      return error.message.includes(`x509: ${words}`);
    });
    const skipping = await secured(t, { insecureSkipTlsVerify: true }, pair);
    assert.match((await skipping.probe.secure(signal))?.untrusted ?? "", /x509: /);
    assert.equal((await skipping.probe.ask({ method: "GET" }, signal)).content.toString(), "content");
  });
}

test("https to a store that speaks http says so", async (t) => {
  const probe = probeOf(t, bucket.port, { endpoint: `https://${host}:9000` });
  await probe.connect(signal);
  await assert.rejects(probe.secure(signal), { message: /server gave HTTP response to HTTPS client/ });
});

test("whoever gives up need not wait", async (t) => {
  const probe = probeOf(t, bucket.port);
  const user = new AbortController();
  user.abort(new Error("gave up"));
  await assert.rejects(probe.find(user.signal), /gave up/);
});
