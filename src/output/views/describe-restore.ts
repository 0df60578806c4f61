import type { RestoreDescription } from "../../archive/restore-description.ts";
import { neverRestored } from "../../velero/never-restored.ts";
import { isFinished, phaseOf } from "../../velero/phases.ts";
import type { Restore, RestoreSpec } from "../../velero/types.ts";
import { type FieldRow, fields } from "../fields.ts";
import type { Screen } from "../screen.ts";
import { ageOf, counted, durationBetween, grouped, moment } from "../units.ts";
import { hooksText } from "./describe-hooks.ts";
import { operationsText } from "./describe-operations.ts";
import { blocks, headline, labelsText, nameColumn, nextLines, paragraph, type Wanted } from "./describe-parts.ts";
import { actionCounts, actionsText, resourcesText } from "./describe-resources.ts";
import { resultsText } from "./describe-results.ts";
import { chosen, selectors, shortDuration } from "./describe-spec.ts";
import { volumesText } from "./describe-volumes.ts";

export function restoreDescriptionText(description: RestoreDescription, wanted: Wanted, screen: Screen): string {
  const { object, volumes, results, operations, resources } = description;
  const { status, spec, metadata } = object;
  const { details } = wanted;
  const counts = {
    attempted: status?.restoreItemOperationsAttempted,
    completed: status?.restoreItemOperationsCompleted,
    failed: status?.restoreItemOperationsFailed,
  };
  return blocks([
    head(description, screen),
    fields(whenAndFrom(description, screen), screen, nameColumn),
    fields(choices(spec, details), screen, nameColumn),
    details ? labelsText(metadata, screen) : "",
    actionsText(resources, screen),
    conflicts(description, screen),
    details && resources?.state === "read" ? resourcesText(resources, screen) : "",
    volumesText(volumes, details, screen),
    hooksText(spec?.hooks, status?.hookStatus, screen),
    operationsText(counts, operations, details, screen),
    resultsText(results, volumes, details, screen),
    nextLines(nextFor(object, wanted.inNamespace)),
  ]);
}

function head({ object, resources }: RestoreDescription, screen: Screen): string {
  const { status, metadata } = object;
  const phase = phaseOf(object);
  const { startTimestamp: start, completionTimestamp: end, failureReason, validationErrors = [] } = status ?? {};
  const took =
    start === undefined
      ? ""
      : `${phase === "Completed" ? " in" : end === undefined ? " for" : " after"} ${durationBetween(start, end, screen.now)}`;
  const listed = resources?.state === "read" ? resources.value : [];
  const { itemsRestored = 0, totalItems = itemsRestored } = status?.progress ?? {};
  const items =
    listed.length > 0
      ? actionCounts(listed)
      : itemsRestored === totalItems
        ? counted(totalItems, "item")
        : `${grouped(itemsRestored)} of ${counted(totalItems, "item")}`;
  const facts = [items, counted(status?.warnings ?? 0, "warning"), counted(status?.errors ?? 0, "error")];
  const leaving = metadata.deletionTimestamp === undefined ? "" : " (being deleted)";
  const rest = `${leaving}${took}${start === undefined ? "" : `: ${facts.join(", ")}`}`;
  const reasons = [...(failureReason ? [failureReason] : []), ...validationErrors];
  return headline({ kind: "Restore", name: metadata.name, phase, rest }, reasons, screen);
}

function whenAndFrom({ object, backup }: RestoreDescription, { now, paint }: Screen): FieldRow[] {
  const { status, spec, metadata } = object;
  const ago = (time: string | undefined) =>
    time === undefined ? undefined : `${moment(time)}, ${ageOf(time, now)} ago`;
  const { itemsRestored, totalItems } = status?.progress ?? {};
  return [
    ["Created", ago(metadata.creationTimestamp)],
    ["Started", ago(status?.startTimestamp)],
    ["Completed", ago(status?.completionTimestamp)],
    [
      "Items",
      totalItems === undefined ? undefined : `${grouped(itemsRestored ?? 0)} of ${grouped(totalItems)} restored`,
    ],
    ["Schedule", spec?.scheduleName],
    backupRow(spec?.backupName ?? "", backup, now, paint.warn),
  ];
}

