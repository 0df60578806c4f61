import type { Volumes } from "../../archive/backup-description.ts";
import { placeOf, skippedVolumes } from "../../archive/failed-volumes.ts";
import type { Volume } from "../../archive/volume-infos.ts";
import { type FieldRow, fields } from "../fields.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { bytes, counted, durationBetween, moment } from "../units.ts";
import { causeLines } from "./causes.ts";
import { blocks, nameColumn, paragraph, unreadLines } from "./describe-parts.ts";

/** More volumes than this are counted; --details lists them all. */
const usually = 20;

const columns: readonly Column<Volume>[] = [
  { header: "VOLUMES", cell: placeOf, cut: "middle" },
  { header: "METHOD", cell: methodOf, dropFirst: 2 },
  { header: "SIZE", cell: ({ bytes: size }) => (size === undefined ? undefined : bytes(size)), align: "right" },
  { header: "DURATION", cell: ({ started, completed }) => durationBetween(started, completed), dropFirst: 1 },
  { header: "RESULT", cell: resultOf, status: true },
  { header: "NODE", cell: ({ node }) => node, wide: true },
  { header: "SNAPSHOT", cell: ({ snapshot }) => snapshot, wide: true },
];

function methodOf({ method, dataMoved }: Volume): string | undefined {
  return method !== undefined && dataMoved ? `${method}, moved` : method;
}

function resultOf({ skipped, phase, bytes: total = 0, bytesDone = 0 }: Volume): string | undefined {
  if (skipped) return "Skipped";
  return phase === "InProgress" && total > 0 ? `${phase} ${Math.floor((100 * bytesDone) / total)}%` : phase;
}

/** A table of the volumes; below it why some were skipped, and why there may be more. */
export function volumesText({ known, unread }: Volumes, details: boolean, screen: Screen): string {
  const shown = details ? known : bySeverity(known).slice(0, usually);
  const more = known.length - shown.length;
  return blocks([
    [
      ...(shown.length === 0 ? [] : [table(columns, shown, screen)]),
      ...(more > 0 ? [`… and ${counted(more, "more volume")}: --details lists all`] : []),
      ...causeLines(skippedVolumes(known), "", screen, details),
    ].join("\n"),
    details ? shown.map((volume) => oneVolume(volume, screen)).join("\n\n") : "",
    ...unread.map((reason) => unreadLines("Volumes", reason, screen)),
  ]);
}

/** Those that failed first, then those under way. */
const rank = ({ phase, skipped }: Volume): number =>
  phase === "Failed" || phase === "Canceled" ? 0 : skipped ? 2 : phase === "Completed" ? 3 : 1;
const bySeverity = (volumes: readonly Volume[]): Volume[] => volumes.toSorted((a, b) => rank(a) - rank(b));

function oneVolume(volume: Volume, screen: Screen): string {
  const { claim, incrementalBytes, bytesDone } = volume;
  const size = (count: number | undefined) => (count === undefined ? undefined : `${bytes(count)} (${count} bytes)`);
  const rows: readonly FieldRow[] = [
    ["  Method", methodOf(volume)],
    ["  Result", resultOf(volume)],
    ["  Skipped", volume.skippedReason],
    ["  Message", volume.message],
    ["  Claim", claim && `${claim.namespace}/${claim.name}`],
    ["  Volume", volume.persistentVolume],
    ["  Size", size(volume.bytes)],
    ["  Moved", size(incrementalBytes ?? (volume.phase === "InProgress" ? bytesDone : undefined))],
    ["  Started", volume.started && moment(volume.started)],
    ["  Completed", volume.completed && moment(volume.completed)],
    ["  Snapshot", volume.snapshot],
    ["  Content", volume.snapshotContent],
    ["  Driver", volume.driver],
    ["  Type", volume.volumeType],
    ["  Zone", volume.zone],
    ["  IOPS", volume.iops],
    ["  Mover", volume.dataMover],
    ["  Uploader", volume.uploader],
    ["  Node", volume.node],
    ["  Operation", volume.operation],
    ["  Reclaim", volume.reclaimPolicy],
    ["  Object", volume.object],
  ];
  return [...paragraph(placeOf(volume), screen), fields(rows, screen, nameColumn)].join("\n");
}
