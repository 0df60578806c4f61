// The API server's failures, in its own words: clients tell them apart by `reason` and show `message`.
import { type KubernetesObject, type ResourceType, resourceName } from "./objects.ts";

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** An answer of kind Status with status Failure. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): object {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

function detailsOf(type: Pick<ResourceType, "group" | "plural">, name: string): Details {
  return { ...(name === "" ? {} : { name }), ...(type.group === "" ? {} : { group: type.group }), kind: type.plural };
}

export const notFound = (type: ResourceType, name: string): StatusError =>
  new StatusError(404, "NotFound", `${resourceName(type)} "${name}" not found`, detailsOf(type, name));

/** For a path below a group that the server itself serves. */
export const noSuchResource = (): StatusError =>
  new StatusError(404, "NotFound", "the server could not find the requested resource", {});

export const alreadyExists = (type: ResourceType, name: string): StatusError =>
  new StatusError(409, "AlreadyExists", `${resourceName(type)} "${name}" already exists`, detailsOf(type, name));

export const conflict = (type: ResourceType, name: string, why: string): StatusError =>
  new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${resourceName(type)} "${name}": ${why}`,
    detailsOf(type, name),
  );

export const changedMeanwhile =
  "the object has been modified; please apply your changes to the latest version and try again";

export const badRequest = (message: string): StatusError => new StatusError(400, "BadRequest", message);

export const unauthorized = (): StatusError => new StatusError(401, "Unauthorized", "Unauthorized");

export const expired = (message: string): StatusError => new StatusError(410, "Expired", message);

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

export function forbidden(
  type: Pick<ResourceType, "group" | "plural">,
  name: string,
  why: string,
  causes?: readonly Cause[],
): StatusError {
  const subject = name === "" ? resourceName(type) : `${resourceName(type)} "${name}"`;
  return new StatusError(403, "Forbidden", `${subject} is forbidden: ${why}`, {
    ...detailsOf(type, name),
    ...(causes === undefined ? {} : { causes }),
  });
}

/** 422; `causes` are field errors, `field: message` in the sentence. */
export function invalid(type: ResourceType, name: string, causes: readonly Cause[]): StatusError {
  const kind = type.group === "" ? type.kind : `${type.kind}.${type.group}`;
  const errors = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = errors.length === 1 ? errors.join() : `[${errors.join(", ")}]`;
  return new StatusError(422, "Invalid", `${kind} "${name}" is invalid: ${list}`, {
    name,
    ...(type.group === "" ? {} : { group: type.group }),
    kind: type.kind,
    causes,
  });
}

/** The answer to a DELETE that is done at once. */
export function deleted(type: ResourceType, { metadata }: KubernetesObject): object {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { ...detailsOf(type, metadata.name), uid: metadata.uid },
  };
}

const generic: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  401: ["Unauthorized", "Unauthorized"],
  429: ["TooManyRequests", "the server has received too many requests and has asked us to try again later"],
  500: ["InternalError", "Internal error occurred: etcdserver: request timed out"],
  503: ["ServiceUnavailable", "the server is currently unable to handle the request"],
  504: [
    "Timeout",
    "the server was unable to return a response in the time allotted, but may still be processing the request",
  ],
};

/** The usual Status of an HTTP status code, for faults asked for without a body. */
export function genericStatus(code: number): object {
  const [reason, message] = generic[code] ?? ["", `the server responded with the status code ${code}`];
  return new StatusError(code, reason, message, code === 429 ? { retryAfterSeconds: 1 } : undefined).toStatus();
}
