import { isRunning, phaseOf } from "../../velero/phases.ts";
import type { Backup } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand, serverLog, volumesKnown } from "../facts.ts";
import { counted, type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { lastWrite, type Run, runKey, startOf, unfinishedRuns } from "../runs.ts";
import { dateOf, latest, upSince } from "../workload.ts";
import { serverIsDown } from "./server.ts";

const texts = {
  "backup.stuck": {
    severity: "fail",
    summary: "A backup makes no progress",
    cause:
      "Nothing has written to it for half an hour, or the server was restarted after it began and does not take it up again.",
    remedy: "Read its log. A server that starts marks what it finds InProgress as Failed, so a restart ends it.",
    doc: pages.troubleshooting,
  },
  "restore.stuck": {
    severity: "fail",
    summary: "A restore makes no progress",
    cause:
      "Nothing has written to it for half an hour, or the server was restarted after it began and does not take it up again.",
    remedy: "Read its log. A server that starts marks what it finds InProgress as Failed, so a restart ends it.",
    doc: pages.debuggingRestores,
  },
  "backup.waiting": {
    severity: "warn",
    summary: "A backup is not begun",
    cause: "It was asked for minutes ago and nothing else runs that it could wait for.",
    remedy: "Read the server's log.",
    doc: pages.howVeleroWorks,
  },
  "backup.queue-blocked": {
    severity: "fail",
    summary: "The queue of backups does not move",
    cause:
      "Since 1.18 Velero keeps a queue of backups. It counts in memory what runs, and loses count when a backup is deleted before it began; a backup that was about to begin when the server restarted is not taken up again.",
    remedy: "Restart the server; touch the backup that was about to begin, and it begins.",
    doc: pages.backup,
  },
  "restore.waiting": {
    severity: "warn",
    summary: "A restore is not begun",
    cause: "It was asked for minutes ago and nothing else runs that it could wait for.",
    remedy: "Read the server's log.",
    doc: pages.howVeleroWorks,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const runRules = defineFamily({
  title: "Running backups and restores",
  rules: texts,
  judge: (facts) => judgeRuns(facts),
});

const minute = 60_000;
/** Uploading one large file writes nothing for a while; this long is no such while. */
const silenceAllowed = 30 * minute;
/** A server that starts fails what it finds InProgress, within this time. */
const tidyingTakes = 2 * minute;
const pickingUpTakes = 2 * minute;

/** Judges what has not ended yet. Says nothing while no server runs: then nothing can make progress. */
function judgeRuns(facts: Facts): Found[] {
  if (serverIsDown(facts)) return [];
  const runs = unfinishedRuns(knownValue(facts.backups) ?? [], knownValue(facts.restores) ?? []);
  const isBusy = (kind: Run["kind"]) => runs.some((run) => run.kind === kind && isRunning(run.object));
  const blocked = queueBlocked(facts, runs);
  return [
    ...blocked,
    ...runs.flatMap((run) => {
      if (isRunning(run.object)) return stuck(facts, run);
      return isBusy(run.kind) || (run.kind === "Backup" && blocked.length > 0) ? [] : notPickedUp(facts, run);
    }),
  ];
}

/** One finding for the whole queue. */
function queueBlocked(facts: Facts, runs: readonly Run[]): Found[] {
  const backups = runs.flatMap((run) => (run.kind === "Backup" ? [run.object] : []));
  const inPhase = (phase: string) => backups.filter((backup) => phaseOf(backup) === phase);
  const [ready, queued] = [inPhase("ReadyToStart"), inPhase("Queued")];
  const isOld = (since: Date | undefined) =>
    since !== undefined && facts.now.getTime() - since.getTime() > pickingUpTakes;
  const changed = (backup: Backup) => lastWrite([backup]) ?? new Date(startOf(backup));
  const server = knownValue(facts.server);
  const restarted = server === undefined ? undefined : upSince(server);
  const missed = ready.find((backup) => restarted !== undefined && changed(backup) < restarted && isOld(restarted));
  const common = {
    id: "backup.queue-blocked",
    severity: "fail",
    about: ["backups"],
    title: "The queue of backups does not move",
  } as const;
  const behind = queued.length === 0 ? "" : ` ${counted(queued.length, "other")} in the queue.`;
  if (missed !== undefined && restarted !== undefined) {
    const { name } = missed.metadata;
    return [
      {
        ...common,
        evidence: say`${name} was about to begin when Velero restarted ${restarted}, and is not taken up again.${behind}`,
        next: kubectl(facts, `annotate --overwrite backups.velero.io ${name} mkebackup/taken-up-again=true`),
      },
    ];
  }
  // Whoever was deleted in the queue leaves its place empty: the first need not be number 1.
  const [first] = queued.toSorted((a, b) => (a.status?.queuePosition ?? 0) - (b.status?.queuePosition ?? 0));
  const ended = latest((knownValue(facts.backups) ?? []).map(({ status }) => dateOf(status?.completionTimestamp)));
  const idle = first === undefined ? undefined : latest([changed(first), ended]);
  if (first === undefined || ready.length > 0 || backups.some(isRunning) || !isOld(idle)) return [];
  return [
    {
      ...common,
      evidence: say`${first.metadata.name} is the first in the queue since ${changed(first)}, and nothing else runs.`,
      next: kubectl(facts, `rollout restart deployment ${server?.name ?? "velero"}`),
    },
  ];
}

function stuck(facts: Facts, run: Run): Found[] {
  const { kind, object } = run;
  const { name } = object.metadata;
  const common = {
    id: kind === "Backup" ? ("backup.stuck" as const) : ("restore.stuck" as const),
    severity: "fail" as const,
    about: [kind === "Backup" ? ("backups" as const) : ("restores" as const)],
    title: `${kind} ${name} makes no progress`,
  };
  const server = knownValue(facts.server);
  const restarted = server === undefined ? undefined : upSince(server);
  if (
    phaseOf(object) === "InProgress" &&
    restarted !== undefined &&
    restarted.getTime() > startOf(object) + minute &&
    facts.now.getTime() - restarted.getTime() > tidyingTakes
  ) {
    return [
      {
        ...common,
        evidence: say`Velero restarted ${restarted}, after the ${kind.toLowerCase()} began, and does not take it up again.`,
        next: kubectl(facts, `rollout restart deployment ${server?.name ?? "velero"}`),
      },
    ];
  }
  const written = lastWrite([object, ...volumesKnown(facts, runKey(run))]);
  if (written === undefined || facts.now.getTime() - written.getTime() < silenceAllowed) return [];
  return [
    {
      ...common,
      evidence: say`Velero last wrote to it ${written}.`,
      next: ownCommand(facts, `logs ${runKey(run)}`),
    },
  ];
}

function notPickedUp(facts: Facts, { kind, object }: Run): Found[] {
  const created = new Date(startOf(object));
  const alike = knownValue(kind === "Backup" ? facts.backups : facts.restores) ?? [];
  // What it waited for may just have ended.
  const free = latest([created, ...alike.map(({ status }) => dateOf(status?.completionTimestamp))]) ?? created;
  if (facts.now.getTime() - free.getTime() < pickingUpTakes) return [];
  return [
    {
      id: kind === "Backup" ? "backup.waiting" : "restore.waiting",
      severity: "warn",
      about: [kind === "Backup" ? "backups" : "restores"],
      title: `Velero does not begin ${kind.toLowerCase()} ${object.metadata.name}`,
      evidence: say`It was asked for ${created} and is still ${phaseOf(object)}, though nothing else runs.`,
      next: serverLog(facts),
    },
  ];
}
