import { phaseOf } from "../../velero/phases.ts";
import { bucketPath, unavailableReason } from "../../velero/storage-location.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import type { Column } from "../table.ts";
import { ageOf } from "../units.ts";

export const locationColumns: readonly Column<BackupStorageLocation>[] = [
  { header: "NAME", cell: ({ metadata }) => metadata.name, cut: "middle" },
  { header: "STATUS", cell: phaseOf, status: true },
  { header: "PROVIDER", cell: ({ spec }) => spec?.provider, dropFirst: 3 },
  { header: "BUCKET/PREFIX", cell: bucketPath, cut: "middle" },
  { header: "CHECKED", cell: ({ status }, { now }) => ageOf(status?.lastValidationTime, now), dropFirst: 1 },
  { header: "ACCESS", cell: ({ spec }) => spec?.accessMode || "ReadWrite", dropFirst: 2 },
  { header: "DEFAULT", cell: ({ spec }) => (spec?.default ? "true" : "") },
  { header: "AGE", cell: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now), wide: true },
  { header: "MESSAGE", cell: (location) => (location.status?.message ? unavailableReason(location) : "-"), wide: true },
];
