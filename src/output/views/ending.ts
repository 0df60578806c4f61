import type { Ending } from "../../archive/ending.ts";
import type { Cause } from "../../archive/results.ts";
import { volumeProgress } from "../../velero/follow.ts";
import { phaseOf } from "../../velero/phases.ts";
import type { Backup, Restore } from "../../velero/types.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { visible, wrap } from "../text.ts";
import { bytes, counted, durationBetween, expiry, grouped } from "../units.ts";

/** More causes or places than this are counted, not listed: the rest is for -o json and the log. */
const [mostCauses, mostPlaces] = [8, 6];

/** What the user reads when a run has ended: the answer first, then what explains it. */
export function endingText(ending: Ending, kind: "Backup" | "Restore", screen: Screen): string {
  const { object } = ending;
  const phase = phaseOf(object);
  const { startTimestamp: start, completionTimestamp: end, failureReason, validationErrors = [] } = object.status ?? {};
  const time =
    start === undefined ? "" : `${phase === "Completed" ? " in" : " after"} ${durationBetween(start, end, screen.now)}`;
  const head = `${kind} ${object.metadata.name} ${paintStatus(screen.paint, phase, visible(phase))}${time}`;
  const reasons = [...(failureReason === undefined ? [] : [failureReason]), ...validationErrors];
  const facts = phase === "FailedValidation" ? "" : `: ${factsOf(ending, kind).join(", ")}`;
  return [
    `${head}${facts}`,
    ...reasons.flatMap((reason) => wrap(visible(reason), screen.width - 2).map((line) => `  ${line}`)),
    ...(phase === "Completed" || phase === "PartiallyFailed" ? afterword(object, kind, screen) : []),
    ...causesText(ending, screen),
  ].join("\n");
}

function factsOf({ object, volumes }: Ending, kind: "Backup" | "Restore"): string[] {
  const progress = object.status?.progress as
    | { totalItems?: number; itemsBackedUp?: number; itemsRestored?: number }
    | undefined;
  const items = (kind === "Backup" ? progress?.itemsBackedUp : progress?.itemsRestored) ?? 0;
  const total = progress?.totalItems ?? items;
  const { warnings = 0, errors = 0 } = object.status ?? {};
  return [
    items === total ? counted(items, "item") : `${grouped(items)} of ${counted(total, "item")}`,
    ...(volumes === undefined || volumes.length === 0 ? [] : [volumesText(volumes)]),
    counted(warnings, "warning"),
    counted(errors, "error"),
  ];
}

function volumesText(volumes: NonNullable<Ending["volumes"]>): string {
  const { done, total, bytesDone } = volumeProgress(volumes);
  const count = done === total ? counted(total, "volume") : `${grouped(done)} of ${counted(total, "volume")}`;
  return bytesDone > 0 ? `${count} (${bytes(bytesDone)})` : count;
}

function afterword(object: Backup | Restore, kind: "Backup" | "Restore", screen: Screen): string[] {
  if (kind === "Restore") return [];
  const { status, spec } = object as Backup;
  return [
    `Expires in ${expiry(status?.expiration, screen.now)}, kept in location ${visible(spec?.storageLocation ?? "default")}.`,
  ];
}

function causesText({ errors, warnings, benign, unread, object }: Ending, screen: Screen): string[] {
  const lines = [...section(errors, "", screen), ...section(warnings, "warning: ", screen)];
  if (benign > 0)
    lines.push("", `${counted(benign, "warning")} about objects that every cluster makes itself: nothing to do.`);
  if (unread !== undefined && (object.status?.errors ?? 0) + (object.status?.warnings ?? 0) > 0) {
    lines.push("", ...wrap(`The warnings and errors could not be read: ${visible(unread)}`, screen.width));
  }
  return lines;
}

/** `2 x  pod volume failed: …` and below it where. */
function section(causes: readonly Cause[], label: string, screen: Screen): string[] {
  const shown = causes.slice(0, mostCauses);
  const width = Math.max(...shown.map(({ count }) => grouped(count).length), 1);
  const indent = " ".repeat(width + 4);
  const lines = shown.flatMap(({ text, count, places }) => {
    const [first = "", ...rest] = wrap(`${label}${visible(text)}`, screen.width - indent.length);
    const listed = places.slice(0, mostPlaces).map(visible).join(", ");
    const more = places.length > mostPlaces ? ` and ${places.length - mostPlaces} more` : "";
    const where =
      listed === ""
        ? []
        : wrap(`${listed}${more}`, screen.width - indent.length).map((line) => screen.paint.dim(`${indent}${line}`));
    return ["", `${grouped(count).padStart(width)} x  ${first}`, ...rest.map((line) => `${indent}${line}`), ...where];
  });
  return causes.length > mostCauses ? [...lines, "", `… and ${causes.length - mostCauses} more causes`] : lines;
}
