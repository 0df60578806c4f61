import type { Cost } from "./measure.ts";
import type { FarRun } from "./round-trips.ts";

export interface Row {
  readonly what: string;
  readonly ours: Cost;
  readonly theirs: Cost;
}

const widths = [28, 9, 9, 7, 9, 9, 7, 7, 9, 7];

/** The two lines over the rows. */
export function heading(): string {
  const groups = [" ".repeat(28), "wall, ms", "processor, ms", "peak, MiB"];
  const [first = "", ...others] = groups.map((group, index) =>
    index === 0
      ? group
      : `  ${`── ${group} `.padEnd(widths.slice(3 * index - 2, 3 * index + 1).reduce((a, b) => a + b) - 2, "─")}`,
  );
  const columns = others.flatMap(() => ["ours", "velero", "ratio"]);
  return `${first}${others.join("")}\n${line(["", ...columns])}`;
}

/** One comparison; a ratio below 1 means that ours needs less. */
export function rowLine({ what, ours, theirs }: Row): string {
  const cells = (["wallMs", "cpuMs", "peakMiB"] as const).flatMap((field) => [
    ours[field].toFixed(0),
    theirs[field].toFixed(0),
    (ours[field] / theirs[field]).toFixed(2),
  ]);
  return line([what, ...cells]);
}

/** The line over the runs with a delay. */
export const farHeading = (delayMs: number): string =>
  `${`${delayMs} ms more for every request`.padEnd(widths[0] ?? 0)}  in sequence  requests  wall, ms`;

export const farLine = ({ what, inSequence, requests, wallMs }: FarRun): string =>
  [
    what.padEnd(widths[0] ?? 0),
    String(inSequence).padStart(13),
    String(requests).padStart(10),
    wallMs.toFixed(0).padStart(10),
  ].join("");

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
    .join("")
    .trimEnd();
