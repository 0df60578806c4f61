import { paintStatus, type Screen } from "./screen.ts";
import { cells, cutEnd, cutMiddle, visible } from "./text.ts";

/** How one column is drawn. */
export interface ColumnShape {
  readonly header: string;
  readonly align?: "right";
  /** Paints the cell as a status word. */
  readonly status?: true;
  /** Shown only with -o wide. */
  readonly wide?: true;
  /** Leaves first when the screen is narrow; the highest number goes first. Columns without it stay. */
  readonly dropFirst?: number;
  /** How a cell that does not fit is cut; other columns shrink only when these cannot any more. */
  readonly cut?: "middle" | "end";
}

export interface Column<Row> extends ColumnShape {
  cell(row: Row, screen: Screen): string | number | undefined;
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
  const drawn = rows.map((row) => cellsOf(columns, row, screen));
  return drawTable(columns, drawn, screen, options);
}

/** What a table shows of one object: a text for each column that this screen may show. The object is not needed any more. */
export const cellsOf = <Row>(columns: readonly Column<Row>[], row: Row, screen: Screen): string[] =>
  onScreen(columns, screen).map((column) => visible(String(column.cell(row, screen) ?? "-")));

/** Draws rows that cellsOf() made with the same columns and screen. */
export function drawTable(
  columns: readonly ColumnShape[],
  rows: readonly (readonly string[])[],
  screen: Screen,
  { headers = true }: { headers?: boolean } = {},
): string {
  const shown = onScreen(columns, screen);
  const full = shown.map((column, index) => {
    const widest = rows.reduce((most, row) => Math.max(most, cells(row[index] ?? "")), 0);
    return { column, index, width: Math.max(widest, headers ? column.header.length : 0) };
  });
  const placed = screen.wide ? full : fit(full, screen.width);
  const head = placed.map(({ column, width }) => pad(column, cutEnd(column.header, width), width));
  const lines = rows.map((row) => lineOf(placed.map((place) => drawCell(place, row[place.index] ?? "", screen))));
  return (headers ? [lineOf(head), ...lines] : lines).join("\n");
}

/** A column in its place: where its cells are in a row, and how wide it is. */
interface Placed {
  readonly column: ColumnShape;
  readonly index: number;
  readonly width: number;
}

const onScreen = <Shape extends ColumnShape>(columns: readonly Shape[], screen: Screen): readonly Shape[] =>
  screen.wide ? columns : columns.filter(({ wide }) => wide === undefined);

function drawCell({ column, width }: Placed, text: string, { paint }: Screen): string {
  const fits = (column.cut === "end" ? cutEnd : cutMiddle)(text, width).trimEnd();
  // The colour ends with the word, so that spaces at the end of a line can go.
  return pad(column, fits, width, column.status === undefined ? fits : paintStatus(paint, text, fits));
}

function pad({ align }: ColumnShape, text: string, width: number, painted = text): string {
  const spaces = " ".repeat(Math.max(width - cells(text), 0));
  return align === "right" ? spaces + painted : painted + spaces;
}

const lineOf = (parts: readonly string[]): string => parts.join(gap).replace(/ +$/, "");

/** Drops the least important columns, then shrinks those that may be cut, until the rest fits. */
function fit(columns: readonly Placed[], available: number): readonly Placed[] {
  let fitting = [...columns];
  const total = () => fitting.reduce((sum, { width }) => sum + width, gap.length * (fitting.length - 1));
  const shrinkable = () =>
    fitting
      .filter(({ column }) => column.cut !== undefined)
      .reduce((sum, { width }) => sum + Math.max(0, width - comfortable), 0);
  while (total() - shrinkable() > available) {
    const droppable = fitting.filter(({ column }) => column.dropFirst !== undefined);
    if (droppable.length === 0) break;
    const first = droppable.reduce((most, one) =>
      (one.column.dropFirst ?? 0) > (most.column.dropFirst ?? 0) ? one : most,
    );
    fitting = fitting.filter((one) => one !== first);
  }
  const shrink = (may: (place: Placed) => boolean) => {
    for (;;) {
      const excess = total() - available;
      const widest = fitting.filter(may).toSorted((a, b) => b.width - a.width)[0];
      if (excess <= 0 || widest === undefined || widest.width <= narrowest) return;
      const width = Math.max(narrowest, widest.width - excess);
      fitting = fitting.map((one) => (one === widest ? { ...one, width } : one));
    }
  };
  shrink(({ column }) => column.cut !== undefined);
  // A terminal that breaks the lines makes more unreadable than a word that is cut.
  shrink(() => true);
  return fitting;
}
