import type { Changed, Compared, Comparison } from "../../archive/comparison.ts";
import type { FieldChange } from "../../archive/fields.ts";
import type { Backup } from "../../velero/types.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { cells, cutEnd, visible, wrapHard } from "../text.ts";
import { ageOf, counted, grouped } from "../units.ts";

interface Shown extends Comparison {
  readonly before: Backup;
  /** Undefined = the cluster as it is now. */
  readonly after: Backup | undefined;
  /** One object was asked for: its fields are shown. */
  readonly isOne: boolean;
}

/** Rows of a section before the rest is counted; -o wide shows all. */
const mostRows = 40;
/** Lines of a long text on either side. */
const mostLines = 12;

/** How a sentence names a side. */
export const sideName = (backup: Backup | undefined): string =>
  backup === undefined ? "the cluster" : `backup ${backup.metadata.name}`;

export function diffText(shown: Shown, screen: Screen): string {
  const { before, after, onlyBefore, onlyAfter, changed, isOne } = shown;
  return [
    headText(shown, screen),
    section(`Only in ${sideName(before)}`, objectColumns, onlyBefore, screen),
    section(`Only in ${sideName(after)}`, objectColumns, onlyAfter, screen),
    isOne
      ? changed.map((one) => fieldsText(one, shown, screen)).join("\n\n")
      : section("Different", changedColumns, changed, screen),
    footText(shown, screen),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The answer first, then which side is which. */
function headText({ before, after, onlyBefore, onlyAfter, changed, same }: Shown, screen: Screen): string {
  const count = onlyBefore.length + onlyAfter.length + changed.length;
  const names = `${sideName(before)} and ${sideName(after)}`;
  const ages = [before, after].filter((one) => one !== undefined).map((one) => ageOf(startOf(one), screen.now));
  const age = `${sideName(before)} was taken ${ages.join(" ago, the other ")} ago`;
  if (count === 0) {
    const answer = `No differences between ${names}: ${counted(same, "object")} compared`;
    return [answer, age].flatMap((line) => fitted(line, screen)).join("\n");
  }
  const parts = [
    [onlyBefore.length, after === undefined ? "only in the backup" : `only in ${before.metadata.name}`],
    [onlyAfter.length, after === undefined ? "only in the cluster" : `only in ${after.metadata.name}`],
    [changed.length, "different"],
    [same, "the same"],
  ] as const;
  const counts = parts.filter(([number]) => number > 0).map(([number, what]) => `${grouped(number)} ${what}`);
  return [
    ...fitted(`${counted(count, "difference")} between ${names}`, screen).map(screen.paint.strong),
    ...fitted(counts.join(", "), screen),
    ...fitted(age, screen),
  ].join("\n");
}

/** A line that breaks where the screen ends. */
const fitted = (text: string, { width, wide }: Screen, indent = ""): string[] => {
  const line = visible(text);
  // Only what is too long: breaking puts single spaces between words.
  if (wide || cells(line) + indent.length <= width) return [indent + line];
  return wrapHard(line, width - indent.length).map((part) => indent + part);
};

const startOf = ({ status, metadata }: Backup): string | undefined =>
  status?.startTimestamp ?? metadata.creationTimestamp;

const objectColumns: readonly Column<Compared>[] = [
  { header: "KIND", cell: ({ resource }) => resource, cut: "middle" },
  { header: "OBJECT", cell: objectName, cut: "middle" },
];

const changedColumns: readonly Column<Changed>[] = [
  { header: "KIND", cell: ({ resource }) => resource, cut: "middle" },
  { header: "OBJECT", cell: objectName, cut: "middle" },
  { header: "FIELDS", cell: ({ fields }, { wide }) => pathsText(fields, wide), cut: "end" },
];

function objectName({ namespace, name }: Compared): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The first field, and how many more; all of them where there is room. */
function pathsText(fields: readonly FieldChange[], all: boolean): string {
  const paths = fields.map(({ path }) => path);
  if (all || paths.length <= 1) return paths.join(", ");
  return `${paths[0]} and ${paths.length - 1} more`;
}

function section<Row extends Compared>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  screen: Screen,
): string {
  if (rows.length === 0) return "";
  const shown = screen.wide ? rows : rows.slice(0, mostRows);
  const left = rows.length - shown.length;
  const more = left === 0 ? "" : `\n… and ${grouped(left)} more (-o wide shows all)`;
  return `${fitted(title, screen).map(screen.paint.strong).join("\n")}\n${table(columns, shown, screen)}${more}`;
}

/** Each field, what it was on the one side and is on the other. */
function fieldsText(object: Changed, { before, after }: Shown, screen: Screen): string {
  const title = fitted(`${object.resource} ${objectName(object)}`, screen).map(screen.paint.strong);
  const legend = fitted(`- ${sideName(before)}    + ${sideName(after)}`, screen).map(screen.paint.dim);
  const lines = object.fields.flatMap((field) => fieldText(field, { before, after }, screen));
  return [...title, ...legend, ...lines].join("\n");
}

function fieldText(field: FieldChange, sides: Pick<Shown, "before" | "after">, screen: Screen): string[] {
  const { width, wide, paint } = screen;
  const room = wide ? Number.POSITIVE_INFINITY : width - 6;
  const path = visible(field.path);
  if (field.isMasked) {
    const only = (side: Backup | undefined) => `only in ${sideName(side)}`;
    const what =
      field.before === undefined ? only(sides.after) : field.after === undefined ? only(sides.before) : "different";
    return fitted(`${field.path}: ${what}, value not shown`, screen, "  ");
  }
  const { before, after } = trimmed(linesOf(field.before), linesOf(field.after));
  const short = `${path}: ${visible(before[0] ?? "")} -> ${visible(after[0] ?? "")}`;
  if (before.length === 1 && after.length === 1 && cells(short) <= room) return [`  ${short}`];
  const side = (sign: string, lines: readonly string[], colour: (text: string) => string) => [
    ...lines
      .slice(0, wide ? lines.length : mostLines)
      .map((line) => colour(`    ${sign} ${cutEnd(visible(line), room)}`)),
    ...(wide || lines.length <= mostLines ? [] : [`    ${sign} … ${counted(lines.length - mostLines, "more line")}`]),
  ];
  return [...fitted(field.path, screen, "  "), ...side("-", before, paint.bad), ...side("+", after, paint.good)];
}

/** A value as lines: a text as it stands, anything else as JSON; none for a field that is not there. */
function linesOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return value.includes("\n") ? value.split("\n") : [value === "" ? '""' : value];
  const compact = JSON.stringify(value);
  return compact.length <= 60 ? [compact] : JSON.stringify(value, undefined, 2).split("\n");
}

