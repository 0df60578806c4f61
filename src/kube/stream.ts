import type { IncomingMessage, RequestOptions } from "node:http";
import type { Failure } from "../core/failure.ts";
import { connectionFailure, requestTimedOut } from "./connection-failure.ts";
import type { Send } from "./exchange.ts";

export interface StreamRequest {
  readonly server: string;
  readonly url: string;
  readonly options: RequestOptions;
  /** Ends the answer too. */
  readonly signal: AbortSignal;
  /** Milliseconds in which the answer must begin; 0 = no limit. */
  readonly timeout: number;
  /** Told how it was answered. */
  note(status: number | string): void;
  /** What an answer means that is no success. */
  refusal(status: number, body: string): Failure;
}

/** Sends a GET and returns its answer in bytes, as they come, for as long as they come. Throws Failures, in its midst too. */
export async function openStream(send: Send, request: StreamRequest): Promise<AsyncIterable<Buffer>> {
  const { server, url, options, signal, timeout, note, refusal } = request;
  signal.throwIfAborted();
  const late = new AbortController();
  const timer = timeout > 0 ? setTimeout(() => late.abort(), timeout) : undefined;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = send(url, { ...options, signal: AbortSignal.any([signal, late.signal]) }, resolve);
  outgoing.on("error", reject);
  // Node tells a request that it was aborted only once it has a socket.
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  outgoing.end();
  try {
    const response = await promise;
    clearTimeout(timer);
    const status = response.statusCode ?? 0;
    note(status);
    if (status >= 200 && status < 300) return unbroken(response, server, signal);
    let body = "";
    for await (const chunk of response) body += String(chunk);
    throw refusal(status, body);
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    if (signal.aborted) throw signal.reason;
    if (cause.name === "Failure") throw cause;
    note(cause.message);
    throw late.signal.aborted ? requestTimedOut(server, timeout, "sent") : connectionFailure(server, cause);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

async function* unbroken(response: IncomingMessage, server: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw signal.aborted ? signal.reason : connectionFailure(server, error as NodeJS.ErrnoException);
  } finally {
    response.destroy();
  }
}
