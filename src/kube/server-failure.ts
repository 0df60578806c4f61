import { Failure } from "../core/failure.ts";
import { type ResourceKind, resourceName } from "../core/resource.ts";

/** The Status object of the Kubernetes API: what comes instead of a result. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly causes?: readonly { readonly field?: string; readonly message?: string }[];
    readonly name?: string;
  };
}

/** Translates an answer that is no success into kubectl's sentence for it. */
export function answerFailure(status: number, body: string, kind: ResourceKind | undefined): Failure {
  const answer = readStatus(body);
  const message = answer.message ?? plainSentence(body, status);
  if (status === 401) {
    return new Failure("failed", `You must be logged in to the server (${message})`, { reason: "Unauthorized" });
  }
  const kindIsUnknown = status === 404 && (answer.reason === undefined || answer.details?.name === undefined);
  if (kind !== undefined && kindIsUnknown && !message.includes(`${resourceName(kind)} "`)) return noSuchKind(kind);
  const reason = answer.reason ?? (status >= 500 ? "InternalError" : "Unknown");
  const causes = (answer.details?.causes ?? []).map(({ field, message: text }) => `* ${field ?? ""}: ${text ?? ""}`);
  if (status === 422) {
    const lines = causes.length > 1 ? [message.split(": [")[0] ?? message, ...causes].join("\n") : message;
    return new Failure("failed", `The ${lines}`.replace(/^The (\w+)\.[\w.]+ "/, 'The $1 "'), {
      reason: "Invalid",
      heading: "",
    });
  }
  return new Failure("failed", message, { reason, heading: `Error from server (${reason}): ` });
}

/** The first line of an answer that is no Status; a page of HTML comes from something in between, and says nothing. */
function plainSentence(body: string, status: number): string {
  const [line = ""] = body.trim().split("\n");
  if (line.startsWith("<"))
    return `the answer with status ${status} is a web page: a proxy or load balancer may have sent it`;
  return line || `status ${status}`;
}

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

const tlsCodes: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "x509: certificate signed by unknown authority",
  SELF_SIGNED_CERT_IN_CHAIN: "x509: certificate signed by unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "x509: certificate signed by unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "x509: certificate signed by unknown authority",
  CERT_HAS_EXPIRED: "x509: certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "x509: certificate has expired or is not yet valid",
};

/** Translates a connection that failed, before or in the middle of an answer. */
export function connectionFailure(server: string, cause: NodeJS.ErrnoException): Failure {
  const { host, hostname } = new URL(server);
  const code = cause.code ?? "";
  if (code === "ECONNREFUSED") {
    return new Failure(
      "failed",
      `The connection to the server ${host} was refused - did you specify the right host or port?`,
      {
        reason: "Unreachable",
        heading: "",
        cause,
      },
    );
  }
  const why =
    tlsCodes[code] ??
    (code === "ENOTFOUND" || code === "EAI_AGAIN"
      ? `dial tcp: lookup ${hostname}: no such host`
      : cause.message || code);
  return new Failure("failed", `Unable to connect to the server: ${why}`, {
    reason: tlsCodes[code] === undefined && !/^ERR_(TLS|SSL)/.test(code) ? "Unreachable" : "Untrusted",
    heading: "",
    cause,
  });
}

export function requestTimedOut(server: string, milliseconds: number): Failure {
  const seconds = milliseconds / 1000;
  return new Failure(
    "failed",
    `Unable to connect to the server: no answer from ${new URL(server).host} within ${seconds}s`,
    {
      reason: "Unreachable",
      heading: "",
      next: ["a longer --request-timeout, or see why the API server is slow: kubectl get --raw /readyz"],
    },
  );
}
