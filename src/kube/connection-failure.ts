import { isUntrusted, sentenceOfConnection } from "../core/connection-sentence.ts";
import { Failure } from "../core/failure.ts";

/** Translates a connection that failed, before or in the middle of an answer. */
export function connectionFailure(server: string, cause: NodeJS.ErrnoException): Failure {
  const { host, hostname, protocol } = new URL(server);
  if (cause.code === "ECONNREFUSED") {
    const sentence = `The connection to the server ${host} was refused - did you specify the right host or port?`;
    return new Failure("failed", sentence, { reason: "Unreachable", heading: "", cause });
  }
  const why = sentenceOfConnection(cause, hostname);
  return new Failure("failed", `Unable to connect to the server: ${why}`, {
    reason: isUntrusted(cause, why) ? "Untrusted" : "Unreachable",
    heading: "",
    // A server that wants TLS hangs up on whoever speaks plainly.
    next: why === "EOF" && protocol === "http:" ? [`the server may want TLS: --server https://${host}`] : [],
    cause,
  });
}

/** How far a request came: not yet connected, in the TLS handshake, or written. */
export type Stage = "connecting" | "securing" | "sent";

/** Translates a request that took longer than it may. `proxy` is the label of the one that leads to the server. */
export function requestTimedOut(server: string, milliseconds: number, stage: Stage = "sent", proxy?: string): Failure {
  const { host } = new URL(server);
  const seconds = `${milliseconds / 1000}s`;
  const way = proxy === undefined ? "" : ` through the proxy ${proxy}`;
  const sentences: Readonly<Record<Stage, string>> = {
    connecting: `no connection to ${host}${way} within ${seconds}`,
    securing: `net/http: TLS handshake timeout (${host}${way}, ${seconds})`,
    sent: `no answer from ${host}${way} within ${seconds}`,
  };
  const slow = "a longer --request-timeout, or see why the API server is slow: kubectl get --raw /readyz";
  const unreached =
    "a longer --request-timeout, or see what is between here and the server: a firewall, a VPN, a proxy";
  return new Failure("failed", `Unable to connect to the server: ${sentences[stage]}`, {
    reason: "Unreachable",
    heading: "",
    next: [stage === "sent" ? slow : unreached],
  });
}
