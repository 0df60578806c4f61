import Table from "cli-table3";
import { cells, visible, wrapHard } from "./text.ts";

const gap = 3;
/** The last column keeps this much, however narrow the screen is. */
const narrowest = 12;

/** A table without headers whose last column takes the room that is left, over several lines where it has to: nothing is cut. For few rows. */
export function wrappedTable(rows: readonly (readonly string[])[], width: number): string {
  const shown = rows.map((row) => row.map(visible));
  const columns = Math.max(0, ...shown.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...shown.map((row) => cells(row[at] ?? ""))));
  const left = widths.slice(0, -1).reduce((sum, one) => sum + one + gap, 0);
  const room = Math.max(width - left, narrowest);
  const drawn = new Table({
    chars: noBorders,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colWidths: [...widths.slice(0, -1), room],
  });
  drawn.push(...shown.map((row) => row.with(-1, wrapHard(row.at(-1) ?? "", room).join("\n"))));
  return drawn.toString().replace(/ +$/gm, "");
}

const edges = ["top", "bottom", "left", "right", "mid"];
const noBorders = Object.fromEntries([
  ...edges.flatMap((edge) => ["", "-mid", "-left", "-right"].map((corner) => [`${edge}${corner}`, ""])),
  ["middle", " ".repeat(gap)],
]) as Record<string, string>;
