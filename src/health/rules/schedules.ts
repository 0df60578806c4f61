import { isFinished, outcomeOf, phaseOf } from "../../velero/phases.ts";
import { nextRun } from "../../velero/schedule.ts";
import type { Backup, Schedule } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand, serverLog } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { finishedNewestFirst } from "../runs.ts";
import { scheduleOf } from "../sources.ts";
import { dateOf } from "../workload.ts";
import { failsAgainAndAgain } from "./results.ts";
import { serverIsDown } from "./server.ts";

const texts = {
  "schedule.paused": {
    severity: "warn",
    summary: "A schedule is paused",
    cause: "Somebody has set spec.paused: no backup is taken until it is taken back.",
    remedy: "Resume it, or delete it when it is not wanted any more.",
    doc: pages.schedule,
  },
  "schedule.invalid": {
    severity: "fail",
    summary: "Velero cannot use a schedule",
    cause: "Its cron expression or its template was refused (FailedValidation).",
    remedy: "Correct it; the reason is Velero's own.",
    doc: pages.schedule,
  },
  "schedule.overdue": {
    severity: "fail",
    summary: "A schedule has missed its time",
    cause:
      "A backup was due and was not taken: the one before has not ended, or the server does not look at its schedules. Missed runs are not made up for.",
    remedy: "Wait for the backup that blocks it, or read the server's log.",
    doc: pages.schedule,
  },
  "schedule.failing": {
    severity: "either",
    summary: "The last backup of a schedule did not end well",
    cause: "Behind others that work, this schedule's backups Failed or are incomplete.",
    remedy: "List its backups and describe the newest.",
    doc: pages.schedule,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const scheduleRules = defineFamily({
  title: "Schedules",
  rules: texts,
  judge: (facts) => judgeSchedules(facts),
});

/** The server looks at its schedules each minute. */
const latenessAllowed = 10 * 60_000;

const judgeSchedules = (facts: Facts): Found[] =>
  (knownValue(facts.schedules) ?? []).flatMap((schedule) => judgeSchedule(facts, schedule));

function judgeSchedule(facts: Facts, schedule: Schedule): Found[] {
  if (schedule.spec?.paused) return [paused(facts, schedule)];
  if (phaseOf(schedule) === "FailedValidation") return [invalid(facts, schedule)];
  const own = (knownValue(facts.backups) ?? []).filter((backup) => scheduleOf(backup) === schedule.metadata.name);
  return [...overdue(facts, schedule, own), ...failing(facts, schedule, own)];
}

function paused(facts: Facts, { metadata, status }: Schedule): Found {
  const last = dateOf(status?.lastBackup);
  return {
    id: "schedule.paused",
    severity: "warn",
    about: ["schedules"],
    title: `Schedule ${metadata.name} is paused`,
    evidence: last === undefined ? say`It has made no backup yet.` : say`Its last backup began ${last}.`,
    next: kubectl(facts, `patch schedules.velero.io ${metadata.name} --type merge -p '{"spec":{"paused":false}}'`),
  };
}

function invalid(facts: Facts, { metadata, status }: Schedule): Found {
  return {
    id: "schedule.invalid",
    severity: "fail",
    about: ["schedules"],
    title: `Velero cannot use schedule ${metadata.name}`,
    evidence: say`${status?.validationErrors?.join("; ") ?? "It gave no reason"}.`,
    next: kubectl(facts, `edit schedules.velero.io ${metadata.name}`),
  };
}

export function isOverdue(facts: Facts, schedule: Schedule): boolean {
  const due = nextRun(schedule);
  return due !== undefined && facts.now.getTime() - due.getTime() >= latenessAllowed && !serverIsDown(facts);
}

function overdue(facts: Facts, schedule: Schedule, own: readonly Backup[]): Found[] {
  const due = nextRun(schedule);
  if (due === undefined || !isOverdue(facts, schedule)) return [];
  const { name } = schedule.metadata;
  // Velero skips a run while the one before is not finished.
  const blocking = own.find((backup) => !isFinished(backup));
  return [
    {
      id: "schedule.overdue",
      severity: "fail",
      about: ["schedules"],
      title: `Schedule ${name} has missed its time`,
      evidence:
        blocking === undefined
          ? say`${schedule.status?.lastBackup === undefined ? "Its first" : "A"} backup was due ${due}.`
          : say`A backup was due ${due}, but ${blocking.metadata.name} is still ${phaseOf(blocking)}.`,
      next:
        blocking === undefined ? serverLog(facts, "1h") : ownCommand(facts, `wait backup/${blocking.metadata.name}`),
    },
  ];
}

/** The newest backup of all is judged on its own; this is about a schedule that fails behind others that work. */
function failing(facts: Facts, { metadata }: Schedule, own: readonly Backup[]): Found[] {
  const [newestOfAll] = finishedNewestFirst(knownValue(facts.backups) ?? []);
  const [newest] = finishedNewestFirst(own);
  if (newest === undefined || newest === newestOfAll || outcomeOf(newest) === "succeeded") return [];
  if (failsAgainAndAgain(own)) return [];
  const good = dateOf(
    finishedNewestFirst(own).find((backup) => outcomeOf(backup) === "succeeded")?.status?.completionTimestamp,
  );
  return [
    {
      id: "schedule.failing",
      severity: phaseOf(newest) === "PartiallyFailed" ? "warn" : "fail",
      about: ["schedules"],
      title: `The last backup of schedule ${metadata.name} is ${phaseOf(newest)}`,
      evidence:
        good === undefined
          ? say`${newest.metadata.name}; none of its backups is complete.`
          : say`${newest.metadata.name}; its last good one ended ${good}.`,
      next: ownCommand(facts, `list backups --schedule ${metadata.name}`),
    },
  ];
}
