import { phaseOf } from "../../velero/phases.ts";
import { formatSelector } from "../../velero/selector.ts";
import type { Backup } from "../../velero/types.ts";
import type { Column } from "../table.ts";
import { ageOf, durationBetween, expiry } from "../units.ts";

/** Velero's columns, plus how long it took, how old it is and what it holds. */
export const backupColumns: readonly Column<Backup>[] = [
  { header: "NAME", cell: ({ metadata }) => metadata.name, cut: "middle" },
  { header: "STATUS", cell: phaseOf, status: true },
  {
    header: "AGE",
    cell: ({ metadata, status }, { now }) => ageOf(status?.startTimestamp ?? metadata.creationTimestamp, now),
  },
  {
    header: "DURATION",
    cell: ({ status }, { now }) => durationBetween(status?.startTimestamp, status?.completionTimestamp, now),
    dropFirst: 2,
  },
  { header: "ITEMS", cell: ({ status }) => status?.progress?.totalItems, align: "right", dropFirst: 3 },
  { header: "WARN", cell: ({ status }) => status?.warnings ?? 0, align: "right", dropFirst: 1 },
  { header: "ERR", cell: ({ status }) => status?.errors ?? 0, align: "right" },
  { header: "EXPIRES", cell: ({ status }, { now }) => expiry(status?.expiration, now) },
  { header: "LOCATION", cell: ({ spec }) => spec?.storageLocation, dropFirst: 4 },
  { header: "CREATED", cell: ({ status }) => status?.startTimestamp, wide: true },
  { header: "SCHEDULE", cell: ({ metadata }) => metadata.labels?.["velero.io/schedule-name"], wide: true },
  { header: "SELECTOR", cell: ({ spec }) => formatSelector(spec?.labelSelector) || "<none>", wide: true },
];
