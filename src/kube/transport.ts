import type {
  Agent,
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
} from "node:http";
import { pipeline } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceKind } from "../core/resource.ts";
import type { Credentials } from "./credentials.ts";
import { answerFailure, connectionFailure, requestTimedOut } from "./server-failure.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  /** Names the kind in sentences. */
  readonly kind?: ResourceKind | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type RequestLog = (line: {
  method: string;
  url: string;
  status: number | string;
  milliseconds: number;
  body?: string;
}) => void;

export interface TransportOptions {
  readonly server: string;
  readonly credentials: Credentials;
  readonly userAgent: string;
  /** Milliseconds for one request; 0 = no limit. */
  readonly timeout: number;
  /** The command's own end: Ctrl-C, SIGTERM. */
  readonly signal: AbortSignal;
  /** A sentence of the server (header Warning), each told once. */
  onWarning(sentence: string): void;
  readonly log?: RequestLog | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** client-go asks again at most ten times, and only when the server says when. */
const mostTries = 10;
const longestPause = 30_000;

/**
 * An idle connection is closed before the server or a load balancer would close it: a write on one that has died in
 * the meantime, after a long thought at a question, could not be repeated.
 */
const keepAlive = { keepAlive: true, timeout: 20_000 };

type Send = (url: string, options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest;

/** Chooses the protocol and makes the agent; connects to nothing yet. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  if (options.server.startsWith("https:")) {
    const [https, { contextFor, usualAuthorities }] = await Promise.all([
      import("node:https"),
      import("../core/authorities.ts"),
    ]);
    const { ca, cert, key, ...checks } = options.credentials.tls;
    // One context for all connections: making it takes longer than a handshake.
    const secureContext = contextFor({ ca: ca ?? usualAuthorities(), cert, key });
    return new Transport(options, https.request, new https.Agent({ ...keepAlive, ...checks, secureContext }));
  }
  // Imported for plain-text servers only: its module namespace pulls in all of undici, a tenth of the program's start.
  const http = await import("node:http");
  return new Transport(options, http.request, new http.Agent(keepAlive));
}

/** JSON requests over one keep-alive agent. Reads are repeated when the server asks for it or the connection broke; writes never. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #send: Send;
  readonly #agent: Agent;
  readonly #warned = new Set<string>();

  constructor(options: TransportOptions, send: Send, agent: Agent) {
    this.#options = options;
    this.#send = send;
    this.#agent = agent;
  }

  async json<T>(request: ApiRequest): Promise<T> {
    const isRead = request.method === "GET";
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#attempt(request, isRead && attempt < 3).catch((error: unknown) => {
        if (error === again) return undefined;
        throw error;
      });
      if (answer === undefined) continue;
      if (answer.status >= 200 && answer.status < 300) return this.#parse<T>(answer, request);
      const pause = retryAfter(answer);
      if (pause === undefined || !isRead || attempt > mostTries)
        throw answerFailure(answer.status, answer.body, request.kind);
      await sleep(Math.min(pause, longestPause), undefined, { signal: this.#signalFor(request) });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #signalFor(request: ApiRequest): AbortSignal {
    return request.signal === undefined
      ? this.#options.signal
      : AbortSignal.any([this.#options.signal, request.signal]);
  }

  #parse<T>(answer: Answer, request: ApiRequest): T {
    try {
      return JSON.parse(answer.body) as T;
    } catch (cause) {
      const broken = new Error(`the answer to ${request.method} ${request.path.split("?")[0]} is not JSON`, { cause });
      throw connectionFailure(this.#options.server, broken);
    }
  }

  async #attempt(request: ApiRequest, mayRepeat: boolean): Promise<Answer> {
    const { server, timeout, log } = this.#options;
    const outer = this.#signalFor(request);
    outer.throwIfAborted();
    const deadline = timeout > 0 ? AbortSignal.timeout(timeout) : undefined;
    const signal = deadline === undefined ? outer : AbortSignal.any([outer, deadline]);
    const start = performance.now();
    const url = `${server}${request.path}`;
    const note = (status: number | string, body?: string) =>
      log?.({
        method: request.method,
        url,
        status,
        milliseconds: performance.now() - start,
        ...(body === undefined ? {} : { body }),
      });
    try {
      const answer = await this.#exchange(url, request, signal);
      note(answer.status, answer.body);
      return answer;
    } catch (error) {
      note(error instanceof Error ? error.message : String(error));
      outer.throwIfAborted();
      if (deadline?.aborted) throw requestTimedOut(server, timeout);
      const cause = error as NodeJS.ErrnoException;
      if (mayRepeat && (cause.code === "ECONNRESET" || cause.code === "EPIPE")) throw again;
      throw cause.name === "Failure" ? cause : connectionFailure(server, cause);
    }
  }

  async #exchange(url: string, request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const headers: OutgoingHttpHeaders = {
      Accept: "application/json",
      "Accept-Encoding": "gzip",
      "User-Agent": this.#options.userAgent,
      ...(await this.#options.credentials.headers()),
      ...(payload === undefined ? {} : { "Content-Type": "application/json", "Content-Length": payload.length }),
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = this.#send(url, { method: request.method, headers, agent: this.#agent, signal }, resolve);
      outgoing.on("error", reject);
      outgoing.end(payload);
    });
    this.#tellWarnings(response.headers["warning"]);
    const gzipped = response.headers["content-encoding"] === "gzip";
    const plain = gzipped ? await unzipped(response) : response;
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(plain) };
  }

  #tellWarnings(header: string | string[] | undefined): void {
    if (header === undefined) return;
    for (const [, sentence] of String(header).matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      if (sentence === undefined || this.#warned.has(sentence)) continue;
      this.#warned.add(sentence);
      this.#options.onWarning(sentence.replaceAll("\\", ""));
    }
  }
}

/** API servers zip long answers only, so short ones need not wait for zlib to be loaded. */
async function unzipped(response: IncomingMessage): Promise<NodeJS.ReadableStream> {
  const { createGunzip } = await import("node:zlib");
  return pipeline(response, createGunzip(), () => undefined);
}

/** Thrown inside to ask for one more try of a read. */
const again = new Error("the connection was reset");

function retryAfter({ status, headers }: Answer): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  const seconds = Number(headers["retry-after"]);
  return headers["retry-after"] !== undefined && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
