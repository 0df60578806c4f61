import { phaseOf } from "../../velero/phases.ts";
import { formatSelector } from "../../velero/selector.ts";
import type { Restore } from "../../velero/types.ts";
import type { Column } from "../table.ts";
import { ageOf, durationBetween } from "../units.ts";

export const restoreColumns: readonly Column<Restore>[] = [
  { header: "NAME", cell: ({ metadata }) => metadata.name, cut: "middle" },
  { header: "BACKUP", cell: ({ spec }) => spec?.backupName || spec?.scheduleName, cut: "middle", dropFirst: 3 },
  {
    header: "STATUS",
    cell: (restore) => `${phaseOf(restore)}${restore.metadata.deletionTimestamp === undefined ? "" : " (Deleting)"}`,
    status: true,
  },
  {
    header: "AGE",
    cell: ({ metadata, status }, { now }) => ageOf(status?.startTimestamp ?? metadata.creationTimestamp, now),
  },
  {
    header: "DURATION",
    cell: ({ status }, { now }) => durationBetween(status?.startTimestamp, status?.completionTimestamp, now),
    dropFirst: 1,
  },
  { header: "ITEMS", cell: ({ status }) => status?.progress?.itemsRestored, align: "right", dropFirst: 2 },
  { header: "WARN", cell: ({ status }) => status?.warnings ?? 0, align: "right" },
  { header: "ERR", cell: ({ status }) => status?.errors ?? 0, align: "right" },
  { header: "STARTED", cell: ({ status }) => status?.startTimestamp, wide: true },
  { header: "COMPLETED", cell: ({ status }) => status?.completionTimestamp, wide: true },
  { header: "SELECTOR", cell: ({ spec }) => formatSelector(spec?.labelSelector) || "<none>", wide: true },
];
