import { isFinished, phaseOf } from "../velero/phases.ts";
import type { Backup, Restore } from "../velero/types.ts";

/** Whether Velero has stored files about a run: it does so when the main part is over, and never for one it refused. */
export function hasFiles(run: Backup | Restore): boolean {
  const phase = phaseOf(run);
  if (phase === "FailedValidation" || isStranger(run)) return false;
  return isFinished(run) || /^(WaitingForPluginOperations|Finalizing)/.test(phase);
}

/** A backup that failed because the bucket has an older one of its name: the files there are the older one's. */
export const isStranger = ({ status }: Backup | Restore): boolean =>
  status?.phase === "Failed" && /already exists in object storage/.test(status.failureReason ?? "");

/** How many warnings and errors a run has. Go leaves zeros out. */
export const complaints = ({ status }: Backup | Restore): number => (status?.warnings ?? 0) + (status?.errors ?? 0);
