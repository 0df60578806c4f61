import { volumeProgress } from "../velero/follow.ts";
import type { Backup, BackupStorageLocation, Restore, Schedule } from "../velero/types.ts";
import { type Component, componentsOf } from "./components.ts";
import { type EngineReport, engineReport } from "./engine.ts";
import { knownValue, type Unseen } from "./fact.ts";
import { type Facts, namedFacts, volumesKnown } from "./facts.ts";
import { type Checked, judge } from "./judge.ts";
import { lastGoodBackup } from "./object-store.ts";
import type { Problem } from "./problem.ts";
import { finishedNewestFirst, lastWrite, type Run, runKey, unfinishedRuns } from "./runs.ts";

export interface RunningRow {
  readonly run: Run;
  readonly items: { readonly done: number; readonly total: number } | undefined;
  readonly volumes: ReturnType<typeof volumeProgress> | undefined;
  /** When the server last wrote to it or its volumes, where the API keeps record. */
  readonly changed: Date | undefined;
}

/** The health of backups in one cluster, at one time. */
export interface StatusReport {
  readonly verdict: "Healthy" | "Degraded";
  readonly context: string;
  readonly namespace: string;
  readonly checkedAt: Date;
  /** Milliseconds that looking took. */
  readonly took: number;
  readonly components: readonly Component[];
  /** What takes backups in the cluster; undefined when nobody looked beyond the namespace. */
  readonly engine: EngineReport | undefined;
  readonly locations: readonly BackupStorageLocation[];
  readonly running: readonly RunningRow[];
  /** Finished ones, newest first. */
  readonly lastBackups: readonly Backup[];
  readonly lastGoodBackup: Backup | undefined;
  readonly lastRestore: Restore | undefined;
  readonly schedules: readonly Schedule[];
  readonly problems: readonly Problem[];
  /** What was judged, family by family. */
  readonly checked: readonly Checked[];
  /** What could not be seen, and why. */
  readonly unseen: readonly { readonly what: string; readonly why: Unseen }[];
}

export function reportOn(
  facts: Facts,
  { context, took, mostBackups }: { context: string; took: number; mostBackups: number },
): StatusReport {
  const { problems, checked } = judge(facts);
  const [backups, restores] = [knownValue(facts.backups) ?? [], knownValue(facts.restores) ?? []];
  return {
    verdict: problems.some(({ severity }) => severity === "fail") ? "Degraded" : "Healthy",
    context,
    namespace: facts.namespace,
    checkedAt: facts.now,
    took,
    components: componentsOf(facts, problems),
    engine: engineReport(facts),
    locations: knownValue(facts.locations) ?? [],
    running: unfinishedRuns(backups, restores).map((run) => runningRow(facts, run)),
    lastBackups: finishedNewestFirst(backups).slice(0, mostBackups),
    lastGoodBackup: lastGoodBackup(facts),
    lastRestore: finishedNewestFirst(restores)[0],
    schedules: knownValue(facts.schedules) ?? [],
    problems,
    checked,
    unseen: Object.entries(namedFacts(facts)).flatMap(([what, fact]) =>
      fact === undefined || fact.state === "known" ? [] : [{ what, why: fact }],
    ),
  };
}

function runningRow(facts: Facts, run: Run): RunningRow {
  const volumes = volumesKnown(facts, runKey(run));
  const progress = run.object.status?.progress;
  const done =
    run.kind === "Backup" ? run.object.status?.progress?.itemsBackedUp : run.object.status?.progress?.itemsRestored;
  return {
    run,
    items: progress?.totalItems === undefined ? undefined : { done: done ?? 0, total: progress.totalItems },
    volumes: volumes.length === 0 ? undefined : volumeProgress(volumes),
    changed: lastWrite([run.object, ...volumes]),
  };
}
