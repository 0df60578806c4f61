// An API server in front of the real one (or of the sandbox): it passes requests on as the administrator, later or wrongly
// when it is told to, and remembers them.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { listenOnLoopback } from "../sandbox/api/loopback.ts";
import { createCertificates } from "../sandbox/certificates.ts";
import { readUpstream, writeKubeconfig } from "./kubeconfig.ts";

/** Plays one answer. */
export type Fault = (exchange: Exchange) => void | Promise<void>;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  /** Gets the real answer, whole; of another path when one is given. */
  pass(path?: string): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>;
}

export interface Rule {
  readonly method?: string;
  /** Matched against path and query. */
  readonly path: RegExp;
  readonly fault: Fault;
  /** How many requests get it, 1 when left out. */
  readonly times?: number;
}

/** A request that the proxy saw; milliseconds of the monotonic clock. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly began: number;
  /** Infinity while it goes on. */
  ended: number;
}

export interface FaultProxyOptions {
  /** The kubeconfig of the server that answers in the end. */
  readonly kubeconfig: string;
  /** Milliseconds that are added to every request. */
  readonly delayMs?: number;
  /** Plain HTTP instead of TLS. */
  readonly plain?: boolean;
}

export interface FaultProxy {
  /** The file that leads through the proxy. */
  readonly kubeconfig: string;
  readonly server: string;
  inject(rule: Rule): void;
  requests(): readonly Seen[];
  /** Forgets the requests and the rules that are left. */
  reset(): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 with a certificate of its own authority. */
export async function openFaultProxy({
  kubeconfig,
  delayMs = 0,
  plain = false,
}: FaultProxyOptions): Promise<FaultProxy> {
  const upstream = readUpstream(kubeconfig);
  const { ca, cert, key } = upstream;
  const [asAdministrator, asCaller] = [
    new https.Agent({ keepAlive: true, ca, cert, key }),
    new https.Agent({ keepAlive: true, ca }),
  ];
  const certificates = createCertificates();
  const sockets = new Set<Duplex>();
  let seen: Seen[] = [];
  let rules: Rule[] = [];

  const forward = ({ method, url, headers }: IncomingMessage, path = url): http.ClientRequest => {
    const agent = headers.authorization === undefined ? asAdministrator : asCaller;
    const { host: _, ...rest } = headers;
    return https.request(`${upstream.server}${path}`, { method, headers: rest, agent });
  };

  const takeRule = ({ method, url = "" }: IncomingMessage): Rule | undefined => {
    const index = rules.findIndex((rule) => rule.path.test(url) && (rule.method ?? method) === method);
    const rule = rules[index];
    if (rule === undefined) return undefined;
    const { times = 1 } = rule;
    rules = times > 1 ? rules.with(index, { ...rule, times: times - 1 }) : rules.toSpliced(index, 1);
    return rule;
  };

  const handle: RequestListener = async (request, response) => {
    const record = { method: request.method ?? "", url: request.url ?? "", began: performance.now(), ended: Infinity };
    seen.push(record);
    response.on("close", () => {
      record.ended = performance.now();
    });
    const rule = takeRule(request);
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    if (delayMs > 0) await sleep(delayMs);
    const pass: Exchange["pass"] = async (path) => {
      const outgoing = forward(request, path).end(body);
      const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
      const whole = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>));
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: whole };
    };
    if (rule !== undefined) return rule.fault({ request, response, body, pass });
    const answer = await pass();
    const { "transfer-encoding": _, ...headers } = answer.headers;
    response.writeHead(answer.status, { ...headers, "content-length": answer.body.length }).end(answer.body);
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const record = { method: "UPGRADE", url: request.url ?? "", began: performance.now(), ended: Infinity };
    seen.push(record);
    socket.on("error", () => socket.destroy());
    // Without an answer of HTTP there is only one thing to play: that none comes.
    if (takeRule(request) !== undefined) return;
    if (delayMs > 0) await sleep(delayMs);
    const outgoing = forward(request).end();
    const answer = (status: IncomingMessage) => {
      record.ended = performance.now();
      const lines = status.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
      socket.write(`HTTP/1.1 ${status.statusCode} ${status.statusMessage}\r\n${lines}\r\n`);
    };
    outgoing.on("response", (refusal) => {
      answer(refusal);
      refusal.pipe(socket);
    });
    outgoing.on("upgrade", (accepted, other: Duplex, first: Buffer) => {
      answer(accepted);
      sockets.add(other);
      other.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => other.destroy());
      other.write(head);
      socket.write(first);
      socket.pipe(other).pipe(socket);
    });
    outgoing.on("error", () => socket.destroy());
  };

  const guarded: RequestListener = (request, response) => {
    Promise.resolve(handle(request, response)).catch(() => response.socket?.destroy());
  };
  const server = plain
    ? http.createServer(guarded)
    : https.createServer({ key: certificates.server.key, cert: certificates.server.certificate }, guarded);
  server.on("upgrade", upgrade);
  server.on("connection", (socket: Duplex) => sockets.add(socket.on("close", () => sockets.delete(socket))));
  const port = await listenOnLoopback(server);
  const address = `${plain ? "http" : "https"}://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "fault-proxy-"));
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const authority = plain ? {} : { "certificate-authority-data": base64(certificates.authority) };
  const { administrator } = certificates;
  return {
    // A certificate that nobody asks for: without any, kubectl asks for a user's name.
    kubeconfig: writeKubeconfig(
      join(folder, "kubeconfig"),
      { server: address, ...authority },
      {
        "client-certificate-data": base64(administrator.certificate),
        "client-key-data": base64(administrator.key),
      },
    ),
    server: address,
    inject: (rule) => rules.push(rule),
    requests: () => seen,
    reset() {
      seen = [];
      rules = [];
    },
    async close() {
      asAdministrator.destroy();
      asCaller.destroy();
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await closed;
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * A proxy that makes every request slower by a fixed time, as a far API server would be: what a command costs then is how
 * many requests it makes one after the other. The kubeconfig is for any client: this program, kubectl, velero. It works in
 * this process, so clients must be awaited, not run with spawnSync; test/faults/main.ts is a process of its own.
 */
export async function openDelayingProxy(options: {
  kubeconfig: string;
  delayMs: number;
}): Promise<Pick<FaultProxy, "kubeconfig" | "requests" | "reset" | "close">> {
  return openFaultProxy(options);
}

/** The most requests of which each began after the one before it had ended. */
export function longestChain(requests: readonly Seen[]): number {
  let [length, end] = [0, Number.NEGATIVE_INFINITY];
  for (const { began, ended } of requests.toSorted((a, b) => a.ended - b.ended)) {
    if (began < end) continue;
    length++;
    end = ended;
  }
  return length;
}
