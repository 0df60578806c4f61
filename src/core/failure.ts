import { visibleLines } from "./visible.ts";

/** How a failure ends the program. The numbers are the exit codes that scripts rely on. */
export const exitCodes = { failed: 1, usage: 2, incomplete: 3, timeout: 124, interrupted: 130 } as const;

export type FailureKind = keyof typeof exitCodes;

export interface FailureDetails {
  /** What to do next, one line each: a command to paste or a short sentence. */
  readonly next?: readonly string[];
  /** The API server's word for it (NotFound, Forbidden, AlreadyExists, …), or "Unreachable" when no answer came. */
  readonly reason?: string;
  /** Overrides `error:` where kubectl's own sentence begins differently. */
  readonly heading?: string;
  readonly cause?: unknown;
}

/** A failure that a person reads: one sentence, what to do next, and its cause for the log. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly next: readonly string[];
  readonly reason: string | undefined;
  readonly heading: string;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "Failure";
    this.kind = kind;
    this.next = (details.next ?? []).map(visibleLines);
    this.reason = details.reason;
    this.heading = details.heading ?? "error: ";
  }

  /** For a terminal: what the cluster put into the message is shown, not obeyed. */
  get sentence(): string {
    return visibleLines(`${this.heading}${this.message}`);
  }
}

/** A refusal of what the user typed; nothing was touched. */
export function usageFailure(message: string, ...next: string[]): Failure {
  return new Failure("usage", message, { next });
}

export function hasReason(error: unknown, reason: string): boolean {
  return error instanceof Failure && error.reason === reason;
}

/** What a server, or a load balancer in front of it, says while it cannot answer: another moment it may. */
const passing = ["Unreachable", "ServiceUnavailable", "TooManyRequests", "Timeout", "ServerTimeout", "InternalError"];

/** Whether it is worth asking again: nobody answered, or only that it cannot be answered now. */
export function mayPass(error: unknown): error is Failure {
  return passing.some((reason) => hasReason(error, reason));
}

/** One line about any error, for evidence inside a report. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return error.sentence.replace(/^error: /, "");
  return error instanceof Error ? error.message : String(error);
}
