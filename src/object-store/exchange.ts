// One request to a store. The road's agent makes the connections, and says whom TLS trusts (usualAuthorities).
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { addAbortSignal } from "node:stream";
import type { Road } from "./road.ts";

/** Milliseconds until the store must have begun to answer. */
const answerLimit = 30_000;

export interface Asked {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  readonly signal: AbortSignal;
}

/** Asks once, and resolves when the store begins to answer. The signal ends the answer's content too. */
export async function exchange(road: Road, url: URL, asked: Asked): Promise<IncomingMessage> {
  const { method = "GET", headers, body, signal } = asked;
  const { agent, forwarding } = await road.agent();
  const limit = AbortSignal.timeout(answerLimit);
  const end = AbortSignal.any([signal, limit]);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = request(
    url,
    {
      method,
      agent: (forwarding?.agent as typeof agent | undefined) ?? agent,
      headers: {
        ...headers,
        // The host is part of the signature, so it stays however the bytes get there.
        Host: url.host,
        ...(body === undefined ? {} : { "Content-Length": String(body.length) }),
        ...(forwarding?.headers as Record<string, string> | undefined),
      },
      ...(forwarding === undefined ? {} : { path: url.href }),
    },
    resolve,
  );
  outgoing.on("error", reject);
  const onEnd = () => {
    outgoing.destroy();
    // A request that still waits for its connection tells nothing of its own end.
    reject(limit.aborted ? new Error(`no answer within ${answerLimit / 1000}s`) : end.reason);
  };
  if (end.aborted) onEnd();
  else end.addEventListener("abort", onEnd);
  outgoing.end(body);
  try {
    return addAbortSignal(signal, await promise);
  } finally {
    end.removeEventListener("abort", onEnd);
  }
}
