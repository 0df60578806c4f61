// What can go wrong between a client and an API server, each as one answer.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { listenOnLoopback } from "../sandbox/api/loopback.ts";
import type { Fault } from "./proxy.ts";

/** An answer that never reached the API server: a Status when the body is an object, else as it is. */
export const answer =
  (status: number, body: string | object, headers: Record<string, string> = {}): Fault =>
  ({ response }) => {
    const isText = typeof body === "string";
    response.writeHead(status, { "Content-Type": isText ? "text/html" : "application/json", ...headers });
    response.end(isText ? body : JSON.stringify(body));
  };

/** A Status as the API server writes it. */
export const statusOf = (code: number, reason: string, message: string, more: object = {}): object => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  message,
  reason,
  code,
  ...more,
});

export const tooManyRequests = (retryAfter?: string): Fault =>
  answer(
    429,
    statusOf(429, "TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    retryAfter === undefined ? {} : { "Retry-After": retryAfter },
  );

/** The server never saw it. */
export const resetBefore: Fault = ({ request }) => void (request.socket as Socket).destroySoon();

/** The server did what was asked; its answer is lost. */
export const resetAfter: Fault = async ({ request, pass }) => {
  await pass();
  request.socket.destroy();
};

/** Half of the real answer, and the connection is gone. */
export const resetInBody: Fault = async ({ request, response, pass }) => {
  const { status, headers, body } = await pass();
  const { "transfer-encoding": _, ...rest } = headers;
  response.writeHead(status, { ...rest, "content-length": body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)));
  await sleep(30);
  request.socket.destroy();
};

/** Half of the real answer, then silence. */
export const stallInBody: Fault = async ({ response, pass }) => {
  const { status, headers, body } = await pass();
  const { "transfer-encoding": _, ...rest } = headers;
  response.writeHead(status, { ...rest, "content-length": body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)));
};

/** The server did what was asked; its answer never comes. */
export const stallAfter: Fault = async ({ pass }) => void (await pass());

/** Nothing was done, and nothing is said. */
export const stall: Fault = () => undefined;

/** A byte now and then, so that no idle timeout strikes. */
export const slowLoris: Fault = async ({ response, pass }) => {
  const { status, headers, body } = await pass();
  const { "transfer-encoding": _, ...rest } = headers;
  response.writeHead(status, { ...rest, "content-length": body.length });
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await sleep(100);
  }
};

/** The real list in pages of two, so that a few objects are enough for several. */
export const smallPages: Fault = async ({ request, response, pass }) => {
  const { status, body } = await pass(request.url?.replace("limit=500", "limit=2"));
  response.writeHead(status, { "Content-Type": "application/json" }).end(body);
};

/** A page that is too old; `offer` adds the way on that an API server gives along: the same place, in the list as it is now. */
export const expired =
  ({ offer }: { offer: boolean }): Fault =>
  (exchange) => {
    const token = new URL(exchange.request.url ?? "", "https://server").searchParams.get("continue") ?? "";
    const place = { ...(JSON.parse(Buffer.from(token, "base64url").toString()) as object), rv: -1 };
    const rest = Buffer.from(JSON.stringify(place)).toString("base64url");
    const metadata = offer ? { metadata: { continue: rest } } : {};
    const message = "The provided continue parameter is too old to display a consistent list result.";
    return answer(410, statusOf(410, "Expired", message, metadata))(exchange);
  };

/** JSON that ends in the middle, with a length that fits. */
export const truncatedJson: Fault = async ({ response, pass }) => {
  const { status } = await pass();
  response.writeHead(status, { "Content-Type": "application/json" }).end('{"kind":"BackupList","items":[{"meta');
};

/** A port that takes connections and never says anything, as a half-dead load balancer does. */
export async function openSilentPort(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
  const port = await listenOnLoopback(server);
  return {
    port,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
