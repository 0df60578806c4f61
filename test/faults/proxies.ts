// Small proxies as companies run them, on free ports of 127.0.0.1: HTTP with CONNECT, and SOCKS5.
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { listenOnLoopback } from "../sandbox/api/loopback.ts";
import type { createCertificates } from "../sandbox/certificates.ts";

export interface TestProxy {
  readonly port: number;
  /** What it was asked for: CONNECT host:port, or METHOD URL where it passes on itself. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export interface TestProxyOptions {
  /** user:password; everybody may pass when left out. */
  readonly login?: string;
  /** Answers every request with this in place of passing it on. */
  readonly refuseWith?: number;
  /** Where names lead that no name server knows. */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** An HTTP proxy; over TLS with a certificate for localhost when an authority's server key is given. */
export async function openHttpProxy(
  { login, refuseWith, hosts = {} }: TestProxyOptions = {},
  certificates?: ReturnType<typeof createCertificates>,
): Promise<TestProxy> {
  const asked: string[] = [];
  const expected = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
  const refusal = ({ headers }: IncomingMessage): number | undefined =>
    expected !== undefined && headers["proxy-authorization"] !== expected ? 407 : refuseWith;
  const server =
    certificates === undefined
      ? http.createServer()
      : https.createServer({ key: certificates.server.key, cert: certificates.server.certificate });
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    asked.push(`CONNECT ${request.url}`);
    const status = refusal(request);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(request.url ?? "") ?? [];
    const other = connect(Number(port), hosts[host] ?? host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      other.write(head);
    });
    join(socket, other);
  });
  server.on("request", (request: IncomingMessage, response) => {
    asked.push(`${request.method} ${request.url}`);
    const status = refusal(request);
    if (status !== undefined) return void response.writeHead(status).end();
    const { "proxy-authorization": _, ...headers } = request.headers;
    const { hostname, port, pathname, search } = new URL(request.url ?? "");
    const to = { host: hosts[hostname] ?? hostname, port, path: `${pathname}${search}` };
    const outgoing = http.request({ ...to, method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(outgoing);
  });
  return opened(server, asked);
}

/** A SOCKS5 server that takes names and addresses. */
export async function openSocksProxy({ login, refuseWith, hosts = {} }: TestProxyOptions = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const serve = async (socket: Socket): Promise<void> => {
    const chunks = reader(socket);
    const [, count = 0] = await chunks(2);
    const methods = [...(await chunks(count))];
    const method = login === undefined ? 0 : methods.includes(2) ? 2 : 0xff;
    socket.write(Buffer.from([5, method]));
    if (method === 0xff) return void socket.end();
    if (method === 2) {
      await chunks(1);
      const user = (await chunks((await chunks(1))[0] ?? 0)).toString();
      const password = (await chunks((await chunks(1))[0] ?? 0)).toString();
      const fits = `${user}:${password}` === login;
      socket.write(Buffer.from([1, fits ? 0 : 1]));
      if (!fits) return void socket.end();
    }
    const [, , , kind] = await chunks(4);
    const host =
      kind === 1
        ? [...(await chunks(4))].join(".")
        : kind === 4
          ? ((await chunks(16)).toString("hex").match(/.{4}/g) ?? []).join(":")
          : (await chunks((await chunks(1))[0] ?? 0)).toString();
    const port = (await chunks(2)).readUInt16BE();
    asked.push(`CONNECT ${host}:${port}`);
    if (refuseWith !== undefined) return void socket.end(Buffer.from([5, refuseWith, 0, 1, 0, 0, 0, 0, 0, 0]));
    const other = connect(port, hosts[host] ?? host, () => {
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      join(socket, other);
      socket.resume();
    });
    other.on("error", () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
  };
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket).catch(() => socket.destroy());
  });
  return opened(server, asked);
}

function join(one: Duplex, other: Duplex): void {
  one.on("error", () => other.destroy()).on("close", () => other.destroy());
  other.on("error", () => one.destroy()).on("close", () => one.destroy());
  one.pipe(other).pipe(one);
}

/** Reads a stream by counts. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async (count) => {
    for (;;) {
      const chunk = socket.read(count) as Buffer | null;
      if (chunk?.length === count || count === 0) return chunk ?? Buffer.alloc(0);
      await once(socket, "readable");
    }
  };
}

async function opened(server: Server, asked: string[]): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.on("close", () => sockets.delete(socket))));
  const port = await listenOnLoopback(server);
  return {
    port,
    asked,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
