// The one door to ws. Node's own WebSocket can neither be paused nor send a client certificate, and tells nothing of why a
// server refused it.
import type { Agent } from "node:http";
import WebSocket from "ws";
import { beginningOf } from "../core/beginning.ts";
import type { Credentials } from "./credentials.ts";

/** Port-forward's; the servers that speak a later one speak it too. */
const protocol = "v4.channel.k8s.io";

/** What a tunnel needs of a WebSocket. */
export interface TunnelSocket {
  send(data: Buffer, done: (error?: Error | null) => void): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  on(event: "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** A server that answers instead of opening the socket. */
export class UpgradeRefused extends Error {
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(`the server answered with status ${status}`);
    this.status = status;
    this.body = body;
  }
}

/**
 * Opens a WebSocket to a path of the API server, with the client's own credentials, by way of the agent where one is given.
 * Frames go to `receive` by channel. Throws UpgradeRefused, or what Node throws.
 */
export async function openWebSocket(
  server: string,
  path: string,
  { credentials, agent }: { credentials: Credentials; agent?: Agent },
  receive: (channel: number, data: Buffer) => void,
): Promise<TunnelSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TunnelSocket>();
  const headers = await credentials.headers();
  const socket = new WebSocket(`${server.replace(/^http/, "ws")}${path}`, [protocol], {
    ...credentials.tls,
    headers,
    ...(agent === undefined ? {} : { agent }),
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  socket.on("open", () => resolve(socket));
  socket.on("error", reject);
  socket.on("message", (data: Buffer) => {
    if (data.length > 0) receive(data.readUInt8(0), data.subarray(1));
  });
  socket.on("unexpected-response", (request, response) => {
    beginningOf(response)
      .then((body) => reject(new UpgradeRefused(response.statusCode ?? 0, body)), reject)
      .finally(() => request.destroy());
  });
  return promise;
}
