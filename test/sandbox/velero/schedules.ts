// Schedules: judged when they change, and fired by the clock.
import { Cron } from "croner";
import { timestamp } from "../api/store.ts";
import { parseDuration } from "./duration.ts";
import { backups, type Schedule, schedules } from "./kinds.ts";
import { scheduleNameLabel } from "./names.ts";
import { repeat, type World } from "./world.ts";

const everyPrefix = "@every ";

/** Looks at every schedule each half second: a paused one stays untouched. */
export function runSchedules(world: World, signal: AbortSignal): Promise<void> {
  return repeat(world, 500, signal, () => {
    for (const schedule of world.store.list(schedules, world.namespace)) {
      if (schedule.spec.paused !== true) reconcile(world, schedule);
    }
  });
}

function reconcile(world: World, schedule: Schedule): void {
  const problem = scheduleProblem(schedule.spec.schedule);
  const due = problem === undefined && isDue(schedule) && !isRunning(world, schedule);
  world.store.update(schedules, world.namespace, schedule.metadata.name, (draft) => {
    const { validationErrors: _, ...status } = draft.status ?? {};
    draft.status =
      problem === undefined
        ? { ...status, phase: "Enabled", ...(due ? { lastBackup: timestamp() } : {}) }
        : { ...status, phase: "FailedValidation", validationErrors: [problem] };
  });
  if (due) createBackup(world, schedule);
}

/** Why Velero's cron library cannot read the expression. */
function scheduleProblem(expression: string): string | undefined {
  if (expression === "") return "Schedule must be a non-empty valid Cron expression";
  if (expression.startsWith("@")) {
    if (["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"].includes(expression))
      return undefined;
    const duration = expression.slice(everyPrefix.length);
    if (!expression.startsWith(everyPrefix)) return `invalid schedule: unrecognized descriptor: ${expression}`;
    if (parseDuration(duration) !== undefined) return undefined;
    return `invalid schedule: failed to parse duration ${expression}: time: invalid duration "${duration}"`;
  }
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) {
    return `invalid schedule: expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`;
  }
  try {
    new Cron(expression, { paused: true, timezone: "UTC" }).stop();
    return undefined;
  } catch {
    return `invalid schedule: failed to parse int from ${fields[0]}: strconv.Atoi: parsing "${fields[0]}": invalid syntax`;
  }
}

/** The first run counts from the schedule's creation; runs that were missed are not caught up one by one. */
function isDue({ metadata, spec, status }: Schedule): boolean {
  const last = new Date(status?.lastBackup ?? metadata.creationTimestamp ?? Date.now());
  if (spec.schedule.startsWith(everyPrefix)) {
    const period = parseDuration(spec.schedule.slice(everyPrefix.length)) ?? 0;
    return last.getTime() + Math.max(period, 1000) <= Date.now();
  }
  const next = new Cron(spec.schedule, { paused: true, timezone: "UTC" }).nextRun(last);
  return next !== null && next.getTime() <= Date.now();
}

function isRunning({ store, namespace }: World, { metadata }: Schedule): boolean {
  return store
    .list(backups, namespace)
    .some(
      (backup) =>
        backup.metadata.labels?.[scheduleNameLabel] === metadata.name &&
        ["", "New", "InProgress"].includes(backup.status?.phase ?? ""),
    );
}

function createBackup(world: World, { metadata, spec }: Schedule): void {
  const { metadata: template, ...backupSpec } = spec.template;
  const name = `${metadata.name}-${timestamp().replace(/[-:TZ]/g, "")}`;
  if (world.store.get(backups, world.namespace, name) !== undefined) return;
  const owner = {
    apiVersion: "velero.io/v1",
    kind: "Schedule",
    name: metadata.name,
    uid: metadata.uid ?? "",
    controller: true,
  };
  world.store.create(backups, {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: {
      name,
      namespace: world.namespace,
      labels: { ...(template?.labels ?? metadata.labels), [scheduleNameLabel]: metadata.name },
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(spec.useOwnerReferencesInBackup ? { ownerReferences: [owner] } : {}),
    },
    spec: backupSpec,
  });
}
