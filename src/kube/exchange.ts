import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import type { Stage } from "./connection-failure.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A TLS socket says that its handshake goes on. */
interface ConnectingSocket extends Socket {
  readonly secureConnecting?: boolean;
}

export interface Exchange {
  readonly url: string;
  readonly options: RequestOptions & { readonly agent: Agent; readonly signal: AbortSignal };
  readonly payload: Buffer | undefined;
  /** Told when the request gets further. */
  onStage(stage: Stage): void;
}

export type Send = (
  url: string,
  options: RequestOptions,
  onResponse: (response: IncomingMessage) => void,
) => ClientRequest;

/** Sends one request and reads its whole answer, unpacked. Throws what Node throws, and the signal ends it at any point. */
export async function exchange(send: Send, { url, options, payload, onStage }: Exchange): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const onAbort = () => reject(options.signal.reason);
  const outgoing = send(url, options, resolve);
  outgoing.on("socket", (socket) => watchStage(socket, onStage));
  outgoing.on("error", reject);
  // Node tells a request that it was aborted only once it has a socket; a proxy may never give one.
  options.signal.addEventListener("abort", onAbort, { once: true });
  outgoing.end(payload);
  const response = await promise.finally(() => options.signal.removeEventListener("abort", onAbort));
  const sent = await collect(response);
  const body = response.headers["content-encoding"] === "gzip" ? await unzip(sent) : sent;
  return { status: response.statusCode ?? 0, headers: response.headers, body: body.toString("utf8") };
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** How large the piece for an unpacked answer may be; what says to be longer comes in several. */
const [shortest, longest] = [1024, 32 * 1024 * 1024];

/** API servers zip long answers only, so short ones need not wait for zlib to be loaded. */
async function unzip(packed: Buffer): Promise<Buffer> {
  const { gunzipSync } = await import("node:zlib");
  // The last four bytes say how long it is unpacked: in one piece it is in memory once, not twice.
  const length = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  return gunzipSync(packed, { chunkSize: Math.min(Math.max(length, shortest), longest) });
}

/** Nothing is written before the connection stands, and everything may have been as soon as it does. */
function watchStage(socket: ConnectingSocket, onStage: (stage: Stage) => void): void {
  const connected = () => {
    if (!socket.secureConnecting) return onStage("sent");
    onStage("securing");
    socket.once("secureConnect", () => onStage("sent"));
  };
  if (socket.connecting) socket.once("connect", connected);
  else connected();
}
