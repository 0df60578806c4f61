import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { openTunnel } from "../../../src/kube/tunnel.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { nobody } from "../kube/local-server.ts";

const whole = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
const objects = [
  { kind: "Service", metadata: { name: "minio", namespace: "mke" }, spec: { selector: { app: "minio" } } },
  {
    kind: "Pod",
    metadata: { name: "minio-0", namespace: "mke" },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  },
];

/** An API server whose tunnels end after so many bytes of the file, in the way given. */
async function apiServer(t: TestContext, most: number, end: (socket: WebSocket) => void) {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  const ranges: (string | undefined)[] = [];
  server.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => {
      for (const channel of [0, 1]) opened.send(Buffer.of(channel, 0x28, 0x23));
      opened.on("message", (data: Buffer) => {
        const range = /Range: bytes=(\d+)-/.exec(data.toString("latin1"))?.[1];
        ranges.push(range);
        const from = Number(range ?? 0);
        const part = whole.subarray(from, from + most);
        const size = `Content-Length: ${whole.length - from}\r\nETag: "one"\r\n`;
        const status =
          range === undefined
            ? "200 OK\r\n"
            : `206 Partial Content\r\nContent-Range: bytes ${from}-${whole.length - 1}/${whole.length}\r\n`;
        opened.send(Buffer.concat([Buffer.of(0), Buffer.from(`HTTP/1.1 ${status}${size}\r\n`), part]), () => {
          if (part.length < whole.length - from) end(opened);
        });
      });
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ranges };
}

const says = (sentence: string) => (socket: WebSocket) =>
  socket.send(Buffer.concat([Buffer.of(1), Buffer.from(sentence)]));

for (const [what, end] of [
  ["is closed", (socket: WebSocket) => socket.close()],
  ["is cut off", (socket: WebSocket) => setTimeout(() => socket.terminate(), 20)],
  ["breaks with a word of the kubelet", says("lost connection to pod")],
] as const) {
  test(`a tunnel that ${what} in the middle of a file is made anew, and nothing is read twice`, async (t) => {
    const { url, ranges } = await apiServer(t, 120_000, end);
    const { signal } = new AbortController();
    const store = openObjectStore({
      ...fakeCluster({ objects }),
      connect: (pod) => openTunnel(url, pod, { credentials: nobody, timeout: 0, signal }),
    });
    t.after(() => store.close());
    const trust = { ca: undefined, insecureSkipTlsVerify: false };
    const opened = await store.open(new URL("http://minio.mke.svc:9000/velero/file"), trust, { signal });
    assert.equal(opened.size, whole.length);
    assert.deepEqual(await buffer(opened.content), whole);
    assert.equal(ranges[0], undefined);
    assert.ok(ranges.length >= 3, ranges.join());
  });
}
