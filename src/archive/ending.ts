import { sentenceOf } from "../core/failure.ts";
import type { FinishedRun } from "../velero/follow.ts";
import { phaseOf } from "../velero/phases.ts";
import type { Backup, Restore, VolumeTransfer } from "../velero/types.ts";
import type { Archive } from "./archive.ts";
import type { Cause } from "./causes.ts";
import { failedVolumes, withoutRepeats } from "./failed-volumes.ts";
import { readResults } from "./results.ts";
import { volumeOfTransfer } from "./volume-infos.ts";

/** How a run ended, with everything that explains it. */
export interface Ending<T extends Backup | Restore = Backup | Restore> {
  readonly object: T;
  /** Undefined when the user may not list them. */
  readonly volumes: readonly VolumeTransfer[] | undefined;
  readonly errors: readonly Cause[];
  readonly warnings: readonly Cause[];
  /** Warnings that are counted and not listed. */
  readonly benign: number;
  /** Why the results file could not be read, when it was needed. */
  readonly unread?: string;
}

/** Reads what explains the end of a run. A results file that cannot be had is said, never thrown: the run's phase is known already. */
export async function readEnding<T extends Backup | Restore>(
  { object, volumes }: FinishedRun<T>,
  kind: "Backup" | "Restore",
  { archive, signal }: { archive: Archive; signal: AbortSignal },
): Promise<Ending<T>> {
  const moved = (volumes ?? []).map(volumeOfTransfer);
  const failed = failedVolumes(moved);
  const { warnings = 0, errors = 0 } = object.status ?? {};
  const ending = { object, volumes, errors: failed, warnings: [], benign: 0 };
  if (warnings + errors === 0 || phaseOf(object) === "FailedValidation") return ending;
  try {
    const results = await readResults(archive, kind === "Backup" ? "backup" : "restore", object.metadata.name);
    return { ...ending, ...results, errors: [...failed, ...withoutRepeats(results.errors, moved)] };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ...ending, unread: sentenceOf(error) };
  }
}
