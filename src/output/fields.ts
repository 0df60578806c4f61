import type { Screen } from "./screen.ts";
import { cells, visible, wrapHard } from "./text.ts";

/** A name and what it is; one without a value is left out. */
export type FieldRow = readonly [name: string, value: string | undefined, paint?: (text: string) => string];

const gap = 3;

/** Names on the left, values on the right, over several lines where they have to. All names share one column. */
export function fields(rows: readonly FieldRow[], { width, wide }: Screen, column = 0): string {
  const shown = rows.filter(([, value]) => value !== undefined && value !== "");
  const left = Math.max(column, ...shown.map(([name]) => cells(name) + gap));
  return shown
    .map(([name, value = "", paint = (text: string) => text]) => {
      const text = visible(value);
      const lines = wide ? [text] : wrapHard(text, Math.max(width - left, 20));
      return lines.map((line, at) => `${(at === 0 ? name : "").padEnd(left)}${paint(line)}`).join("\n");
    })
    .join("\n");
}
