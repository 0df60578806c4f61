import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../../src/core/failure.ts";
import type { ObjectStore } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { serviceOf } from "../../../src/object-store/service.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { fakeTime } from "../fake-time.ts";

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

test("several files share one tunnel, at most four are read side by side, and closing ends them all", async (t) => {
  let [now, most] = [0, 0];
  const { port } = await bucket(t, (_, response) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      response.end("content");
    }, 20);
  });
  const { store, tunnels, sockets } = storeBehind(port);
  for (const _ of [1, 2, 3]) await read(store, inside);
  assert.equal(tunnels.length, 1);
  await Promise.all(Array.from({ length: 9 }, () => read(store, inside)));
  assert.equal(most, 4);
  assert.equal(tunnels.length, 4);
  store.close();
  await sleep(10);
  assert.ok(sockets.every(({ destroyed }) => destroyed));
});

test("a file that nobody reads after all makes room for the next", async (t) => {
  const { port } = await bucket(t, (_, response) => response.end(whole));
  const { store } = storeBehind(port);
  const { signal } = new AbortController();
  for (let opened = 0; opened < 9; opened++) (await store.open(inside, trust, { signal })).content.destroy();
  store.close();
});

test("what is prepared is looked up and opened once, before the first file", async (t) => {
  const { port } = await bucket(t, (_, response) => response.end("content"));
  const { store, tunnels, sockets } = storeBehind(port);
  store.prepare?.(inside, trust);
  store.prepare?.(inside, trust);
  await sleep(10);
  assert.equal(tunnels.length, 1);
  await Promise.all([read(store, inside), read(store, inside)]);
  assert.equal(tunnels.length, 2);
  store.prepare?.(inside, trust);
  store.close();
  await sleep(10);
  assert.ok(sockets.every(({ destroyed }) => destroyed));
});

test("trouble while preparing is told by the file that meets it again", async () => {
  const { store } = storeBehind(1, { refuse: () => "Forbidden" });
  store.prepare?.(inside, trust);
  await sleep(5);
  await assert.rejects(read(store, inside), { reason: "Forbidden" });
  store.close();
});

test("where one ready pod refuses connections, another one is asked", async (t) => {
  const { port, requests } = await bucket(t, (_, response) => response.end("content"));
  const ready = [service, pod("minio-0", "True"), pod("minio-1", "True")];
  const tunnels: string[] = [];
  const store = openObjectStore({
    ...fakeCluster({ objects: ready }),
    async connect({ name }) {
      tunnels.push(name);
      if (name === "minio-1") return connect(port, "127.0.0.1");
      // The tunnel stands, and then it turns out that nothing listens at its end.
      const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      setImmediate(() => socket.destroy(new Failure("failed", "connection refused", { reason: "Unreachable" })));
      return Object.assign(socket, { setKeepAlive() {}, setNoDelay() {}, setTimeout() {}, ref() {}, unref() {} });
    },
  });
  assert.equal((await read(store, inside)).toString(), "content");
  assert.deepEqual(tunnels, ["minio-0", "minio-1"]);
  assert.equal(requests.length, 1);
  store.close();
});

test("a store that cannot answer now is asked again", async (t) => {
  const time = fakeTime(t);
  const { port, requests } = await bucket(t, (_, response) =>
    requests.length < 3 ? response.writeHead(503).end() : response.end("content"),
  );
  const { store } = storeBehind(port);
  assert.equal((await read(store, inside)).toString(), "content");
  assert.deepEqual(time.pauses, [500]);
  store.close();
});

const whole = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251));

/** Sends at most so much of what is asked for, and breaks off. */
const breaking = (most: number, answer: { etag?: string; ranges?: boolean } = {}): RequestListener => {
  const { etag = '"one"', ranges = true } = answer;
  return (request, response) => {
    const first = ranges ? Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
    const part = whole.subarray(first);
    if (first > 0)
      response.writeHead(206, { etag, "content-range": `bytes ${first}-${whole.length - 1}/${whole.length}` });
    else response.writeHead(200, { etag, "content-length": whole.length });
    if (part.length <= most) response.end(part);
    else response.write(part.subarray(0, most), () => setTimeout(() => response.destroy(), 10));
  };
};

