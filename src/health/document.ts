import { timestamp } from "../core/timestamp.ts";
import { phaseOf } from "../velero/phases.ts";
import { nextRun } from "../velero/schedule.ts";
import { bucketPath } from "../velero/storage-location.ts";
import type { Backup, BackupStorageLocation, Restore, Schedule } from "../velero/types.ts";
import type { Component, WorkloadRow } from "./components.ts";
import { engineEntry } from "./engine.ts";
import type { Unseen } from "./fact.ts";
import type { Sentence } from "./problem.ts";
import type { RunningRow, StatusReport } from "./report.ts";
import { startOf } from "./runs.ts";

/** The report for programs: raw numbers and RFC 3339 times. What is not known is left out. */
export function statusDocument(report: StatusReport): object {
  const { lastGoodBackup, lastRestore } = report;
  return {
    apiVersion: "mkebackup/v1",
    kind: "StatusReport",
    verdict: report.verdict,
    context: report.context,
    namespace: report.namespace,
    checkedAt: time(report.checkedAt),
    took: report.took,
    components: report.components.map(componentEntry),
    engine: report.engine && engineEntry(report.engine),
    locations: report.locations.map(locationEntry),
    running: report.running.map(runningEntry),
    lastBackups: report.lastBackups.map(runEntry),
    lastGoodBackup: lastGoodBackup && runEntry(lastGoodBackup),
    lastRestore: lastRestore && { ...runEntry(lastRestore), backup: lastRestore.spec?.backupName },
    schedules: report.schedules.map(scheduleEntry),
    problems: report.problems.map(({ id, severity, title, evidence, next }) => ({
      id,
      severity,
      title,
      evidence: spelledOut(evidence),
      next,
    })),
    checked: report.checked.map(({ title, rules, problems }) => ({
      family: title,
      rules,
      found: [...new Set(problems.map(({ id }) => id))],
    })),
    unseen: report.unseen.map(({ what, why }) => ({ what, ...unseenEntry(why) })),
  };
}

const time = (date: Date | undefined): string | undefined => date && timestamp(date);

const spelledOut = (sentence: Sentence): string =>
  sentence.map((part) => (typeof part === "string" ? part : `at ${time(part)}`)).join("");

function unseenEntry(why: Unseen): object {
  switch (why.state) {
    case "forbidden":
      return { reason: "Forbidden", message: why.sentence };
    case "timed out":
      return { reason: "TimedOut", milliseconds: why.milliseconds };
    case "failed":
      return { reason: why.failure?.reason ?? "Failed", message: why.sentence };
  }
}

function componentEntry(component: Component): object {
  const { part, status, type } = component;
  const common = { name: part, status };
  switch (type) {
    case "configuration":
      return { ...common, source: component.source, provider: component.provider, enabled: component.enabled };
    case "server": {
      const { version, versionFrom, plugins, workload } = component;
      return { ...common, version, versionFrom, plugins, ...(workload && workloadEntry(workload)) };
    }
    case "node-agents":
      return { ...common, workloads: component.workloads.map(workloadEntry) };
    case "object-store":
      return {
        ...common,
        persistent: component.persistent,
        ...(component.workload && workloadEntry(component.workload)),
      };
    case "location":
      return common;
    case "schedules": {
      const { active, paused, next } = component;
      return { ...common, active, paused, next: next && { name: next.name, at: time(next.at) } };
    }
  }
}

function workloadEntry({ kind, name, ready, wanted, since, pods, image, memoryLimit }: WorkloadRow): object {
  return {
    workload: { kind, name },
    image,
    memoryLimit,
    ready,
    wanted,
    since: time(since),
    restarts: pods.reduce((sum, pod) => sum + pod.restarts, 0),
    pods: pods.map((pod) => ({
      name: pod.name,
      node: pod.node,
      ready: pod.ready,
      startedAt: time(pod.started),
      restarts: pod.restarts,
      lastEnd: pod.lastEnd && { reason: pod.lastEnd.reason, at: time(pod.lastEnd.at) },
      trouble: pod.trouble,
    })),
  };
}

function locationEntry(location: BackupStorageLocation): object {
  const { metadata, spec, status } = location;
  return {
    name: metadata.name,
    default: spec?.default ?? false,
    phase: status?.phase,
    message: status?.message,
    lastValidationTime: status?.lastValidationTime,
    lastSyncedTime: status?.lastSyncedTime,
    provider: spec?.provider,
    bucket: bucketPath(location),
    accessMode: spec?.accessMode || "ReadWrite",
  };
}

function runEntry(object: Backup | Restore): object {
  const { metadata, status } = object;
  return {
    name: metadata.name,
    phase: phaseOf(object),
    startTimestamp: status?.startTimestamp,
    completionTimestamp: status?.completionTimestamp,
    expiration: status !== undefined && "expiration" in status ? status.expiration : undefined,
    items: status?.progress?.totalItems,
    warnings: status?.warnings ?? 0,
    errors: status?.errors ?? 0,
    failureReason: status?.failureReason,
  };
}

function runningEntry({ run, items, volumes, changed }: RunningRow): object {
  return {
    kind: run.kind,
    name: run.object.metadata.name,
    phase: phaseOf(run.object),
    startedAt: time(new Date(startOf(run.object))),
    items,
    volumes,
    changedAt: time(changed),
  };
}

function scheduleEntry(schedule: Schedule): object {
  const { metadata, spec, status } = schedule;
  return {
    name: metadata.name,
    phase: phaseOf(schedule),
    paused: spec?.paused ?? false,
    schedule: spec?.schedule,
    lastBackup: status?.lastBackup,
    nextRun: time(nextRun(schedule)),
  };
}
