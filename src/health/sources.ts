import { phaseOf } from "../velero/phases.ts";
import type { Backup, Schedule } from "../velero/types.ts";
import { finishedNewestFirst } from "./runs.ts";

/** The schedule that took a backup; undefined for one that somebody took by hand. */
export const scheduleOf = ({ metadata }: Backup): string | undefined => metadata.labels?.["velero.io/schedule-name"];

/** Those of one schedule, or all that were taken by hand, under one key. */
export const bySource = <T extends Backup>(backups: readonly T[]): ReadonlyMap<string | undefined, T[]> =>
  Map.groupBy(backups, scheduleOf);

/** The newest complete backup of each source, the newest of all first. */
export const newestGoodOnes = (backups: readonly Backup[]): Backup[] => {
  const good = finishedNewestFirst(backups).filter((backup) => phaseOf(backup) === "Completed");
  return [...bySource(good).values()].flatMap(([newest]) => newest ?? []);
};

/** Whether Velero takes backups by it. */
export const isActive = (schedule: Schedule): boolean =>
  schedule.spec?.paused !== true && phaseOf(schedule) !== "FailedValidation";
