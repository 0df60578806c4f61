import { Failure, sentenceOf } from "../core/failure.ts";
import { type StorageCauseCode, storageCause } from "../velero/storage-cause.ts";
import type { ProofStep } from "../velero/storage-proof.ts";

/** What a step found. With a `hint` it failed without an error; with `skipped` there was nothing to look at. */
export interface Found<T> {
  readonly detail: string;
  readonly value?: T;
  readonly hint?: string;
  readonly skipped?: true;
}

export interface StepOptions {
  readonly signal: AbortSignal;
  /** Told as a step begins. */
  show(step: string): void;
  /** The command to go on with after a failure. */
  next(cause: StorageCauseCode | undefined, message: string): string;
}

/** Steps in the order in which they were taken, each timed. */
export class ProofSteps {
  readonly taken: ProofStep[] = [];
  readonly #options: StepOptions;

  constructor(options: StepOptions) {
    this.#options = options;
  }

  /** Takes a step, unless there is a reason to skip it; undefined when it failed or was skipped. Throws when the user gave up. */
  async take<T>(name: string, skip: string | undefined, work: () => Promise<Found<T>>): Promise<Found<T> | undefined> {
    const { signal, show, next } = this.#options;
    if (skip !== undefined) {
      this.taken.push({ name, status: "skipped", detail: skip });
      return undefined;
    }
    signal.throwIfAborted();
    show(name);
    const start = performance.now();
    const milliseconds = () => Math.round((performance.now() - start) * 10) / 10;
    try {
      const { detail, hint, skipped, value } = await work();
      if (skipped) this.taken.push({ name, status: "skipped", detail });
      else if (hint === undefined) this.taken.push({ name, status: "ok", milliseconds: milliseconds(), detail });
      else
        this.taken.push({
          name,
          status: "fail",
          milliseconds: milliseconds(),
          detail,
          hint,
          next: next(undefined, detail),
        });
      return skipped || hint !== undefined ? undefined : { detail, ...(value === undefined ? {} : { value }) };
    } catch (error) {
      signal.throwIfAborted();
      this.taken.push({ name, status: "fail", milliseconds: milliseconds(), ...this.#told(error) });
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

  #told(error: unknown): Pick<ProofStep, "detail" | "message" | "cause" | "hint" | "next"> {
    const message = sentenceOf(error);
    const cause = storageCause(message);
    const next = (error instanceof Failure ? error.next[0] : undefined) ?? this.#options.next(cause?.code, message);
    if (cause === undefined) return { detail: message, next };
    return { detail: cause.sentence, message, cause: cause.code, hint: cause.hint, next };
  }
}
