import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { ObjectStore } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { serviceOf } from "../../../src/object-store/service.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const names: [host: string, service: { name: string; namespace: string } | undefined][] = [
  ["minio.mke.svc", { name: "minio", namespace: "mke" }],
  ["minio.mke.svc.cluster.local", { name: "minio", namespace: "mke" }],
  ["my-minio.my-ns.svc.corp.example", { name: "my-minio", namespace: "my-ns" }],
  ["s3.eu-central-1.amazonaws.com", undefined],
  ["minio", undefined],
  ["minio.mke", undefined],
  ["10.96.14.11", undefined],
  ["bucket.minio.mke.svc", undefined],
  ["minio.mke.svcs", undefined],
];
for (const [host, service] of names) {
  test(`${host} is ${service === undefined ? "no name of the cluster's own network" : "a Service"}`, () => {
    assert.deepEqual(serviceOf(host), service);
  });
}

const signature = "X-Amz-Signature=0123456789abcdef";
const path = `/velero/backups/b1/b1-results.gz?X-Amz-Credential=AKIA&${signature}`;
const inside = new URL(`http://minio.mke.svc:9000${path}`);
const trust = { ca: undefined, insecureSkipTlsVerify: false };

const read = async (store: ObjectStore, url: URL, { signal } = new AbortController()): Promise<Buffer> =>
  buffer((await store.open(url, trust, { signal })).content);

async function bucket(t: TestContext, answer: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

const service = {
  kind: "Service",
  metadata: { name: "minio", namespace: "mke" },
  spec: { selector: { app: "minio" }, ports: [{ port: 9000, targetPort: "minio-api" }] },
};
const pod = (name: string, ready: string) => ({
  kind: "Pod",
  metadata: { name, namespace: "mke" },
  spec: { containers: [{ name: "minio", ports: [{ name: "minio-api", containerPort: 9001 }] }] },
  status: { conditions: [{ type: "Ready", status: ready }] },
});
const objects = [service, pod("minio-old", "False"), pod("minio-new", "True")];

/** A store whose tunnels end at a port of this machine; `tunnels` is where they were asked to go, `sockets` their near ends. */
function storeBehind(port: number, options: FakeClusterOptions = { objects }) {
  const tunnels: unknown[] = [];
  const sockets: Socket[] = [];
  const cluster = fakeCluster(options);
  const store = openObjectStore({
    ...cluster,
    async connect(target) {
      tunnels.push(target);
      const socket = connect(port, "127.0.0.1");
      sockets.push(socket);
      return socket;
    },
  });
  return { store, tunnels, sockets };
}

test("a Service's object is read through its ready pod, with the host that was signed", async (t) => {
  const { port, requests } = await bucket(t, (_, response) => response.end("content"));
  const { store, tunnels } = storeBehind(port);
  assert.equal((await read(store, inside)).toString(), "content");
  assert.deepEqual(tunnels, [{ namespace: "mke", name: "minio-new", port: 9001 }]);
  assert.equal(requests[0]?.headers.host, "minio.mke.svc:9000");
  assert.equal(requests[0]?.url, path);
});

const ports: [what: string, change: object, port: number][] = [
  ["a target port by number", { ports: [{ port: 9000, targetPort: 9443 }] }, 9443],
  ["no target port", { ports: [{ port: 9000 }] }, 9000],
  ["a port that the Service does not list", { ports: [{ port: 80, targetPort: 8080 }] }, 9000],
];
for (const [what, change, expected] of ports) {
  test(`with ${what} the tunnel goes to port ${expected} of the pod`, async (t) => {
    const { port } = await bucket(t, (_, response) => response.end());
    const own = { ...service, spec: { ...service.spec, ...change } };
    const { store, tunnels } = storeBehind(port, { objects: [own, pod("minio", "True")] });
    await read(store, inside);
    assert.deepEqual(tunnels, [{ namespace: "mke", name: "minio", port: expected }]);
  });
}

test("another host is reached directly, without a look at the cluster", async (t) => {
  const { port, requests } = await bucket(t, (_, response) => response.end("content"));
  const cluster = fakeCluster({});
  const url = new URL(`http://127.0.0.1:${port}${path}`);
  assert.equal((await read(openObjectStore(cluster), url)).toString(), "content");
  assert.equal(requests[0]?.headers.host, `127.0.0.1:${port}`);
  assert.deepEqual(cluster.requests, []);
});

/** Checks that a failure is the expected one and gives nothing of the link away. */
const discreet = (expected: { reason?: string; message: RegExp }) => (error: unknown) => {
  assert.ok(error instanceof Failure);
  assert.match(error.message, expected.message);
  assert.equal(error.reason, expected.reason);
  const told = [error.sentence, ...error.next].join("\n");
  for (const secret of ["0123456789abcdef", "AKIA", "X-Amz", "results.gz"]) assert.ok(!told.includes(secret), told);
  return true;
};

const refusals: [status: number, body: string, reason: string, message: RegExp][] = [
  [404, "<Error><Code>NoSuchKey</Code></Error>", "NotFound", /minio\.mke\.svc:9000 answered NoSuchKey$/],
  [403, "<Error><Code>AccessDenied</Code></Error>", "NotFound", /answered AccessDenied$/],
  [403, `<Error><Code>SignatureDoesNotMatch</Code><x>${signature}</x></Error>`, "Refused", /SignatureDoesNotMatch$/],
  [503, "", "Unreachable", /answered status 503$/],
  [301, "", "Refused", /answered status 301$/],
];
for (const [status, body, reason, message] of refusals) {
  test(`an answer of ${status} ${/<Code>(\w+)/.exec(body)?.[1] ?? ""} is ${reason}, and gives nothing of the link away`, async (t) => {
    const { port } = await bucket(t, (_, response) => response.writeHead(status).end(body));
    await assert.rejects(read(storeBehind(port).store, inside), discreet({ reason, message }));
  });
}

test("a store that cannot be reached is said to be, without the link", async () => {
  const url = new URL(`http://127.0.0.1:1${path}`);
  await assert.rejects(
    read(openObjectStore(fakeCluster({})), url),
    discreet({ reason: "Unreachable", message: /^cannot reach the object store 127\.0\.0\.1:1: / }),
  );
});

test("a Service without a ready pod is said to be", async () => {
  const { store } = storeBehind(1, { objects: [service, pod("minio", "False")] });
  await assert.rejects(
    read(store, inside),
    discreet({ reason: "Unreachable", message: /^Service minio in namespace mke has no pod that is ready$/ }),
  );
});

test("a Service that may not be read is the server's refusal", async () => {
  const { store } = storeBehind(1, { refuse: () => "Forbidden" });
  await assert.rejects(read(store, inside), { reason: "Forbidden" });
});

test("an interrupt ends the read with its own reason", async (t) => {
  const reason = new Failure("interrupted", "interrupted");
  const interrupt = new AbortController();
  const { port } = await bucket(t, () => interrupt.abort(reason));
  await assert.rejects(read(storeBehind(port).store, inside, interrupt), reason);
});
