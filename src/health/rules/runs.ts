import { isRunning, phaseOf } from "../../velero/phases.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand, volumesKnown } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { lastWrite, type Run, runKey, startOf, unfinishedRuns } from "../runs.ts";
import { upSince } from "../workload.ts";
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
  return runs.flatMap((run) =>
    isRunning(run.object) ? stuck(facts, run) : isBusy(run.kind) ? [] : notPickedUp(facts, run),
  );
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
  if (facts.now.getTime() - created.getTime() < pickingUpTakes) return [];
  return [
    {
      id: kind === "Backup" ? "backup.waiting" : "restore.waiting",
      severity: "warn",
      about: [kind === "Backup" ? "backups" : "restores"],
      title: `Velero does not begin ${kind.toLowerCase()} ${object.metadata.name}`,
      evidence: say`It was asked for ${created} and is still ${phaseOf(object)}, though nothing else runs.`,
      next: kubectl(facts, `logs deployment/${knownValue(facts.server)?.name ?? "velero"} -c velero --since=10m`),
    },
  ];
}
