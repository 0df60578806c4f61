import { Failure } from "../core/failure.ts";
import { isFinished, phaseOf } from "../velero/phases.ts";
import type { Backup } from "../velero/types.ts";

/** The server signs links to files that are not there yet, or will never be. */
export function refuseEmpty(backup: Backup): void {
  const { name } = backup.metadata;
  const phase = phaseOf(backup);
  if (phase === "FailedValidation") throw empty(backup);
  if (isFinished(backup) || !["New", "Queued", "ReadyToStart", "InProgress"].includes(phase)) return;
  throw new Failure("failed", `backup ${name} is ${phase}: what it holds is stored when it ends`, {
    next: [`kubectl mkebackup wait backup/${name}`],
  });
}

/** There is no tarball, and why. */
export const empty = (backup: Backup, cause?: unknown): Failure =>
  new Failure("failed", `backup ${backup.metadata.name} is ${phaseOf(backup)} and has stored no objects`, {
    reason: "NotFound",
    next: [`kubectl mkebackup describe backup/${backup.metadata.name}`],
    cause,
  });
