import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { Failure } from "../../../src/core/failure.ts";
import { openTunnel } from "../../../src/kube/tunnel.ts";
import { openSilentPort } from "../../faults/faults.ts";
import { nobody } from "./local-server.ts";

const pod = { namespace: "mke", name: "minio-0", port: 9000 };
const port = Buffer.from([9000 % 256, Math.floor(9000 / 256)]);
const patient = { credentials: nobody, timeout: 0, signal: new AbortController().signal };
const sizeOf = (frames: readonly Buffer[]) => frames.reduce((sum, { length }) => sum + length - 1, 0);
const frame = (channel: number, content: string | Buffer) => Buffer.concat([Buffer.of(channel), Buffer.from(content)]);

/** An API server whose port-forward is played by a function; returns its address and what was asked. */
async function apiServer(t: TestContext, play: (socket: WebSocket) => void, refuseWith?: number, body = "") {
  const server = createServer();
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  const asked: { url: string | undefined; authorization: string | undefined }[] = [];
  server.on("upgrade", (request, socket, head) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    if (refuseWith !== undefined)
      socket.end(`HTTP/1.1 ${refuseWith} No\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    else webSockets.handleUpgrade(request, socket, head, play);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const client of webSockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
/** Both channels begin with the port, as a kubelet sends it. */
const announce = (socket: WebSocket) => {
  socket.send(frame(0, port));
  socket.send(frame(1, port));
};

test("bytes go both ways, without the port that each channel begins with", async (t) => {
  const { url, asked } = await apiServer(t, (socket) => {
    announce(socket);
    socket.on("message", (data: Buffer) => {
      socket.send(frame(0, `you said ${data.subarray(1)}`));
      socket.close();
    });
  });
  const headers = async () => ({ Authorization: "Bearer t" });
  const tunnel = await openTunnel(url, pod, { ...patient, credentials: { ...nobody, headers } });
  tunnel.write("hello");
  assert.equal(await text(tunnel), "you said hello");
  assert.deepEqual(asked, [
    { url: "/api/v1/namespaces/mke/pods/minio-0/portforward?ports=9000", authorization: "Bearer t" },
  ]);
});

test("a large write is sent in frames of at most 32 KiB, in order", async (t) => {
  const frames: Buffer[] = [];
  const { url } = await apiServer(t, (socket) => {
    announce(socket);
    socket.on("message", (data: Buffer) => frames.push(data));
  });
  const tunnel = await openTunnel(url, pod, patient);
  const sent = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251));
  await new Promise<void>((resolve, reject) => tunnel.write(sent, (error) => (error ? reject(error) : resolve())));
  for (let tries = 0; tries < 200 && sizeOf(frames) < sent.length; tries++) await sleep(5);
  assert.ok(frames.every((one) => one[0] === 0 && one.length <= 32 * 1024 + 1));
  assert.deepEqual(Buffer.concat(frames.map((one) => one.subarray(1))), sent);
  tunnel.destroy();
});

test("what the kubelet says on the error channel breaks the tunnel with that sentence", async (t) => {
  const { url } = await apiServer(t, (socket) => {
    announce(socket);
    socket.send(frame(1, "dial tcp4 127.0.0.1:9000: connect: connection refused\n"));
  });
  const tunnel = await openTunnel(url, pod, patient);
  await assert.rejects(text(tunnel), {
    name: "Failure",
    reason: "Unreachable",
    message: "the API server's tunnel to pod minio-0 broke: dial tcp4 127.0.0.1:9000: connect: connection refused",
  });
});

test("a slow reader gets everything, although the other side closed long ago", async (t) => {
  const total = 40;
  const { url } = await apiServer(t, (socket) => {
    announce(socket);
    for (let at = 0; at < total; at++) socket.send(frame(0, Buffer.alloc(32 * 1024, at)));
    socket.close();
  });
  const tunnel = await openTunnel(url, pod, patient);
  let size = 0;
  for await (const chunk of tunnel) {
    size += (chunk as Buffer).length;
    await sleep(2);
  }
  assert.equal(size, total * 32 * 1024);
});

test("after its last write the other side may still answer", async (t) => {
  const { url } = await apiServer(t, (socket) => {
    announce(socket);
    socket.on("message", async (data: Buffer) => {
      await sleep(30);
      socket.send(frame(0, `late answer to ${data.subarray(1)}`));
      socket.close();
    });
  });
  const tunnel = await openTunnel(url, pod, patient);
  tunnel.end("question");
  assert.equal(await text(tunnel), "late answer to question");
});

test("a reader that stops makes the server stop, and goes on later without a loss", async (t) => {
  const total = 2000;
  let socket: WebSocket | undefined;
  const { url } = await apiServer(t, (opened) => {
    socket = opened;
    announce(opened);
    for (let at = 0; at < total; at++) opened.send(frame(0, Buffer.alloc(32 * 1024, at)));
    opened.close();
  });
  const tunnel = await openTunnel(url, pod, patient);
  await sleep(200);
  const waiting = socket?.bufferedAmount ?? 0;
  assert.ok(waiting > total * 32 * 1024 * 0.5, `the server still holds ${waiting} bytes`);
  assert.ok(tunnel.readableLength < 1024 * 1024, `${tunnel.readableLength} bytes wait here`);
  let size = 0;
  for await (const chunk of tunnel) size += (chunk as Buffer).length;
  assert.equal(size, total * 32 * 1024);
});

test("closing the tunnel closes the WebSocket", async (t) => {
  let closed: Promise<unknown> | undefined;
  const { url } = await apiServer(t, (socket) => {
    announce(socket);
    closed = once(socket, "close");
  });
  const tunnel = await openTunnel(url, pod, patient);
  tunnel.destroy();
  await closed;
});

const refusals: [status: number, expected: { reason?: string; message: RegExp }][] = [
  [403, { reason: "Forbidden", message: /^not allowed to reach pod minio-0 through the API server: status 403$/ }],
  [404, { reason: "NotFound", message: /^pod minio-0 in namespace mke is gone$/ }],
  [500, { reason: "InternalError", message: /^pod minio-0 in namespace mke cannot be reached: .*500/ }],
  [502, { reason: "InternalError", message: /^pod minio-0 in namespace mke cannot be reached: .*502/ }],
];
for (const [status, expected] of refusals) {
  test(`a tunnel that is refused with ${status} is a sentence`, async (t) => {
    const { url } = await apiServer(t, () => undefined, status);
    await assert.rejects(openTunnel(url, pod, patient), { name: "Failure", ...expected });
  });
}

test("whoever may not forward ports is told the right that is missing", async (t) => {
  const message =
    'pods "minio-0" is forbidden: User "jane" cannot create resource "pods/portforward" in API group "" in the namespace "mke"';
  const body = JSON.stringify({ kind: "Status", reason: "Forbidden", message, details: { name: "minio-0" } });
  const { url } = await apiServer(t, () => undefined, 403, body);
  await assert.rejects(openTunnel(url, pod, patient), (error: { message: string; next?: string[] }) => {
    assert.equal(error.message, `not allowed to reach pod minio-0 through the API server: ${message}`);
    assert.match(error.next?.[0] ?? "", /^kubectl auth can-i create pods\/portforward -n mke/);
    return true;
  });
});

test("a tunnel that the server never opens is given up after the time limit, or when nobody wants it any more", async (t) => {
  const silent = await openSilentPort();
  t.after(() => silent.close());
  const url = `http://127.0.0.1:${silent.port}`;
  const agent = new Agent();
  t.after(() => agent.destroy());
  await assert.rejects(openTunnel(url, pod, { ...patient, agent, timeout: 50 }), {
    reason: "Unreachable",
    message: `Unable to connect to the server: no answer from 127.0.0.1:${silent.port} within 0.05s`,
  });
  const reason = new Failure("interrupted", "interrupted");
  const command = new AbortController();
  const opening = openTunnel(url, pod, { ...patient, agent, signal: command.signal });
  command.abort(reason);
  await assert.rejects(opening, reason);
});

test("an HTTP agent notices a tunnel that ended while it was idle, and makes another", async (t) => {
  let opened = 0;
  const { url } = await apiServer(t, (socket) => {
    opened++;
    announce(socket);
    socket.on("message", async () => {
      socket.send(frame(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
      await sleep(20);
      socket.close();
    });
  });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const createConnection = (_: object, done: (error: Error | null, socket?: Duplex) => void): undefined => {
    openTunnel(url, pod, patient).then((tunnel) => done(null, tunnel), done);
  };
  Object.assign(agent, { createConnection });
  for (const number of [1, 2, 3]) {
    const [answer] = (await once(get("http://minio:9000/", { agent }), "response")) as [IncomingMessage];
    assert.equal(await text(answer), "ok");
    await sleep(20);
    for (let tries = 0; tries < 500 && Object.keys(agent.freeSockets).length > 0; tries++) await sleep(10);
    assert.deepEqual(Object.keys(agent.freeSockets), []);
    assert.equal(opened, number);
  }
});
