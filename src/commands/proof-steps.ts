import { Failure, sentenceOf } from "../core/failure.ts";
import { type StorageCauseCode, storageCause } from "../velero/storage-cause.ts";
import type { ProofStep } from "../velero/storage-proof.ts";

/** What a step found; a `fault` makes it fail without an error. */
export interface Found<T> {
  readonly detail: string;
  readonly value?: T;
  readonly fault?: { readonly next: string };
}

/** Steps in the order in which they were taken, each timed. */
export class ProofSteps {
  readonly taken: ProofStep[] = [];
  readonly #signal: AbortSignal;
  readonly #show: (step: string) => void;

  constructor(signal: AbortSignal, show: (step: string) => void) {
    this.#signal = signal;
    this.#show = show;
  }

  /** Takes a step, unless there is a reason to skip it; undefined when it failed or was skipped. Throws when the user gave up. */
  async take<T>(name: string, skip: string | undefined, work: () => Promise<Found<T>>): Promise<Found<T> | undefined> {
    if (skip !== undefined) {
      this.taken.push({ name, status: "skipped", detail: skip });
      return undefined;
    }
    this.#signal.throwIfAborted();
    this.#show(name);
    const start = performance.now();
    const milliseconds = () => Math.round((performance.now() - start) * 10) / 10;
    try {
      const found = await work();
      const status = found.fault === undefined ? "ok" : "fail";
      this.taken.push({ name, status, milliseconds: milliseconds(), detail: found.detail, ...found.fault });
      return found.fault === undefined ? found : undefined;
    } catch (error) {
      this.#signal.throwIfAborted();
      this.taken.push({ name, status: "fail", milliseconds: milliseconds(), ...told(error) });
      return undefined;
    }
  }

  /** Whether a step failed for this cause. */
  failedFor(name: string, cause: StorageCauseCode): boolean {
    return this.taken.some((step) => step.name === name && step.cause === cause);
  }

  get passed(): boolean {
    return this.taken.every(({ status }) => status !== "fail");
  }
}

function told(error: unknown): Pick<ProofStep, "detail" | "message" | "cause" | "next"> {
  const message = sentenceOf(error);
  const cause = storageCause(message);
  const own = error instanceof Failure ? error.next[0] : undefined;
  if (cause === undefined) return { detail: message, ...(own === undefined ? {} : { next: own }) };
  return { detail: cause.sentence, message, cause: cause.code, next: own ?? cause.hint };
}
