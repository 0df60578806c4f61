import type { Agent } from "node:http";
import { Duplex } from "node:stream";
import { Failure } from "../core/failure.ts";
import { connectionFailure, requestTimedOut } from "./connection-failure.ts";
import type { Credentials } from "./credentials.ts";
import { answerFailure } from "./server-failure.ts";
import { openWebSocket, type TunnelSocket, UpgradeRefused } from "./web-socket.ts";

/** Larger frames were reset by real API servers under load. */
const frameBytes = 32 * 1024;
/** How much may be read ahead of a slow reader, in bytes. */
const readAhead = 32 * 1024;
const [dataChannel, errorChannel] = [0, 1];

export interface PodPort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface TunnelOptions {
  readonly credentials: Credentials;
  /** Connects to the server; what it has not finished ends with it. */
  readonly agent?: Agent;
  /** Milliseconds until the tunnel must stand; 0 = no limit. */
  readonly timeout: number;
  /** Ends the wait for it. */
  readonly signal: AbortSignal;
}

/**
 * A byte stream to a port of a pod over the API server's port-forward; it serves as the socket of an HTTP agent.
 * A slow reader pauses the WebSocket, and each write waits until its frame was handed to the kernel.
 */
export async function openTunnel(server: string, pod: PodPort, options: TunnelOptions): Promise<Duplex> {
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/portforward?ports=${pod.port}`;
  let tunnel: Tunnel | undefined;
  const early: [number, Buffer][] = [];
  const receive = (channel: number, data: Buffer): void => {
    if (tunnel === undefined) early.push([channel, data]);
    else tunnel.receive(channel, data);
  };
  const socket = await inTime(openWebSocket(server, path, options, receive), server, pod, options);
  tunnel = new Tunnel(socket, pod);
  for (const [channel, data] of early) tunnel.receive(channel, data);
  return tunnel;
}

/** The WebSocket, unless it takes too long or nobody wants it any more: then it is closed as soon as it opens. */
async function inTime(
  opening: Promise<TunnelSocket>,
  server: string,
  pod: PodPort,
  { timeout, signal }: TunnelOptions,
): Promise<TunnelSocket> {
  const deadline = timeout > 0 ? AbortSignal.timeout(timeout) : undefined;
  const end = deadline === undefined ? signal : AbortSignal.any([signal, deadline]);
  const ended = Promise.withResolvers<never>();
  const onEnd = () => ended.reject(end.reason);
  if (end.aborted) onEnd();
  else end.addEventListener("abort", onEnd, { once: true });
  try {
    return await Promise.race([opening, ended.promise]);
  } catch (cause) {
    opening.then(
      (late) => late.terminate(),
      () => undefined,
    );
    if (signal.aborted) throw signal.reason;
    throw deadline?.aborted ? requestTimedOut(server, timeout) : refusal(server, pod, cause);
  } finally {
    end.removeEventListener("abort", onEnd);
  }
}

class Tunnel extends Duplex {
  readonly #socket: TunnelSocket;
  readonly #pod: PodPort;
  #hasAnswered = false;
  /** The first frame of each channel only repeats the port. */
  readonly #announced = new Set<number>();

  constructor(socket: TunnelSocket, pod: PodPort) {
    super({ readableHighWaterMark: readAhead });
    this.#socket = socket;
    this.#pod = pod;
    socket.on("close", () => this.#endOfAll());
    socket.on("error", ({ message }) => this.#break(message));
  }

  receive(channel: number, data: Buffer): void {
    const content = this.#announced.has(channel) ? data : data.subarray(2);
    this.#announced.add(channel);
    if (content.length === 0) return;
    if (channel === errorChannel) {
      this.#break(content.toString("utf8").trim());
    } else if (channel === dataChannel) {
      this.#hasAnswered = true;
      if (!this.push(content)) this.#socket.pause();
    }
  }

  /** Where there was an answer already, its end in the middle says enough. */
  #break(why: string): void {
    const sentence = `the API server's tunnel to pod ${this.#pod.name} broke: ${why}`;
    if (this.#hasAnswered) this.#endOfAll();
    else this.destroy(new Failure("failed", sentence, { reason: "Unreachable" }));
  }

  /** What arrived before is still to be read: destroying the stream would lose it. */
  #endOfAll(): void {
    this.push(null);
    this.end();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const frames: Buffer[] = [];
    for (let at = 0; at < chunk.length; at += frameBytes) {
      frames.push(Buffer.concat([Buffer.of(dataChannel), chunk.subarray(at, at + frameBytes)]));
    }
    const sendNext = (error?: Error | null): void => {
      const frame = frames.shift();
      // Node says null where nothing went wrong.
      if (error || frame === undefined) done(error);
      else this.#socket.send(frame, sendNext);
    };
    sendNext();
  }

  // There is no _final: the protocol cannot end one direction alone, so after the last write the pod's answer still comes,
  // and the WebSocket ends with the stream.
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.close();
    // A server that does not say goodbye would keep the program alive for half a minute.
    this.#socket.terminate();
    done(error);
  }

  // What http.Agent expects of a socket; the WebSocket keeps itself alive and has no delays to set.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function refusal(server: string, pod: PodPort, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  if (!(cause instanceof UpgradeRefused)) return connectionFailure(server, cause as NodeJS.ErrnoException);
  const { message, reason = "Unreachable" } = answerFailure(cause.status, cause.body, undefined);
  const { name, namespace } = pod;
  if (reason === "Forbidden") {
    // Servers ask for get, for create, or for both, as their version is; their sentence names the one that is missing.
    return new Failure("failed", `not allowed to reach pod ${name} through the API server: ${message}`, {
      reason,
      next: [`kubectl auth can-i create pods/portforward -n ${namespace}     (get and create are needed)`],
      cause,
    });
  }
  const what = reason === "NotFound" ? "is gone" : `cannot be reached: ${message}`;
  return new Failure("failed", `pod ${name} in namespace ${namespace} ${what}`, { reason, cause });
}
