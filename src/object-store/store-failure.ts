import { isUntrusted, sentenceOfConnection } from "../core/connection-sentence.ts";
import { Failure } from "../core/failure.ts";

/**
 * What the store's own refusals mean. Without the right to list, S3 says "denied" of an object that does not exist;
 * everything else that it may say is about the bucket or the keys, never about the object.
 */
const missing: ReadonlySet<string> = new Set(["NoSuchKey", "NotFound", "AccessDenied", "Forbidden"]);

/** The reason of a refusal by its code, and its status where it has no code. Only what is unreachable may pass. */
export function reasonOf(code: string | undefined, status: number): string {
  if (status === 412) return "Changed";
  if (status >= 500 || status === 429) return "Unreachable";
  if (code === undefined) return status === 404 || status === 403 ? "NotFound" : "Refused";
  return missing.has(code) ? "NotFound" : "Refused";
}

/** A connection to the store that was not made, or broke. */
export function unreachable(host: string, cause: unknown): Failure {
  if (cause instanceof Failure) return proxied(host, cause);
  const error = cause as NodeJS.ErrnoException;
  const why = sentenceOfConnection(error, host.replace(/:\d+$/, ""));
  return new Failure("failed", `cannot reach the object store ${host}: ${why}`, {
    reason: isUntrusted(error, why) ? "Untrusted" : "Unreachable",
    cause,
  });
}

const ofServers = /^Unable to connect to the server: (?=proxy|socks )/;

/** What a proxy on the way to the store says is told of the store, not of "the server". */
function proxied(host: string, failure: Failure): Failure {
  if (!ofServers.test(failure.message)) return failure;
  return new Failure("failed", failure.message.replace(ofServers, `cannot reach the object store ${host}: `), {
    next: failure.next,
    cause: failure,
    ...(failure.reason === undefined ? {} : { reason: failure.reason }),
  });
}

/** Connections that broke, by the codes of Node: worth another try of a read. */
const broken: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ETIMEDOUT"]);

/** Whether the same read may succeed when it is asked again at once. */
export const mayContinue = (error: unknown): boolean =>
  error instanceof Failure
    ? error.reason === "Unreachable"
    : broken.has((error as NodeJS.ErrnoException).code ?? "") || (error as Error).message === "aborted";
