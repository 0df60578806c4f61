// Port-forward as a kubelet does it over a WebSocket: channel 0 carries the bytes, channel 1 an error sentence.
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { badRequest } from "../api/status.ts";

const protocol = "v4.channel.k8s.io";
const frameSize = 32 * 1024;
/** How much may wait in the WebSocket before the other side is asked to pause. */
const highWaterMark = 1024 * 1024;

const server = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });

/** Connects the stream to `port`, or reports why that port of the pod cannot be reached. */
export function portForward(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  localPort: (podPort: number) => number | undefined,
): void {
  const offered = String(request.headers["sec-websocket-protocol"] ?? "").split(/,\s*/);
  if (!offered.includes(protocol))
    throw badRequest(
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(" ")}], server accepts [${protocol}]`,
    );
  const podPort = Number(new URL(request.url ?? "", "https://sandbox").searchParams.get("ports"));
  if (!Number.isInteger(podPort) || podPort < 1 || podPort > 65535)
    throw badRequest(`query parameter "ports" is required`);
  server.handleUpgrade(request, socket, head, (webSocket) => forward(webSocket, podPort, localPort(podPort)));
}

/** A kubelet names pods by the container runtime's own identifiers here. */
const podSandbox = "5b1d".repeat(16);

function forward(webSocket: WebSocket, podPort: number, port: number | undefined): void {
  const announced = Buffer.from([podPort % 256, Math.floor(podPort / 256)]);
  const send = (channel: 0 | 1, content: Buffer) => webSocket.send(Buffer.concat([Buffer.from([channel]), content]));
  send(0, announced);
  send(1, announced);
  const fail = (why: string) => {
    send(1, Buffer.from(`error forwarding port ${podPort} to pod ${podSandbox}, uid : ${why}`));
    webSocket.close();
  };
  if (port === undefined) {
    fail(
      `failed to connect to localhost:${podPort} inside namespace, IPv4: dial tcp4 127.0.0.1:${podPort}: connect: connection refused`,
    );
    return;
  }
  const connection = connect(port, "127.0.0.1");
  connection.on("data", (content: Buffer) => {
    for (let start = 0; start < content.length; start += frameSize) send(0, content.subarray(start, start + frameSize));
    if (webSocket.bufferedAmount < highWaterMark) return;
    connection.pause();
    const drain = setInterval(() => {
      if (webSocket.bufferedAmount >= highWaterMark && webSocket.readyState === webSocket.OPEN) return;
      clearInterval(drain);
      connection.resume();
    }, 5);
  });
  connection.on("error", ({ message }) => fail(message));
  connection.on("close", () => webSocket.close());
  webSocket.on("message", (data: RawData) => {
    const frame = Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer);
    if (frame[0] === 0 && frame.length > 1) connection.write(frame.subarray(1));
  });
  webSocket.on("close", () => connection.destroy());
  webSocket.on("error", () => connection.destroy());
}
