import { compareText } from "../core/order.ts";
import { type Section, section } from "../core/section.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backups } from "./kinds.ts";
import { nextRun } from "./schedule.ts";
import type { Backup, Schedule } from "./types.ts";

export interface ScheduleDescription {
  readonly object: Schedule;
  /** When it fires next; in the past where that is overdue. */
  readonly next: Date | undefined;
  /** What it made, newest first. */
  readonly backups: Section<readonly Backup[]>;
}

export async function describeSchedule(
  object: Schedule,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ScheduleDescription> {
  const { name, namespace } = object.metadata;
  // Velero writes this label as it stands: of a longer name it could make no backups.
  const labelSelector = `velero.io/schedule-name=${name}`;
  const made = await section(signal, async () =>
    newestFirst(await cluster.list(backups, { namespace, labelSelector, signal })),
  );
  return { object, next: nextRun(object), backups: made };
}

export const beganAt = ({ metadata, status }: Backup): string =>
  status?.startTimestamp ?? metadata.creationTimestamp ?? "";

export const newestFirst = (all: readonly Backup[]): Backup[] =>
  all.toSorted((a, b) => compareText(beganAt(b), beganAt(a)));
