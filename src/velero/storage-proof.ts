import type { StorageCauseCode } from "./storage-cause.ts";

export interface StorageProof {
  /** No step failed. */
  readonly passed: boolean;
  readonly location: string;
  readonly bucket: string;
  /** HOST:PORT; undefined when the location names none that can be read. */
  readonly host: string | undefined;
  /** Why nothing was written, if so. */
  readonly readOnly: "location" | "option" | undefined;
  readonly steps: readonly ProofStep[];
  /** Of all steps together. */
  readonly milliseconds: number;
  /** The clocks against this machine's, in milliseconds: positive when they are ahead. */
  readonly skew: { readonly store: number | undefined; readonly cluster: number | undefined };
  /** Median of the requests, in milliseconds. */
  readonly latency: number | undefined;
  readonly latestBackup:
    | { readonly name: string; readonly modified: string | undefined; readonly of: number }
    | undefined;
  /** An object of this check that could not be deleted. */
  readonly leftBehind: string | undefined;
}

export interface ProofStep {
  readonly name: string;
  readonly status: "ok" | "fail" | "skipped";
  readonly milliseconds?: number;
  /** What was found, what is wrong, or why it was skipped. */
  readonly detail: string;
  /** The store's, the server's or the API server's own words, where `detail` says it in ours. */
  readonly message?: string;
  /** The known cause of a failed step. */
  readonly cause?: StorageCauseCode;
  /** What to change. */
  readonly hint?: string;
  /** A command. */
  readonly next?: string;
}
