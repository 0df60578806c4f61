// Why a bucket cannot be used, read out of what is said about it.
import { rules, type StorageCauseCode } from "./storage-cause-rules.ts";

export type { StorageCauseCode } from "./storage-cause-rules.ts";

export interface StorageCause {
  readonly code: StorageCauseCode;
  /** What is wrong, without a period. */
  readonly sentence: string;
  /** What to change, without a period. */
  readonly hint: string;
  /** With wrong-region, the right one where the store named it. */
  readonly region?: string;
}

/**
 * The known cause in a message: status.message of a BackupStorageLocation, of any Velero since 1.9, or a Failure's sentence of
 * this program. Undefined when it is none of the known ones.
 */
export function storageCause(message: string): StorageCause | undefined {
  for (const { code, pattern, sentence, hint } of rules) {
    const found = pattern.exec(message);
    if (found === null) continue;
    const part = (found.slice(1).find((group) => group !== undefined) ?? found[0]).trim();
    const region = code === "wrong-region" ? regionIn(message) : undefined;
    return {
      code,
      sentence: sentence.replace("$1", () => part),
      hint: region === undefined ? hint : `set spec.config.region to ${region}`,
      ...(region === undefined ? {} : { region }),
    };
  }
  return undefined;
}

/** The region that the store names as the right one. */
const regionIn = (message: string): string | undefined =>
  /expecting '([\w-]+)'/.exec(message)?.[1] ??
  /\(region ([\w-]+)\)/.exec(message)?.[1] ??
  /s3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com[^']*$/.exec(message)?.[1];
