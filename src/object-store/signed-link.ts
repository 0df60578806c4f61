import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beginningOf } from "../core/beginning.ts";
import { Failure } from "../core/failure.ts";
import { type Continuing, continued, type Part } from "./continued.ts";
import { exchange } from "./exchange.ts";
import type { OpenOptions, StoredObject } from "./object-store.ts";
import type { Road } from "./road.ts";
import { mayContinue, reasonOf, unreachable } from "./store-failure.ts";

/** Pauses before a read is asked again: the connection broke, or the store could not answer. */
const pauses = [0, 500];

/** What lies behind a signed link. The link is a credential: nothing here tells more of it than its host. */
export async function openLink(road: Road, link: URL, options: OpenOptions): Promise<StoredObject> {
  const { signal, from = 0 } = options;
  let url = link;
  const ask = (at: number, etag: string | undefined) => askPatiently(road, url, { from: at, etag, signal });
  const again: Continuing["again"] = async (at, etag) => {
    try {
      return await ask(at, etag);
    } catch (error) {
      // Links are good for ten minutes, which a large file may take longer than.
      if (options.renew === undefined || !(error instanceof Failure && error.reason === "NotFound")) throw error;
      url = await options.renew();
      return ask(at, etag);
    }
  };
  const first = await ask(from, options.etag);
  const content = continued(first, { what: `the file from ${url.host}`, from, signal, again });
  return { size: first.size, etag: first.etag, content, way: road.way };
}

interface Question {
  readonly from: number;
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
}

async function askPatiently(road: Road, url: URL, question: Question): Promise<Part> {
  const { signal } = question;
  for (let tries = 0; ; tries++) {
    try {
      return await road.inTurn(signal, () => askOnce(road, url, question));
    } catch (error) {
      signal.throwIfAborted();
      const pause = pauses[tries];
      if (pause === undefined || !mayContinue(error)) throw unreachable(url.host, error);
      if (pause > 0) await sleep(pause, undefined, { signal });
    }
  }
}

async function askOnce(road: Road, url: URL, question: Question): Promise<Part> {
  const { from, etag: wanted, signal } = question;
  const headers = {
    ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
    ...(wanted === undefined ? {} : { "If-Match": wanted }),
  };
  const answer = await exchange(road, url, { headers, signal });
  const status = answer.statusCode ?? 0;
  const [, begin, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers["content-range"] ?? "") ?? [];
  const { etag } = answer.headers;
  if (status === 206 && begin !== undefined)
    return { from: Number(begin), size: total === undefined ? undefined : Number(total), etag, content: answer };
  if (status === 200) return { from: 0, size: lengthOf(answer.headers), etag, content: answer };
  throw refusal(url, status, await beginningOf(answer));
}

function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}

function refusal({ host }: URL, status: number, body: string): Failure {
  const code = /<Code>(\w+)<\/Code>/.exec(body)?.[1];
  const reason = reasonOf(code, status);
  if (reason === "Changed") return new Failure("failed", "the file changed while it was read", { reason });
  return new Failure("failed", `the object store at ${host} answered ${code ?? `status ${status}`}`, { reason });
}