function backupRow(
  name: string,
  backup: RestoreDescription["backup"],
  now: Date,
  warn: (text: string) => string,
): FieldRow {
  if (backup.state === "missing") return ["Backup", `${name}, which is gone`, warn];
  if (backup.state === "unread") return ["Backup", `${name} (${backup.reason})`];
  const { status } = backup.value;
  const taken = status?.startTimestamp;
  const when = taken === undefined ? "" : `, taken ${moment(taken)}, ${ageOf(taken, now)} ago`;
  return ["Backup", `${name}, ${phaseOf(backup.value)}${when}`];
}

function choices(spec: RestoreSpec | undefined, details: boolean): FieldRow[] {
  const excluded = spec?.excludedResources ?? [];
  const told = details ? excluded : excluded.filter((name) => !neverRestored.has(name));
  const mapping = Object.entries(spec?.namespaceMapping ?? {}).map(([from, to]) => `${from} as ${to}`);
  const yesNo = (value: boolean | undefined, yes: string, no: string) =>
    value === undefined ? undefined : value ? yes : no;
  const restored = spec?.restoreStatus;
  return [
    ["Namespaces", chosen(spec?.includedNamespaces, spec?.excludedNamespaces)],
    ["Renamed", mapping.join(", ")],
    ["Resources", chosen(spec?.includedResources, told)],
    ["Cluster-wide", yesNo(spec?.includeClusterResources, "all", "none")],
    ["Selector", selectors(spec?.labelSelector, spec?.orLabelSelectors)],
    [
      "Existing",
      spec?.existingResourcePolicy === "update"
        ? "objects that exist are changed towards the backup (update)"
        : "objects that exist stay as they are (none)",
    ],
    ["Volumes", yesNo(spec?.restorePVs, "restored from snapshots", "not restored from snapshots")],
    ["Node ports", yesNo(spec?.preserveNodePorts, "kept", "assigned anew")],
    ["Status of", restored && chosen(restored.includedResources, restored.excludedResources)],
    ["Modifier", spec?.resourceModifier && `${spec.resourceModifier.kind} ${spec.resourceModifier.name}`],
    ["Uploader", uploader(spec?.uploaderConfig)],
    ["Timeout", spec?.itemOperationTimeout && `item operation ${shortDuration(spec.itemOperationTimeout)}`],
  ];
}

function uploader(config: RestoreSpec["uploaderConfig"]): string | undefined {
  const parts = [
    ...(config?.writeSparseFiles ? ["sparse files"] : []),
    ...(config?.parallelFilesDownload ? [`${config.parallelFilesDownload} files at once`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** Velero counts an object that exists and differs as failed, even where the restore completed. */
function conflicts({ object, resources }: RestoreDescription, screen: Screen): string {
  const failed = resources?.state === "read" && resources.value.some(({ action }) => action === "failed");
  if (!failed || (object.status?.errors ?? 0) > 0) return "";
  const sentence = "Without an error, failed means: it exists, differs from the backup's, and was left as it is.";
  return paragraph(sentence, screen).map(screen.paint.dim).join("\n");
}

function nextFor(object: Restore, inNamespace: string): string[] {
  const { metadata, spec } = object;
  const own = (verb: string) => `${verb}${inNamespace}`;
  const backup = spec?.backupName ?? "";
  const phase = phaseOf(object);
  const again = backup === "" ? [] : [own(`describe backup/${backup}`)];
  if (phase === "FailedValidation") return again;
  if (!isFinished(object)) return [own(`wait restore/${metadata.name}`), own(`logs restore/${metadata.name} -f`)];
  if (phase === "Completed") return [own(`logs restore/${metadata.name}`), ...again];
  return [own(`logs restore/${metadata.name} --level error`), ...again];
}
