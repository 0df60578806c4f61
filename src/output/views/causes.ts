import type { Cause } from "../../archive/causes.ts";
import type { Screen } from "../screen.ts";
import { visible, wrapHard } from "../text.ts";
import { grouped } from "../units.ts";

/** More causes or places than this are counted, not listed: the rest is for -o json and the log. */
const [usualCauses, usualPlaces] = [8, 6];

/** `2 x  pod volume failed: …` and below it where. */
export function causeLines(causes: readonly Cause[], label: string, screen: Screen, everything = false): string[] {
  const [mostCauses, mostPlaces] = everything ? [causes.length, Number.POSITIVE_INFINITY] : [usualCauses, usualPlaces];
  const shown = causes.slice(0, mostCauses);
  const width = Math.max(...shown.map(({ count }) => grouped(count).length), 1);
  const indent = " ".repeat(width + 4);
  const lines = shown.flatMap(({ text, count, places }) => {
    const [first = "", ...rest] = wrapHard(`${label}${visible(text)}`, screen.width - indent.length);
    const listed = places.slice(0, mostPlaces).map(visible).join(", ");
    const more = places.length > mostPlaces ? ` and ${places.length - mostPlaces} more` : "";
    const where =
      listed === ""
        ? []
        : wrapHard(`${listed}${more}`, screen.width - indent.length).map((line) =>
            screen.paint.dim(`${indent}${line}`),
          );
    return ["", `${grouped(count).padStart(width)} x  ${first}`, ...rest.map((line) => `${indent}${line}`), ...where];
  });
  return causes.length > mostCauses ? [...lines, "", `… and ${causes.length - mostCauses} more causes`] : lines;
}
