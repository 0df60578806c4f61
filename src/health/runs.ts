import type { KubeObject } from "../core/resource.ts";
import { isFinished, phaseOf } from "../velero/phases.ts";
import type { Backup, Restore } from "../velero/types.ts";
import { dateOf, latest } from "./workload.ts";

/** A backup or restore on its way. */
export type Run =
  | { readonly kind: "Backup"; readonly object: Backup }
  | { readonly kind: "Restore"; readonly object: Restore };

/** backup/NAME: how commands name it. */
export const runKey = ({ kind, object }: Run): string => `${kind.toLowerCase()}/${object.metadata.name}`;

export const startOf = ({ metadata, status }: Backup | Restore): number =>
  Date.parse(status?.startTimestamp ?? metadata.creationTimestamp ?? "") || 0;

const isUnfinished = (object: Backup | Restore): boolean =>
  !isFinished(object) && phaseOf(object) !== "Deleting" && object.metadata.deletionTimestamp === undefined;

/** Oldest first: what the server works on stands before what waits for it. */
export const unfinishedRuns = (backups: readonly Backup[], restores: readonly Restore[]): Run[] =>
  [
    ...backups.filter(isUnfinished).map((object): Run => ({ kind: "Backup", object })),
    ...restores.filter(isUnfinished).map((object): Run => ({ kind: "Restore", object })),
  ].toSorted((a, b) => startOf(a.object) - startOf(b.object));

export const finishedNewestFirst = <T extends Backup | Restore>(objects: readonly T[]): T[] =>
  objects.filter((object) => isFinished(object)).toSorted((a, b) => startOf(b) - startOf(a));

/** When the server last wrote to any of these objects, by the field managers' own records; undefined without such. */
export const lastWrite = (objects: readonly KubeObject[]): Date | undefined =>
  latest(objects.flatMap(({ metadata }) => (metadata.managedFields ?? []).map((entry) => dateOf(timeOf(entry)))));

const timeOf = (entry: unknown): string | undefined =>
  typeof entry === "object" && entry !== null && "time" in entry && typeof entry.time === "string"
    ? entry.time
    : undefined;
