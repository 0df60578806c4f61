import { outcomeOf, phaseOf } from "../../velero/phases.ts";
import type { Backup, Restore } from "../../velero/types.ts";
import { absenceOf } from "../absence.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand, volumesKnown } from "../facts.ts";
import { lastGoodBackup } from "../object-store.ts";
import { type Problem, type Sentence, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { finishedNewestFirst, unfinishedRuns } from "../runs.ts";
import { isActive, scheduleOf } from "../sources.ts";
import { dateOf } from "../workload.ts";

const texts = {
  "backup.none": {
    severity: "warn",
    summary: "There is no backup yet",
    cause: "Velero's namespace holds no Backup, so nothing could be restored.",
    remedy: "Take one, and a schedule for those to come.",
    doc: pages.backup,
  },
  "backup.failing": {
    severity: "either",
    summary: "The newest backup did not end well",
    cause:
      "It Failed, was refused (FailedValidation) or is incomplete (PartiallyFailed). It is only a warning where a good one is left and the damage is mild.",
    remedy: "Describe it: causes are grouped, and what is missing is named.",
    doc: pages.troubleshooting,
  },
  "backup.repeated": {
    severity: "either",
    summary: "Backups fail again and again",
    cause:
      "The newest three or more backups of one schedule, or all that were lately taken by hand, did not end well: what stops them does not pass by itself. It is only a warning where they are incomplete and a good one is left.",
    remedy: "Describe the newest: causes are grouped, and what is missing is named.",
    doc: pages.troubleshooting,
  },
  "restore.failed": {
    severity: "warn",
    summary: "The last restore did not end well",
    cause: "It Failed, was refused or is incomplete, within the last day.",
    remedy: "Describe it: causes are grouped, and what did not come back is named.",
    doc: pages.debuggingRestores,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const resultRules = defineFamily({
  title: "Results of backups and restores",
  rules: texts,
  judge: (facts) => [...judgeBackupResults(facts), ...judgeRestoreResults(facts)],
});

const day = 86_400_000;
/** Once can be an accident. */
const timesThatCount = 3;
/** An older restore that failed is history. */
const restoreMattersFor = day;

function judgeBackupResults(facts: Facts): Found[] {
  const backups = knownValue(facts.backups);
  if (backups === undefined) return [];
  const finished = finishedNewestFirst(backups);
  const [newest] = finished;
  if (newest === undefined) {
    const isExplained = unfinishedRuns(backups, []).length > 0 || absenceOf(facts) !== undefined;
    return isExplained ? [] : [none(facts)];
  }
  if (outcomeOf(newest) === "succeeded") return repeatedBySchedule(facts, finished);
  const series = failedInARow(ofSource(finished, scheduleOf(newest)));
  const good = lastGoodBackup(facts);
  const first = series.length < timesThatCount ? wentWrong(facts, newest, good) : repeated(facts, series, good);
  return [first, ...repeatedBySchedule(facts, finished, scheduleOf(newest))];
}

const ofSource = (backups: readonly Backup[], schedule: string | undefined): Backup[] =>
  backups.filter((backup) => scheduleOf(backup) === schedule);

/** Of finished ones, newest first: those since the last good one. */
function failedInARow(backups: readonly Backup[]): Backup[] {
  const good = backups.findIndex((backup) => outcomeOf(backup) === "succeeded");
  return backups.slice(0, good === -1 ? undefined : good);
}

/** Whether a schedule's backups fail so often that this family tells of it. */
export const failsAgainAndAgain = (own: readonly Backup[]): boolean =>
  failedInARow(finishedNewestFirst(own)).length >= timesThatCount;

/** Schedules that fail behind others that work. */
const repeatedBySchedule = (facts: Facts, finished: readonly Backup[], told?: string): Found[] =>
  (knownValue(facts.schedules) ?? []).filter(isActive).flatMap(({ metadata: { name } }) => {
    const own = ofSource(finished, name);
    const good = own.find((backup) => outcomeOf(backup) === "succeeded");
    return name === told || !failsAgainAndAgain(own) ? [] : [repeated(facts, failedInARow(own), good)];
  });

function none(facts: Facts): Found {
  return {
    id: "backup.none",
    severity: "warn",
    about: ["backups"],
    title: "There is no backup yet",
    evidence: say`Namespace ${facts.namespace} holds no Backup, so nothing could be restored.`,
    next: ownCommand(facts, "create"),
  };
}

function wentWrong(facts: Facts, backup: Backup, good: Backup | undefined): Found {
  const { name } = backup.metadata;
  const phase = phaseOf(backup);
  const ended = dateOf(good?.status?.completionTimestamp);
  const instead = ended === undefined ? say`No complete one is left.` : say`The last good one ended ${ended}.`;
  // A backup that was refused touched nothing; one with errors still holds the rest.
  const isMild = phase === "FailedValidation" || phase === "PartiallyFailed";
  return {
    id: "backup.failing",
    severity: isMild && good !== undefined ? "warn" : "fail",
    about: ["backups"],
    title: `The newest backup ${phase === "PartiallyFailed" ? "is incomplete" : "failed"}: ${name}`,
    evidence: say`${whatWentWrong(facts, backup)} ${instead}`,
    next: ownCommand(facts, `describe backup/${name}`),
  };
}

function repeated(facts: Facts, series: readonly Backup[], good: Backup | undefined): Found {
  const [newest, ...others] = series;
  if (newest === undefined) throw new Error("no backup failed");
  const schedule = scheduleOf(newest);
  const { name } = newest.metadata;
  const ended = dateOf(good?.status?.completionTimestamp);
  const of = schedule === undefined ? "taken by hand" : `of schedule ${schedule}`;
  const isMild = others.concat(newest).every((backup) => phaseOf(backup) === "PartiallyFailed");
  return {
    id: "backup.repeated",
    severity: isMild && good !== undefined ? "warn" : "fail",
    about: schedule === undefined ? ["backups"] : ["backups", "schedules"],
    title: `The last ${series.length} backups ${of} did not end well`,
    evidence: say`The newest, ${name}: ${whatWentWrong(facts, newest)} ${ended === undefined ? say`No complete one is left.` : say`The last good one ended ${ended}.`}`,
    next: ownCommand(facts, `describe backup/${name}`),
  };
}

function whatWentWrong(facts: Facts, { metadata, status }: Backup | Restore): Sentence {
  const phase = status?.phase ?? "";
  const reason = status?.failureReason ?? status?.validationErrors?.join("; ");
  if (reason !== undefined && reason !== "") return say`${phase}: ${reason.replace(/\.$/, "")}.`;
  const counts = `${phase} with ${status?.errors ?? 0} errors and ${status?.warnings ?? 0} warnings.`;
  const failed = volumesKnown(facts, `backup/${metadata.name}`).filter((volume) => phaseOf(volume) === "Failed");
  const [message] = new Set(failed.flatMap((volume) => volume.status?.message ?? []));
  if (failed.length === 0) return [counts];
  const because = message === undefined ? "" : `: ${message.replace(/\.$/, "")}`;
  return [counts, ` ${failed.length} of its volumes failed${because}.`];
}

function judgeRestoreResults(facts: Facts): Found[] {
  const [newest] = finishedNewestFirst(knownValue(facts.restores) ?? []);
  if (newest === undefined || outcomeOf(newest) === "succeeded") return [];
  const ended = dateOf(newest.status?.completionTimestamp ?? newest.metadata.creationTimestamp);
  if (ended === undefined || facts.now.getTime() - ended.getTime() > restoreMattersFor) return [];
  const { name } = newest.metadata;
  return [
    {
      id: "restore.failed",
      severity: "warn",
      about: ["restores"],
      title: `The last restore ${phaseOf(newest) === "PartiallyFailed" ? "is incomplete" : "failed"}: ${name}`,
      evidence: say`It ended ${ended}. ${whatWentWrong(facts, newest)}`,
      next: ownCommand(facts, `describe restore/${newest.metadata.name}`),
    },
  ];
}
