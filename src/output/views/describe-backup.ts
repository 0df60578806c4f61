import type { BackupDescription, Stored } from "../../archive/backup-description.ts";
import { isStranger } from "../../archive/run-files.ts";
import type { Section } from "../../core/section.ts";
import { isFinished, isUsable, phaseOf } from "../../velero/phases.ts";
import type { Backup, DeleteBackupRequest, Restore } from "../../velero/types.ts";
import { type FieldRow, fields } from "../fields.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { ageOf, bytes, counted, durationBetween, expiry, grouped, moment } from "../units.ts";
import { hooksText } from "./describe-hooks.ts";
import { operationsText } from "./describe-operations.ts";
import { blocks, headline, labelsText, nameColumn, nextLines, unreadText, type Wanted } from "./describe-parts.ts";
import { resourcesText } from "./describe-resources.ts";
import { resultsText } from "./describe-results.ts";
import { shortDuration, specRows } from "./describe-spec.ts";
import { volumesText } from "./describe-volumes.ts";

/** More restores than this are counted; --details lists them all. */
const usualRestores = 5;

export function backupDescriptionText(description: BackupDescription, wanted: Wanted, screen: Screen): string {
  const { object, volumes, results, operations, resources, restores, deletions } = description;
  const { status, spec = {}, metadata } = object;
  const { details } = wanted;
  const counts = {
    attempted: status?.backupItemOperationsAttempted,
    completed: status?.backupItemOperationsCompleted,
    failed: status?.backupItemOperationsFailed,
  };
  return blocks([
    head(object, screen),
    fields(whenAndWhere(description, screen), screen, nameColumn),
    fields(specRows(spec, details), screen, nameColumn),
    details ? labelsText(metadata, screen) : "",
    volumesText(volumes, details, screen),
    hooksText(spec.hooks, status?.hookStatus, screen),
    operationsText(counts, operations, details, screen),
    details ? resourcesText(resources, screen) : "",
    restoresText(restores, details, screen),
    deletionsText(deletions, screen),
    resultsText(results, volumes, details, screen),
    nextLines(nextFor(object, wanted.inNamespace)),
  ]);
}

function head(object: Backup, screen: Screen): string {
  const { status, metadata } = object;
  const phase = phaseOf(object);
  const { startTimestamp: start, completionTimestamp: end, failureReason, validationErrors = [] } = status ?? {};
  const took =
    start === undefined
      ? ""
      : `${phase === "Completed" ? " in" : end === undefined ? " for" : " after"} ${durationBetween(start, end, screen.now)}`;
  const position = status?.queuePosition ? `, number ${status.queuePosition} in the queue` : "";
  const facts = start === undefined ? position : `: ${factsOf(object).join(", ")}`;
  const reasons = [...(failureReason ? [failureReason] : []), ...validationErrors];
  return headline({ kind: "Backup", name: metadata.name, phase, rest: took + facts }, reasons, screen);
}

function factsOf({ status }: Backup): string[] {
  const { itemsBackedUp = 0, totalItems = itemsBackedUp } = status?.progress ?? {};
  return [
    itemsBackedUp === totalItems
      ? counted(totalItems, "item")
      : `${grouped(itemsBackedUp)} of ${counted(totalItems, "item")}`,
    counted(status?.warnings ?? 0, "warning"),
    counted(status?.errors ?? 0, "error"),
  ];
}

