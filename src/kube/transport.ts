import type { OutgoingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure } from "../core/failure.ts";
import type { ResourceKind } from "../core/resource.ts";
import { connectionFailure, requestTimedOut, type Stage } from "./connection-failure.ts";
import { type Connections, openConnections } from "./connections.ts";
import type { Credentials } from "./credentials.ts";
import { type Answer, exchange } from "./exchange.ts";
import type { ProxyRoute } from "./proxy.ts";
import { answerFailure, type Effect, inDoubt, isWebPage, notDone } from "./server-failure.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  /** Media types wanted of the answer, JSON all of them. */
  readonly accept?: string;
  /** Names the kind in sentences. */
  readonly kind?: ResourceKind | undefined;
  /** What a write would change. */
  readonly effect?: Effect | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Sent after the command's own end too, and then given up after two seconds. */
  readonly lastWord?: boolean | undefined;
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
  /** The way through a proxy, where there is one. */
  readonly route?: ProxyRoute | undefined;
}

/** client-go asks again at most ten times, and only when the server says when. */
const mostTries = 10;
const longestPause = 30_000;

/** Whoever interrupts a command waits no longer than this for what it tidies up. */
const lastWordLimit = 2000;

/** A connection that breaks is mostly one that was idle for long: asked again at once, and once more after a pause. */
const pausesAfterBreaks = [0, 1000];

/** Chooses the protocol and makes the agent; connects to nothing yet. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  return new Transport(options, await openConnections(options.server, options.credentials, options.route));
}

/** An answer, or the failure of a connection that broke when the request may have been on its way. */
type Attempt = { readonly answer: Answer } | { readonly broken: Failure };

/** JSON requests over one keep-alive agent. Reads are repeated when the server asks for it or the connection broke; writes never. */
export class Transport {
  readonly #options: TransportOptions;
  readonly connections: Connections;
  readonly #warned = new Set<string>();

  constructor(options: TransportOptions, connections: Connections) {
    this.#options = options;
    this.connections = connections;
  }

