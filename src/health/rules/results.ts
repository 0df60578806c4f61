import { outcomeOf, phaseOf } from "../../velero/phases.ts";
import type { Backup, Restore } from "../../velero/types.ts";
import { absenceOf } from "../absence.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand, volumesKnown } from "../facts.ts";
import { lastGoodBackup } from "../object-store.ts";
import { type Problem, type Sentence, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { finishedNewestFirst, unfinishedRuns } from "../runs.ts";
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
  "backup.expiring": {
    severity: "warn",
    summary: "The last good backup is about to expire",
    cause:
      "Velero deletes a backup with its files when its time to live is over, the last good one too, and no schedule takes new ones.",
    remedy: "Take a backup.",
    doc: pages.backup,
  },
  "backup.old": {
    severity: "warn",
    summary: "The last good backup is old",
    cause: "Nobody has taken a complete backup for a week and no schedule does.",
    remedy: "Take a backup, and make a schedule.",
    doc: pages.backup,
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
/** Without a schedule somebody has to think of it; a week is what people forget. */
const goodBackupGoesOldAfter = 7 * day;
const expiresSoon = 2 * day;
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
  const good = lastGoodBackup(facts);
  const bad = outcomeOf(newest) === "succeeded" ? [] : [wentWrong(facts, newest, good)];
  return [...bad, ...(good === undefined ? [] : agesOf(facts, good))];
}

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

function agesOf(facts: Facts, good: Backup): Found[] {
  const scheduled = (knownValue(facts.schedules) ?? []).some(({ spec }) => !spec?.paused);
  const ended = dateOf(good.status?.completionTimestamp);
  const expires = dateOf(good.status?.expiration);
  if (scheduled || ended === undefined) return [];
  const common = { severity: "warn", about: ["backups"], next: ownCommand(facts, "create") } as const;
  if (expires !== undefined && expires.getTime() - facts.now.getTime() < expiresSoon) {
    return [
      {
        ...common,
        id: "backup.expiring",
        title: "The last good backup is about to expire",
        evidence: say`${good.metadata.name} expires ${expires}, then Velero deletes it with its files.`,
      },
    ];
  }
  if (facts.now.getTime() - ended.getTime() < goodBackupGoesOldAfter) return [];
  return [
    {
      ...common,
      id: "backup.old",
      title: "The last good backup is old",
      evidence: say`${good.metadata.name} ended ${ended}, and no schedule takes new ones.`,
    },
  ];
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
