import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import { type ResourceKind, resourceName } from "../core/resource.ts";

/** What was learnt about one thing, or why it could not be seen. */
export type Fact<T> =
  | { readonly state: "known"; readonly value: T }
  /** `sentence` names what is missing: list backups.velero.io. */
  | { readonly state: "forbidden"; readonly sentence: string }
  | { readonly state: "timed out"; readonly milliseconds: number }
  | { readonly state: "failed"; readonly sentence: string; readonly failure?: Failure };

export type Unseen = Exclude<Fact<never>, { readonly state: "known" }>;

export const known = <T>(value: T): Fact<T> => ({ state: "known", value });
/** Undefined for what could not be seen, and for what nobody looked at. */
export const knownValue = <T>(fact: Fact<T> | undefined): T | undefined =>
  fact?.state === "known" ? fact.value : undefined;

export interface Probe<T> {
  readonly verb: "list" | "create" | "get";
  readonly kind: ResourceKind;
  /** Ends everything: the user's Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly limit: number;
  /** Ends this probe early, with what is then known. */
  readonly giveUp?: { readonly signal: AbortSignal; readonly sentence: string };
  read(signal: AbortSignal): Promise<T>;
}

/** Runs one probe to its own time limit. Throws only when the user gave up: whatever else happens is a fact too. */
export async function ask<T>({ verb, kind, signal, limit, giveUp, read }: Probe<T>): Promise<Fact<T>> {
  const timeout = AbortSignal.timeout(limit);
  const ends = giveUp === undefined ? [signal, timeout] : [signal, timeout, giveUp.signal];
  const end = AbortSignal.any(ends);
  try {
    end.throwIfAborted();
    // Raced as well as handed over: a request that ignores its signal must not hold the screen up.
    return known(await Promise.race([read(end), aborted(end)]));
  } catch (error) {
    signal.throwIfAborted();
    if (hasReason(error, "Forbidden")) return { state: "forbidden", sentence: `${verb} ${resourceName(kind)}` };
    if (giveUp?.signal.aborted) return { state: "failed", sentence: giveUp.sentence };
    if (timeout.aborted || (error instanceof Failure && error.kind === "timeout")) {
      return { state: "timed out", milliseconds: limit };
    }
    return { state: "failed", sentence: sentenceOf(error), ...(error instanceof Failure ? { failure: error } : {}) };
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