/** Long texts are shown where they differ: the lines that both begin and end with are left out. */
function trimmed(before: readonly string[], after: readonly string[]) {
  if (before.length <= 1 || after.length <= 1) return { before, after };
  const most = Math.min(before.length, after.length);
  let [start, end] = [0, 0];
  while (start < most && before[start] === after[start]) start += 1;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const middle = (lines: readonly string[]) => lines.slice(start, lines.length - end);
  return { before: middle(before), after: middle(after) };
}

function footText({ before, after, changed, onlyBefore, isOne, leftOut }: Shown, screen: Screen): string {
  const left = [
    [leftOut.owned, "made by a controller that is compared"],
    [leftOut.fleeting, "that come and go (events, leases, endpoints)"],
    [leftOut.outOfScope, "that the other side was not to hold"],
  ] as const;
  const counts = left.filter(([count]) => count > 0).map(([count, what]) => `${grouped(count)} ${what}`);
  const isHidden = leftOut.owned + leftOut.fleeting > 0;
  const out = counts.length === 0 ? "" : `Left out: ${counts.join("; ")}.${isHidden ? " --all compares these." : ""}`;
  const [one] = changed;
  const words = ["kubectl mkebackup diff", before.metadata.name, after?.metadata.name]
    .filter((word) => word !== undefined)
    .join(" ");
  const next =
    one !== undefined && !isOne
      ? [`next  ${words} ${one.resource}/${one.name}${one.namespace === undefined ? "" : ` -n ${one.namespace}`}`]
      : onlyBefore.length > 0 && after === undefined && !isOne
        ? [`next  kubectl mkebackup restore ${before.metadata.name} --dry-run=client`]
        : [];
  return [out === "" ? "" : fitted(out, screen).join("\n"), next.map(visible).join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}