test("a file that breaks off is continued where it broke, as the same file", async (t) => {
  fakeTime(t);
  const { port, requests } = await bucket(t, breaking(90_000));
  const { store } = storeBehind(port);
  assert.deepEqual(await read(store, inside), whole);
  assert.equal(requests.length, 3);
  const asked = requests.map(({ headers }) => [headers.range, headers["if-match"]]);
  assert.deepEqual(asked[0], [undefined, undefined]);
  for (const [range, match] of asked.slice(1)) {
    assert.match(range ?? "", /^bytes=\d+-$/);
    assert.equal(match, '"one"');
  }
  store.close();
});

test("a store without ranges begins anew, and what was read already is left out", async (t) => {
  fakeTime(t);
  let asked = 0;
  const { port } = await bucket(t, (request, response) =>
    breaking(++asked === 1 ? 90_000 : whole.length, { ranges: false })(request, response),
  );
  const { store } = storeBehind(port);
  assert.deepEqual(await read(store, inside), whole);
  store.close();
});

test("reading may begin in the middle; the size is the whole file's", async (t) => {
  const { port } = await bucket(t, breaking(whole.length));
  const { store } = storeBehind(port);
  const { signal } = new AbortController();
  const opened = await store.open(inside, trust, { signal, from: 150_000, etag: '"one"' });
  assert.equal(opened.size, whole.length);
  assert.deepEqual(await buffer(opened.content), whole.subarray(150_000));
  store.close();
});

test("a file that became another one meanwhile is not continued", async (t) => {
  fakeTime(t);
  const { port, requests } = await bucket(t, (request, response) =>
    requests.length === 1 ? breaking(90_000)(request, response) : response.writeHead(412).end(),
  );
  const { store } = storeBehind(port);
  await assert.rejects(
    read(store, inside),
    discreet({ reason: "Changed", message: /^the file changed while it was read$/ }),
  );
  store.close();
});

test("a store that is gone in the middle is given up, with the byte that was reached", async (t) => {
  const time = fakeTime(t);
  const { port, requests } = await bucket(t, (request, response) =>
    requests.length === 1 ? breaking(90_000)(request, response) : request.socket.destroy(),
  );
  const { store } = storeBehind(port);
  await assert.rejects(
    read(store, inside),
    discreet({ reason: "Unreachable", message: /^the file from minio\.mke\.svc:9000 broke off at byte \d{5}: / }),
  );
  assert.ok(time.pauses.includes(5000));
  store.close();
});

test("a link that expired before the file was read is asked for anew", async (t) => {
  fakeTime(t);
  const { port, requests } = await bucket(t, (request, response) => {
    if (requests.length === 1) breaking(90_000)(request, response);
    else if (request.url === path) response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
    else breaking(whole.length)(request, response);
  });
  const { store } = storeBehind(port);
  const { signal } = new AbortController();
  const renew = async () => new URL("http://minio.mke.svc:9000/velero/other?X-Amz-Signature=f00");
  assert.deepEqual(await buffer((await store.open(inside, trust, { signal, renew })).content), whole);
  store.close();
});

for (const [host, what] of [
  ["minio.mke", "a name and a namespace"],
  ["minio", "a bare name, in Velero's namespace"],
] as const) {
  test(`${what} that DNS does not know is a Service`, async (t) => {
    const { port, requests } = await bucket(t, (_, response) => response.end("content"));
    const store = openObjectStore(
      { ...fakeCluster({ objects }), connect: async () => connect(port, "127.0.0.1") },
      { namespace: async () => "mke" },
    );
    assert.equal((await read(store, new URL(`http://${host}:9000${path}`))).toString(), "content");
    assert.equal(requests[0]?.headers.host, `${host}:9000`);
    store.close();
  });
}

test("a name that neither DNS nor the cluster knows is told as DNS says it", async () => {
  const store = openObjectStore(fakeCluster({ objects: [] }), { namespace: async () => "mke" });
  await assert.rejects(
    read(store, new URL(`http://no-such-store:9000${path}`)),
    discreet({
      reason: "Unreachable",
      message: /^cannot reach the object store no-such-store:9000: dial tcp: lookup no-such-store: /,
    }),
  );
});
