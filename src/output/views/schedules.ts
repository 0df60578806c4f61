import { phaseOf } from "../../velero/phases.ts";
import { nextRun } from "../../velero/schedule.ts";
import { formatSelector } from "../../velero/selector.ts";
import type { Schedule } from "../../velero/types.ts";
import type { Column } from "../table.ts";
import { age, ageOf } from "../units.ts";

export const scheduleColumns: readonly Column<Schedule>[] = [
  { header: "NAME", cell: ({ metadata }) => metadata.name, cut: "middle" },
  { header: "STATUS", cell: (schedule) => (schedule.spec?.paused ? "Paused" : phaseOf(schedule)), status: true },
  { header: "SCHEDULE", cell: ({ spec }) => spec?.schedule },
  { header: "NEXT", cell: (schedule, { now }) => nextIn(schedule, now) },
  { header: "LAST BACKUP", cell: ({ status }, { now }) => ageOf(status?.lastBackup, now) },
  { header: "TTL", cell: ({ spec }) => spec?.template?.ttl || "server's", dropFirst: 2 },
  { header: "AGE", cell: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now), dropFirst: 1 },
  { header: "LOCATION", cell: ({ spec }) => spec?.template?.storageLocation, wide: true },
  { header: "SELECTOR", cell: ({ spec }) => formatSelector(spec?.template?.labelSelector) || "<none>", wide: true },
];

function nextIn(schedule: Schedule, now: Date): string {
  const next = nextRun(schedule);
  if (next === undefined) return "-";
  const left = next.getTime() - now.getTime();
  return left >= 0 ? age(left) : `overdue ${age(-left)}`;
}
