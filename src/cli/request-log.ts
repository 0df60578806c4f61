import type { RequestLog } from "../kube/transport.ts";

interface Writable {
  write(text: string): unknown;
}

/** Parts of an answer that are credentials: they never reach a log, at any level. */
const secretFields =
  /"(downloadURL|token|password|client-key-data|data|stringData|binaryData|[^"]*last-applied-configuration)":\s*("(?:[^"\\]|\\.)*"|\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})/g;

/** The log of requests for --log-level: debug tells method, URL, status and time; trace the answers too. */
export function requestLog(level: string | undefined, stream: Writable): RequestLog | undefined {
  if (level !== "debug" && level !== "trace") return undefined;
  return ({ method, url, status, milliseconds, body }) => {
    stream.write(`debug: ${method} ${redactUrl(url)} ${status} in ${Math.round(milliseconds)} ms\n`);
    if (level === "trace" && body !== undefined) stream.write(`trace: ${redactBody(body)}\n`);
  };
}

const redactUrl = (url: string): string =>
  url.replace(/([?&](?:X-Amz-[^=]+|token|AWSAccessKeyId|Signature)=)[^&]*/gi, "$1…");

export const redactBody = (body: string): string => body.replace(secretFields, '"$1":"…"');
