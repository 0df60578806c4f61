import type { Ending } from "../../archive/ending.ts";
import { volumeProgress } from "../../velero/follow.ts";
import { phaseOf } from "../../velero/phases.ts";
import type { Backup, Restore } from "../../velero/types.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { visible, wrap } from "../text.ts";
import { bytes, counted, durationBetween, expiry, grouped } from "../units.ts";
import { causeLines } from "./causes.ts";

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
  const lines = [...causeLines(errors, "", screen), ...causeLines(warnings, "warning: ", screen)];
  if (benign > 0)
    lines.push("", `${counted(benign, "warning")} about objects that every cluster makes itself: nothing to do.`);
  if (unread !== undefined && (object.status?.errors ?? 0) + (object.status?.warnings ?? 0) > 0) {
    lines.push("", ...wrap(`The warnings and errors could not be read: ${visible(unread)}`, screen.width));
  }
  return lines;
}