function whenAndWhere({ object, bucket, volumes }: BackupDescription, { now, paint }: Screen): FieldRow[] {
  const { status, spec, metadata } = object;
  const ago = (time: string | undefined) =>
    time === undefined ? undefined : `${moment(time)}, ${ageOf(time, now)} ago`;
  const expires = status?.expiration;
  const left =
    expires === undefined || Date.parse(expires) < now.getTime() ? expiry(expires, now) : `in ${expiry(expires, now)}`;
  const ttl = spec?.ttl ? ` (kept for ${shortDuration(spec.ttl)})` : "";
  const version = metadata.annotations?.["velero.io/source-cluster-k8s-gitversion"];
  const data = volumes.known.reduce((sum, volume) => sum + (volume.bytes ?? 0), 0);
  const lost = bucket?.state === "read" && bucket.value.files === 0 && isUsable(object);
  return [
    ["Created", ago(metadata.creationTimestamp)],
    ["Started", ago(status?.startTimestamp)],
    ["Completed", ago(status?.completionTimestamp)],
    ["Expires", expires === undefined ? undefined : `${moment(expires)}, ${left}${ttl}`],
    ["Schedule", metadata.labels?.["velero.io/schedule-name"]],
    ["Location", spec?.storageLocation || "default"],
    lost
      ? ["In the bucket", "nothing: its files are gone", paint.bad]
      : ["In the bucket", bucketText(object, bucket, data)],
    ["Cluster", version && `Kubernetes ${version}`],
    ["Format", status?.formatVersion],
  ];
}

function bucketText(object: Backup, bucket: Section<Stored> | undefined, data: number): string | undefined {
  const volumes = data === 0 ? "" : `, data of volumes ${bytes(data)}`;
  if (isStranger(object)) return "the files of an older backup of this name, which is not in the cluster's list";
  if (bucket === undefined) return data === 0 ? undefined : volumes.slice(2);
  if (bucket.state !== "read") return `size not known: ${bucket.reason}${volumes}`;
  if (bucket.value.files === 0) return `nothing${volumes}`;
  return `${bytes(bucket.value.bytes)} in ${counted(bucket.value.files, "file")}${volumes}`;
}

const restoreColumns: readonly Column<Restore>[] = [
  { header: "RESTORES", cell: ({ metadata }) => metadata.name, cut: "middle" },
  { header: "STATUS", cell: phaseOf, status: true },
  { header: "STARTED", cell: ({ status, metadata }) => moment(status?.startTimestamp ?? metadata.creationTimestamp) },
  { header: "WARN", cell: ({ status }) => status?.warnings ?? 0, align: "right", dropFirst: 1 },
  { header: "ERR", cell: ({ status }) => status?.errors ?? 0, align: "right" },
];

function restoresText(section: Section<readonly Restore[]>, details: boolean, screen: Screen): string {
  if (section.state !== "read") return unreadText("The restores made from it", section, screen);
  const began = ({ status, metadata }: Restore) =>
    Date.parse(status?.startTimestamp ?? metadata.creationTimestamp ?? "") || 0;
  const all = section.value.toSorted((a, b) => began(b) - began(a));
  if (all.length === 0) return "";
  const shown = details ? all : all.slice(0, usualRestores);
  const more = all.length - shown.length;
  return `${table(restoreColumns, shown, screen)}${more > 0 ? `\n… and ${more} more` : ""}`;
}

const deletionColumns: readonly Column<DeleteBackupRequest>[] = [
  { header: "DELETION ASKED FOR", cell: ({ metadata }) => moment(metadata.creationTimestamp) },
  { header: "STATUS", cell: phaseOf, status: true },
  { header: "ERRORS", cell: ({ status }) => status?.errors?.join("; ") || undefined, cut: "end" },
];

function deletionsText(section: Section<readonly DeleteBackupRequest[]>, screen: Screen): string {
  if (section.state !== "read") return unreadText("Requests to delete it", section, screen);
  return section.value.length === 0 ? "" : table(deletionColumns, section.value, screen);
}

function nextFor(object: Backup, inNamespace: string): string[] {
  const { name } = object.metadata;
  const own = (verb: string) => `${verb}${inNamespace}`;
  const phase = phaseOf(object);
  if (phase === "FailedValidation") return [own("list locations")];
  if (phase === "Deleting") return [own(`delete backup/${name}`)];
  if (!isFinished(object)) return [own(`wait backup/${name}`), own(`logs backup/${name} -f`)];
  if (phase === "Failed") return [own(`logs backup/${name}`), own("status")];
  // For `contents` -n is a namespace in the backup.
  const contents = inNamespace === "" ? [`contents ${name}`] : [];
  const look = [...contents, own(`restore ${name} --dry-run=client`)];
  return phase === "Completed" ? look : [own(`logs backup/${name} --level error`), ...look];
}
