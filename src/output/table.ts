import Table from "cli-table3";
import { paintStatus, type Screen } from "./screen.ts";
import { cutEnd, cutMiddle, visible } from "./text.ts";

export interface Column<Row> {
  readonly header: string;
  cell(row: Row, screen: Screen): string | number | undefined;
  readonly align?: "right";
  /** Paints the cell as a status word. */
  readonly status?: true;
  /** Shown only with -o wide. */
  readonly wide?: true;
  /** Leaves first when the screen is narrow; the highest number goes first. Columns without it stay. */
  readonly dropFirst?: number;
  /** How a cell that does not fit is cut; only such columns shrink. */
  readonly cut?: "middle" | "end";
}

const gap = "   ";
/** A column that may be cut keeps this much while others can still go, and this much when none can. */
const [comfortable, narrowest] = [28, 12];

/** A table as kubectl draws it: upper-case headers, three spaces, no borders. Fits the screen's width unless it is wide. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  screen: Screen,
  options: { headers?: boolean } = {},
): string {
  const shown = columns.filter((column) => screen.wide || column.wide === undefined);
  const cells = new Map(
    shown.map((column) => [column, rows.map((row) => visible(String(column.cell(row, screen) ?? "-")))]),
  );
  const widthOf = (column: Column<Row>) =>
    (cells.get(column) ?? []).reduce(
      (most, cell) => Math.max(most, cell.length),
      options.headers === false ? 0 : column.header.length,
    );
  const { fitting, widths } = screen.wide
    ? { fitting: shown, widths: shown.map(widthOf) }
    : fit(shown, widthOf, screen.width);
  const cellAt = (column: Column<Row>, index: number, at: number): string => {
    const width = widths[index] ?? 0;
    const full = cells.get(column)?.[at] ?? "";
    const text = column.cut === "end" ? cutEnd(full, width) : cutMiddle(full, width);
    return column.status ? paintStatus(screen.paint, full, text) : text;
  };
  const lines = rows.map((_, at) => fitting.map((column, index) => cellAt(column, index, at)));
  const heads =
    options.headers === false ? [] : [fitting.map(({ header }, index) => cutEnd(header, widths[index] ?? 0))];
  const aligns = fitting.map(({ align }) => align ?? "left");
  return inBatches([...heads, ...lines])
    .map((batch) => draw(batch, widths, aligns))
    .join("\n");
}

/** cli-table3 compares every cell with every other: two thousand rows at once take a second, in batches some milliseconds. */
const batchSize = 32;

const inBatches = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / batchSize) }, (_, at) => all.slice(at * batchSize, (at + 1) * batchSize));

function draw(rows: readonly string[][], widths: readonly number[], aligns: readonly ("left" | "right")[]): string {
  const drawn = new Table({
    chars: noBorders,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colAligns: [...aligns],
    colWidths: [...widths],
  });
  drawn.push(...rows);
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.replace(/[ ]+((?:\x1b\[0m)?)$/, "$1"))
    .join("\n");
}

const noBorders = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
  ]
    .map((name) => [name, ""])
    .concat([["middle", gap]]),
);

/** Drops the least important columns, then shrinks those that may be cut, until the rest fits. */
function fit<Row>(columns: readonly Column<Row>[], widthOf: (column: Column<Row>) => number, available: number) {
  let fitting = [...columns];
  const widths = new Map(columns.map((column) => [column, widthOf(column)]));
  const total = () =>
    fitting.reduce((sum, column) => sum + (widths.get(column) ?? 0), gap.length * (fitting.length - 1));
  const shrinkable = () =>
    fitting
      .filter(({ cut }) => cut !== undefined)
      .reduce((sum, column) => sum + Math.max(0, (widths.get(column) ?? 0) - comfortable), 0);
  while (total() - shrinkable() > available) {
    const droppable = fitting.filter(({ dropFirst }) => dropFirst !== undefined);
    if (droppable.length === 0) break;
    const first = droppable.reduce((most, column) => ((column.dropFirst ?? 0) > (most.dropFirst ?? 0) ? column : most));
    fitting = fitting.filter((column) => column !== first);
  }
  for (;;) {
    const excess = total() - available;
    const widest = fitting
      .filter(({ cut }) => cut !== undefined)
      .sort((a, b) => (widths.get(b) ?? 0) - (widths.get(a) ?? 0))[0];
    if (excess <= 0 || widest === undefined || (widths.get(widest) ?? 0) <= narrowest) break;
    widths.set(widest, Math.max(narrowest, (widths.get(widest) ?? 0) - excess));
  }
  return { fitting, widths: fitting.map((column) => widths.get(column) ?? 0) };
}
