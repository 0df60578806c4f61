import assert from "node:assert/strict";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { Failure } from "../../../src/core/failure.ts";
import type { BucketSettings, ObjectStore, Trust } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { createCertificates } from "../../sandbox/certificates.ts";
import { presign } from "../../sandbox/object-store/signature.ts";
import { fakeCluster } from "../fake-cluster.ts";

const host = "minio.mke.svc";
const ours = createCertificates([host]);
const theirs = createCertificates([host]);
const keys = { accessKeyId: "admin", secretAccessKey: "s3cr3t" };

const objects = [
  { kind: "Service", metadata: { name: "minio", namespace: "mke" }, spec: { selector: { app: "minio" } } },
  {
    kind: "Pod",
    metadata: { name: "minio-0", namespace: "mke" },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  },
];

/** A store behind TLS with our certificate, reached through a tunnel. */
async function secureStore(t: TestContext, certificates = ours) {
  const names: (string | false | null | undefined)[] = [];
  const { key, certificate: cert } = certificates.server;
  const server = createServer({ key, cert }, (request, response) => {
    names.push((request.socket as TLSSocket & { servername?: string }).servername);
    response.end("content");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const store = openObjectStore({ ...fakeCluster({ objects }), connect: async () => connect(port, "127.0.0.1") });
  t.after(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });
  return { store, names, port };
}

const { signal } = new AbortController();
const url = new URL(presign(`https://${host}:9000/velero/file`, keys, 600));
const byLink = async (store: ObjectStore, trust: Trust) => (await store.open(url, trust, { signal })).content;
const byKeys = async (store: ObjectStore, trust: Trust) => {
  const settings: BucketSettings = {
    ...{ bucket: "velero", region: "minio", endpoint: `https://${host}:9000`, forcePathStyle: true },
    ...trust,
  };
  return (await store.bucket(settings, keys).open("file", { signal })).content;
};

for (const [way, read] of [
  ["a link", byLink],
  ["keys", byKeys],
] as const) {
  test(`by ${way}: TLS inside a tunnel is with the original host, and its CA is the one named`, async (t) => {
    const { store, names } = await secureStore(t);
    const trust = { ca: ours.authority, insecureSkipTlsVerify: false };
    assert.equal((await buffer(await read(store, trust))).toString(), "content");
    assert.deepEqual(names, [host]);
  });

  test(`by ${way}: the CA may be one beside the usual ones`, async (t) => {
    const { store } = await secureStore(t);
    const trust = { ca: ours.authority, andUsual: true, insecureSkipTlsVerify: false };
    assert.equal((await buffer(await read(store, trust))).toString(), "content");
  });

  for (const [what, ca] of [
    ["no CA", undefined],
    ["another CA of the same name", theirs.authority],
  ] as const) {
    test(`by ${way}: with ${what} the store is not trusted`, async (t) => {
      const { store, names } = await secureStore(t);
      await assert.rejects(read(store, { ca, insecureSkipTlsVerify: false }), (error: unknown) => {
        assert.ok(error instanceof Failure);
        assert.equal(error.reason, "Untrusted");
        assert.equal(
          error.message,
          `cannot reach the object store ${host}:9000: tls: failed to verify certificate: x509: certificate signed by unknown authority`,
        );
        return true;
      });
      assert.deepEqual(names, []);
    });
  }

  test(`by ${way}: a certificate for another name is not trusted`, async (t) => {
    const elsewhere = createCertificates(["elsewhere.example"]);
    const { store } = await secureStore(t, elsewhere);
    await assert.rejects(read(store, { ca: elsewhere.authority, insecureSkipTlsVerify: false }), {
      reason: "Untrusted",
      message: /x509: certificate is valid for elsewhere\.example, not minio\.mke\.svc$/,
    });
  });

  test(`by ${way}: the user may choose to believe anybody`, async (t) => {
    const { store } = await secureStore(t);
    assert.equal(
      (await buffer(await read(store, { ca: undefined, insecureSkipTlsVerify: true }))).toString(),
      "content",
    );
  });
}

test("TLS without a tunnel, to an address", async (t) => {
  const certificates = createCertificates(["127.0.0.1"]);
  const { store, port } = await secureStore(t, certificates);
  const direct = new URL(`https://127.0.0.1:${port}/velero/file`);
  const trust = { ca: certificates.authority, insecureSkipTlsVerify: false };
  assert.equal((await buffer((await store.open(direct, trust, { signal })).content)).toString(), "content");
});

test("a store that wants TLS and is spoken to plainly is a sentence", async (t) => {
  const { port } = await secureStore(t);
  const plain = new URL(`http://127.0.0.1:${port}/velero/file`);
  await assert.rejects(
    openObjectStore(fakeCluster({})).open(plain, { ca: undefined, insecureSkipTlsVerify: false }, { signal }),
    {
      message: /^cannot reach the object store 127\.0\.0\.1:\d+: /,
    },
  );
});
