import { phaseOf } from "../../velero/phases.ts";
import type { ScheduleDescription } from "../../velero/schedule-description.ts";
import type { Backup } from "../../velero/types.ts";
import { type FieldRow, fields } from "../fields.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { age, ageOf, counted, durationBetween, moment } from "../units.ts";
import { hooksText } from "./describe-hooks.ts";
import { blocks, headline, mapRows, nameColumn, nextLines, unreadText, type Wanted } from "./describe-parts.ts";
import { shortDuration, specRows } from "./describe-spec.ts";

/** More backups than this are counted; --details lists them all. */
const usually = 10;

export function scheduleDescriptionText(description: ScheduleDescription, wanted: Wanted, screen: Screen): string {
  const { object, next, backups } = description;
  const { spec, status, metadata } = object;
  const { details, inNamespace } = wanted;
  const phase = spec?.paused ? "Paused" : phaseOf(object);
  const made = backups.state === "read" ? backups.value : [];
  const template = spec?.template ?? {};
  const labels = details
    ? [
        ...mapRows("Labels", metadata.labels),
        ...mapRows("Annotations", metadata.annotations),
        ...mapRows("Label backups", template.metadata?.labels),
      ]
    : [];
  return blocks([
    headline(
      { kind: "Schedule", name: metadata.name, phase, rest: `: ${spec?.schedule ?? "-"}${nextText(next, screen)}` },
      status?.validationErrors ?? [],
      screen,
    ),
    fields(times(description, screen), screen, nameColumn),
    fields(
      [
        ["Location", template.storageLocation || "the default one"],
        ["Kept for", template.ttl ? shortDuration(template.ttl) : "as long as the server's default says"],
        ...specRows(template, details),
      ],
      screen,
      nameColumn,
    ),
    labels.length === 0 ? "" : fields(labels, screen, nameColumn),
    hooksText(template.hooks, undefined, screen),
    backupsText(made, details, screen),
    unreadText("Its backups", backups, screen),
    nextLines([
      ...(made[0] === undefined ? [] : [`describe backup/${made[0].metadata.name}${inNamespace}`]),
      `list backups --schedule ${metadata.name}${inNamespace}`,
    ]),
  ]);
}

function nextText(next: Date | undefined, { now }: Screen): string {
  if (next === undefined) return "";
  const left = next.getTime() - now.getTime();
  return left >= 0 ? `, next in ${age(left)}` : `, overdue since ${age(-left)}`;
}

function times({ object, next, backups }: ScheduleDescription, { now }: Screen): FieldRow[] {
  const { spec, status, metadata } = object;
  const ago = (time: string | undefined) =>
    time === undefined ? undefined : `${moment(time)}, ${ageOf(time, now)} ago`;
  const none = spec?.paused ? "none while it is paused" : "none";
  return [
    ["Created", ago(metadata.creationTimestamp)],
    ["Next run", next === undefined ? none : moment(next.toISOString())],
    ["Last backup", ago(status?.lastBackup) ?? "none yet"],
    ["Last skipped", ago(status?.lastSkipped)],
    ["Backups", backups.state === "read" ? counted(backups.value.length, "backup") : undefined],
    ["Owner", spec?.useOwnerReferencesInBackup ? "its backups go when it is deleted" : undefined],
    ["First run", spec?.skipImmediately ? "not at once when it is made or unpaused" : undefined],
  ];
}

const columns: readonly Column<Backup>[] = [
  { header: "LAST BACKUPS", cell: ({ metadata }) => metadata.name, cut: "middle" },
  { header: "STATUS", cell: phaseOf, status: true },
  { header: "STARTED", cell: ({ status, metadata }) => moment(status?.startTimestamp ?? metadata.creationTimestamp) },
  {
    header: "DURATION",
    cell: ({ status }) => durationBetween(status?.startTimestamp, status?.completionTimestamp),
    dropFirst: 1,
  },
  { header: "ERR", cell: ({ status }) => status?.errors ?? 0, align: "right", dropFirst: 2 },
];

function backupsText(made: readonly Backup[], details: boolean, screen: Screen): string {
  if (made.length === 0) return "";
  const shown = details ? made : made.slice(0, usually);
  const more = made.length - shown.length;
  return `${table(columns, shown, screen)}${more > 0 ? `\n… and ${more} more` : ""}`;
}
