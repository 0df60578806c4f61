import type { KubeObject } from "../../core/resource.ts";
import { phaseOf } from "../../velero/phases.ts";
import type { Column } from "../table.ts";
import { ageOf } from "../units.ts";

/** DeleteBackupRequests, DownloadRequests and ServerStatusRequests side by side. */
interface Request extends KubeObject {
  readonly spec?: { readonly backupName?: string; readonly target?: { readonly kind: string; readonly name: string } };
  readonly status?: { readonly phase?: string; readonly errors?: readonly string[] };
}

export const requestColumns: readonly Column<Request>[] = [
  { header: "NAME", cell: ({ metadata }) => metadata.name, cut: "middle" },
  { header: "KIND", cell: ({ kind }) => kind },
  {
    header: "ABOUT",
    cell: ({ spec }) => spec?.backupName ?? (spec?.target && `${spec.target.kind} ${spec.target.name}`),
    cut: "middle",
  },
  { header: "STATUS", cell: phaseOf, status: true },
  { header: "AGE", cell: ({ metadata }, { now }) => ageOf(metadata.creationTimestamp, now) },
  { header: "ERRORS", cell: ({ status }) => status?.errors?.join("; ") || "-", cut: "end", dropFirst: 1 },
];
