import { visibleLines } from "../core/visible.ts";
import type { RequestLog } from "../kube/transport.ts";

interface Writable {
  write(text: string): unknown;
}

/** Fields of an answer that are credentials: they never reach a log, at any level. */
const secretName =
  /^(downloadURL|token|data|stringData|binaryData|client-key-data)$|passw(or)?d$|bindpw$|client_?secret$|secret_?(access_?)?key$|last-applied-configuration$/i;

/** The log of requests for --log-level: debug tells method, URL, status and time; trace the answers too. */
export function requestLog(level: string | undefined, stream: Writable): RequestLog | undefined {
  if (level !== "debug" && level !== "trace") return undefined;
  return ({ method, url, status, milliseconds, body }) => {
    stream.write(`debug: ${method} ${redactUrl(url)} ${status} in ${Math.round(milliseconds)} ms\n`);
    if (level === "trace" && body !== undefined) stream.write(`trace: ${redactBody(body)}\n`);
  };
}

/** The log of what a command decides, at every level. */
export function noteLog(level: string | undefined, stream: Writable): ((sentence: string) => void) | undefined {
  if (level !== "debug" && level !== "trace") return undefined;
  return (sentence) => stream.write(`debug: ${visibleLines(sentence)}\n`);
}

const redactUrl = (url: string): string =>
  url
    .replace(/([?&](?:X-Amz-[^=]+|token|AWSAccessKeyId|Signature)=)[^&]*/gi, "$1…")
    .replace(/^(\w+:\/\/)[^/?#]*@/, "$1…@");

/** An answer without what is secret in it. Of what is not JSON only the length: nothing tells its parts apart. */
export function redactBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body, (name, value) => (secretName.test(name) && value !== null ? "…" : value)));
  } catch {
    return `${body.length} characters that are not JSON`;
  }
}
