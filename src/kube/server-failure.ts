import { Failure, type FailureDetails } from "../core/failure.ts";
import { type ResourceKind, resourceName } from "../core/resource.ts";

/** The Status object of the Kubernetes API: what comes instead of a result. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly metadata?: { readonly continue?: string };
  readonly details?: {
    readonly causes?: readonly { readonly field?: string; readonly message?: string }[];
    readonly name?: string;
  };
}

/** What a write would have changed: for the sentence when nobody knows whether it did. */
export interface Effect {
  /** As it continues "it is not known whether": backups.velero.io "x" was created. */
  readonly done: string;
  /** The command that shows whether. */
  readonly look: string;
}

/** A list that is older than the server remembers. */
export class ExpiredFailure extends Failure {
  /** Leads to what is left of the list, as it is now; absent when the server offers no way on. */
  readonly rest: string | undefined;

  constructor(message: string, details: FailureDetails, rest: string | undefined) {
    super("failed", message, details);
    this.rest = rest;
  }
}

/** Translates an answer that is no success into kubectl's sentence for it. */
export function answerFailure(status: number, body: string, kind: ResourceKind | undefined): Failure {
  const answer = readStatus(body);
  const generic = genericAnswer(status, body);
  const message = answer.message ?? generic.message;
  if (status === 401) {
    return new Failure("failed", `You must be logged in to the server (${message})`, { reason: "Unauthorized" });
  }
  if (isWebPage(body)) {
    // Not the API server's own word: nobody may take it for a missing right or a missing object.
    const reason = generic.reason === "Forbidden" || generic.reason === "NotFound" ? "Unknown" : generic.reason;
    return new Failure("failed", message, { reason, heading: `Error from server (${generic.reason}): ` });
  }
  const kindIsUnknown = status === 404 && (answer.reason === undefined || answer.details?.name === undefined);
  if (kind !== undefined && kindIsUnknown && !message.includes(`${resourceName(kind)} "`)) return noSuchKind(kind);
  const reason = answer.reason || generic.reason;
  const causes = (answer.details?.causes ?? []).map(({ field, message: text }) => `* ${field ?? ""}: ${text ?? ""}`);
  if (status === 422) {
    const lines = causes.length > 1 ? [message.split(": [")[0] ?? message, ...causes].join("\n") : message;
    return new Failure("failed", `The ${lines}`.replace(/^The (\w+)\.[\w.]+ "/, 'The $1 "'), {
      reason: "Invalid",
      heading: "",
    });
  }
  const details = { reason, heading: `Error from server (${reason}): ` };
  if (reason === "Expired") return new ExpiredFailure(message, details, answer.metadata?.continue || undefined);
  return new Failure("failed", message, details);
}

/** What kubectl says of an answer that is no Status. */
const generics: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  400: ["BadRequest", "the server rejected our request for an unknown reason"],
  401: ["Unauthorized", "the server has asked for the client to provide credentials"],
  404: ["NotFound", "the server could not find the requested resource"],
  405: ["MethodNotAllowed", "the server does not allow this method on the requested resource"],
  409: ["Conflict", "the server reported a conflict"],
  429: ["TooManyRequests", "the server has received too many requests and has asked us to try again later"],
  503: ["ServiceUnavailable", "the server is currently unable to handle the request"],
  504: [
    "Timeout",
    "the server was unable to return a response in the time allotted, but may still be processing the request",
  ],
};

function genericAnswer(status: number, body: string): { reason: string; message: string } {
  const said = firstLine(body);
  const [reason, sentence] = generics[status] ?? [];
  if (reason !== undefined && sentence !== undefined) {
    return { reason, message: said === "" ? sentence : `${sentence} (${said})` };
  }
  if (status >= 500) {
    const why = said === "" ? `status ${status}` : said;
    return {
      reason: "InternalError",
      message: `an error on the server (${why}) has prevented the request from succeeding`,
    };
  }
  if (status < 400) {
    const message = `the answer leads elsewhere (status ${status}): something in between may want a login`;
    return { reason: "Unknown", message };
  }
  return { reason: status === 403 ? "Forbidden" : "Unknown", message: said === "" ? `status ${status}` : said };
}

/** The first line of an answer that is no Status; a page of HTML comes from something in between, and says nothing. */
function firstLine(body: string): string {
  const [line = ""] = body.trim().split("\n");
  if (isWebPage(body)) return "a web page: a proxy or load balancer may have sent it";
  // JSON that is no Status is not for people.
  return line.startsWith("{") ? "" : line.slice(0, 200);
}

export const isWebPage = (body: string): boolean => body.trimStart().startsWith("<");

function readStatus(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? (parsed as Status) : {};
  } catch {
    return {};
  }
}

function noSuchKind(kind: ResourceKind): Failure {
  const isVelero = kind.group === "velero.io";
  return new Failure("failed", `the server doesn't have a resource type "${kind.plural}"`, {
    reason: "NoSuchKind",
    ...(isVelero ? { next: ["Velero is not installed in this cluster: kubectl get crds backups.velero.io"] } : {}),
  });
}

/** The same failure of a write that may have been done nevertheless. */
export function inDoubt(failure: Failure, { done, look }: Effect): Failure {
  return new Failure(failure.kind, `${failure.message}; it is not known whether ${done}`, {
    heading: failure.heading,
    next: [`${look}        (look before you try again)`],
    cause: failure,
    ...(failure.reason === undefined ? {} : { reason: failure.reason }),
  });
}

/** The same failure of a write that the server turned away unread. */
export function notDone(failure: Failure, seconds: number | undefined): Failure {
  const when = seconds === undefined ? "" : `; the server asks to wait ${seconds}s`;
  return new Failure(failure.kind, failure.message, {
    heading: failure.heading,
    next: [`nothing was changed: try again later${when}`],
    cause: failure,
    ...(failure.reason === undefined ? {} : { reason: failure.reason }),
  });
}