  async json<T>(request: ApiRequest): Promise<T> {
    const isRead = request.method === "GET";
    const pauses = [...pausesAfterBreaks];
    for (let asked = 1; ; asked++) {
      const attempt = await this.#attempt(request);
      if ("broken" in attempt) {
        const pause = isRead ? pauses.shift() : undefined;
        if (pause === undefined) throw attempt.broken;
        await this.#pause(pause, request);
        continue;
      }
      const { answer } = attempt;
      if (answer.status >= 200 && answer.status < 300) return this.#parse<T>(answer, request);
      // Nothing was done: who asked was not known. A login may have ended early, or a token file been replaced.
      if (answer.status === 401 && asked === 1 && this.#options.credentials.refused?.()) continue;
      const seconds = retryAfter(answer);
      if (seconds === undefined || !isRead || asked > mostTries) throw refusal(answer, request);
      await this.#pause(Math.min(seconds * 1000, longestPause), request);
    }
  }

  /** The answer to a GET in bytes, as they come; asked once. Without a limit of time where the server may have nothing to say yet. */
  async stream(request: ApiRequest, { limited }: { limited: boolean }): Promise<AsyncIterable<Buffer>> {
    const { openStream } = await import("./stream.ts");
    const { server, timeout, log } = this.#options;
    const url = `${server}${request.path}`;
    const start = performance.now();
    return openStream(this.connections.send, {
      server,
      url,
      options: await this.#requestOptions(url, { ...request, accept: "*/*" }, {}),
      signal: this.#signalFor(request),
      timeout: limited ? timeout : 0,
      note: (status) => log?.({ method: request.method, url, status, milliseconds: performance.now() - start }),
      refusal: (status, body) => answerFailure(status, body, request.kind),
    });
  }

  close(): void {
    this.connections.close();
  }

  #signalFor(request: ApiRequest): AbortSignal {
    if (request.lastWord) return AbortSignal.timeout(lastWordLimit);
    return request.signal === undefined
      ? this.#options.signal
      : AbortSignal.any([this.#options.signal, request.signal]);
  }

  /** Ends at once, with the reason, when the command or the request does. */
  async #pause(milliseconds: number, request: ApiRequest): Promise<void> {
    if (milliseconds === 0) return;
    const signal = this.#signalFor(request);
    await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
  }

  #parse<T>(answer: Answer, request: ApiRequest): T {
    try {
      return JSON.parse(answer.body) as T;
    } catch (cause) {
      const what = isWebPage(answer.body) ? "a web page: a proxy or load balancer may have sent it" : "not JSON";
      const ends = /end of JSON|Unterminated|Expected .* after/.test(String(cause)) ? ", it ends in the middle" : "";
      const sentence = `the answer to ${request.method} ${request.path.split("?")[0]} is ${what}${ends}`;
      throw doubted(connectionFailure(this.#options.server, new Error(sentence, { cause })), request);
    }
  }

  async #attempt(request: ApiRequest): Promise<Attempt> {
    const { server, timeout, log, route } = this.#options;
    const outer = this.#signalFor(request);
    outer.throwIfAborted();
    const deadline = timeout > 0 ? AbortSignal.timeout(timeout) : undefined;
    const signal = deadline === undefined ? outer : AbortSignal.any([outer, deadline]);
    // Asking for the time loads a part of Node, so only who logs does.
    const start = log === undefined ? 0 : performance.now();
    const url = `${server}${request.path}`;
    const note = (status: number | string, body?: string) =>
      log?.({
        method: request.method,
        url,
        status,
        milliseconds: performance.now() - start,
        ...(body === undefined ? {} : { body }),
      });
    let stage: Stage = "connecting";
    const onStage = (reached: Stage) => {
      stage = reached;
    };
    try {
      const answer = await this.#exchange(url, request, signal, onStage);
      note(answer.status, answer.body);
      return { answer };
    } catch (error) {
      note(error instanceof Error ? error.message : String(error));
      const isSent = (stage as Stage) === "sent";
      if (outer.aborted) throw isSent ? doubted(outer.reason, request) : outer.reason;
      const cause = error as NodeJS.ErrnoException;
      if (cause.name === "Failure") throw cause;
      const failure = deadline?.aborted
        ? requestTimedOut(server, timeout, stage, route?.label)
        : connectionFailure(server, cause);
      // What TLS refused was never read.
      if (!isSent || failure.reason === "Untrusted") throw failure;
      if (deadline?.aborted || !breaks.has(cause.code ?? "")) throw doubted(failure, request);
      return { broken: doubted(failure, request) };
    }
  }

  async #exchange(
    url: string,
    request: ApiRequest,
    signal: AbortSignal,
    onStage: (stage: Stage) => void,
  ): Promise<Answer> {
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const type = request.method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const options = await this.#requestOptions(url, request, {
      "Accept-Encoding": "gzip",
      ...(payload === undefined ? {} : { "Content-Type": type, "Content-Length": payload.length }),
    });
    const answer = await exchange(this.connections.send, { url, options: { ...options, signal }, payload, onStage });
    this.#tellWarnings(answer.headers["warning"]);
    return answer;
  }

  async #requestOptions(url: string, request: ApiRequest, more: OutgoingHttpHeaders) {
    const { credentials, userAgent, route } = this.#options;
    const headers: OutgoingHttpHeaders = {
      Accept: request.accept ?? "application/json",
      "User-Agent": userAgent,
      ...(await credentials.headers()),
      ...route?.forwarding?.headers,
      ...more,
    };
    const whole = route?.forwarding === undefined ? {} : { path: url };
    return { method: request.method, headers, agent: await this.connections.agent(), ...whole };
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

/** How Node names a connection that the other side, or something in between, gave up. */
const breaks: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);

/** What became of a write is unknown once it was sent; a read has changed nothing. */
function doubted<T>(reason: T, { effect }: ApiRequest): T | Failure {
  return effect !== undefined && (reason as Error)?.name === "Failure" ? inDoubt(reason as Failure, effect) : reason;
}

function refusal(answer: Answer, request: ApiRequest): Failure {
  const failure = answerFailure(answer.status, answer.body, request.kind);
  if (request.effect === undefined) return failure;
  if (answer.status === 429) return notDone(failure, retryAfter(answer));
  return answer.status >= 500 ? inDoubt(failure, request.effect) : failure;
}

/** Seconds; a date is not understood, as in client-go. */
function retryAfter({ status, headers }: Answer): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  const value = headers["retry-after"];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
