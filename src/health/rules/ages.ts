import { outcomeOf } from "../../velero/phases.ts";
import { longestPause, nextRun } from "../../velero/schedule.ts";
import type { Backup, Schedule } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand } from "../facts.ts";
import { goodBackups, lastGoodBackup } from "../object-store.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { finishedNewestFirst, unfinishedRuns } from "../runs.ts";
import { isActive } from "../sources.ts";
import { dateOf } from "../workload.ts";
import { isOverdue } from "./schedules.ts";
import { serverIsDown } from "./server.ts";

const texts = {
  "backup.expiring": {
    severity: "warn",
    summary: "The last good backup is about to expire",
    cause:
      "Velero deletes a backup with its files when its time to live is over, the last good one too. No schedule takes a new one in time.",
    remedy:
      "Take a backup. Where a schedule keeps its backups for less time than lies between two, give it a longer --ttl.",
    doc: pages.backup,
  },
  "backup.old": {
    severity: "warn",
    summary: "The last good backup is old",
    cause:
      "It is older than --max-age allows. Without that flag: than 25 hours where a schedule is active (or a tenth more than its longest pause), and than a week where none is.",
    remedy: "Take a backup; without a schedule, make one.",
    doc: pages.backup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const ageRules = defineFamily({ title: "Age of backups", rules: texts, judge: (facts) => judgeAges(facts) });

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** Without a schedule somebody has to think of it; a week is what people forget. */
const forgottenAfter = 7 * day;
const expiresSoon = 2 * day;
/** A day, and an hour for what a backup takes. */
const usualAge = 25 * hour;

function judgeAges(facts: Facts): Found[] {
  const good = lastGoodBackup(facts);
  const ended = dateOf(good?.status?.completionTimestamp);
  if (good === undefined || ended === undefined) return [];
  const expiring = judgeExpiry(facts, good);
  return expiring.length > 0 && facts.maxAge === undefined ? expiring : [...expiring, ...judgeAge(facts, good, ended)];
}

function judgeExpiry(facts: Facts, good: Backup): Found[] {
  const active = (knownValue(facts.schedules) ?? []).filter(isActive);
  const next = active.flatMap((schedule) => nextRun(schedule) ?? []).sort((a, b) => a.getTime() - b.getTime())[0];
  const last = active.length === 0 ? good : longestKept(goodBackups(facts));
  const expires = dateOf(last?.status?.expiration);
  if (last === undefined || expires === undefined) return [];
  // An overdue schedule is another rule's finding.
  const until = active.length === 0 ? facts.now.getTime() + expiresSoon : (next?.getTime() ?? 0);
  if (expires.getTime() >= until || until <= facts.now.getTime()) return [];
  return [
    {
      id: "backup.expiring",
      severity: "warn",
      about: ["backups"],
      title: "The last good backup is about to expire",
      evidence:
        next === undefined || active.length === 0
          ? say`${last.metadata.name} expires ${expires}, then Velero deletes it with its files.`
          : say`${last.metadata.name} expires ${expires}, before the next one is due at ${next.toISOString().slice(0, 16)}Z.`,
      next: ownCommand(facts, "create"),
    },
  ];
}

/** The one that is deleted last. */
const longestKept = (backups: readonly Backup[]): Backup | undefined =>
  backups.toSorted((a, b) => expiryOf(b) - expiryOf(a))[0];

const expiryOf = ({ status }: Backup): number =>
  status?.expiration === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.expiration);

function judgeAge(facts: Facts, good: Backup, ended: Date): Found[] {
  const { limit, schedule } = allowedAge(facts);
  if (facts.now.getTime() - ended.getTime() <= limit) return [];
  // What stands in the way of a newer one is told by itself, with the age of this one.
  if (facts.maxAge === undefined && isExplained(facts, schedule)) return [];
  const name = schedule?.metadata.name;
  const why =
    facts.maxAge !== undefined
      ? `, and --max-age allows ${span(limit)}`
      : name === undefined
        ? ", and no schedule takes new ones"
        : `, though schedule ${name} should have made one within ${span(limit)}`;
  return [
    {
      id: "backup.old",
      severity: "warn",
      about: ["backups"],
      title: "The last good backup is old",
      evidence: say`${good.metadata.name} ended ${ended}${why}.`,
      next: ownCommand(facts, name === undefined ? "create" : `create --from-schedule ${name}`),
    },
  ];
}

function isExplained(facts: Facts, schedule: Schedule | undefined): boolean {
  const backups = knownValue(facts.backups) ?? [];
  const [newest] = finishedNewestFirst(backups);
  if (newest !== undefined && outcomeOf(newest) !== "succeeded") return true;
  if (schedule === undefined) return false;
  return serverIsDown(facts) || isOverdue(facts, schedule) || unfinishedRuns(backups, []).length > 0;
}

/** In milliseconds, and by which schedule. */
function allowedAge(facts: Facts): { readonly limit: number; readonly schedule?: Schedule } {
  if (facts.maxAge !== undefined) return { limit: facts.maxAge };
  const limits = (knownValue(facts.schedules) ?? []).filter(isActive).flatMap((schedule) => {
    const limit = Math.max(usualAge, 1.1 * (longestPause(schedule, facts.now) ?? 0));
    const created = Date.parse(schedule.metadata.creationTimestamp ?? "");
    // A new schedule has had no time to make one.
    return facts.now.getTime() - created > limit ? [{ limit, schedule }] : [];
  });
  return limits.toSorted((a, b) => a.limit - b.limit)[0] ?? { limit: forgottenAfter };
}

/** 26h, 3 days */
function span(milliseconds: number): string {
  if (milliseconds >= 2 * day) return `${Math.round(milliseconds / day)} days`;
  if (milliseconds >= hour) return `${Math.round(milliseconds / hour)}h`;
  return milliseconds >= minute ? `${Math.round(milliseconds / minute)}m` : `${Math.round(milliseconds / 1000)}s`;
}
