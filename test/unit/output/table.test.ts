import assert from "node:assert/strict";
import { test } from "node:test";
import { colours, noColours, type Screen } from "../../../src/output/screen.ts";
import { type Column, cellsOf, drawTable, table } from "../../../src/output/table.ts";
import { cells } from "../../../src/output/text.ts";

interface Row {
  readonly name: string;
  readonly phase?: string;
  readonly count?: number;
  readonly note?: string;
}

const columns: readonly Column<Row>[] = [
  { header: "NAME", cell: ({ name }) => name, cut: "middle" },
  { header: "STATUS", cell: ({ phase }) => phase, status: true },
  { header: "COUNT", cell: ({ count }) => count, align: "right", dropFirst: 1 },
  { header: "NOTE", cell: ({ note }) => note, cut: "end", dropFirst: 2 },
  { header: "EXTRA", cell: ({ name }) => `extra of ${name}`, wide: true },
];
const screen = (width: number, change: Partial<Screen> = {}): Screen => ({
  width,
  wide: false,
  paint: noColours,
  now: new Date(0),
  ...change,
});
const rows: readonly Row[] = [
  { name: "first", phase: "Completed", count: 7, note: "short" },
  { name: "the-second-one", phase: "Failed", count: 1204 },
];
const headersOf = (text: string) => text.split("\n")[0]?.split(/ {3,}/);

test("a table has upper-case headers, three spaces between columns, numbers to the right, and dashes", () => {
  assert.equal(
    table(columns, rows, screen(80)),
    [
      "NAME             STATUS      COUNT   NOTE",
      "first            Completed       7   short",
      "the-second-one   Failed       1204   -",
    ].join("\n"),
  );
});

test("lines do not end with spaces", () => {
  assert.doesNotMatch(table(columns, rows, screen(80)), / $/m);
});

test("a wide table shows every column and cuts nothing, whatever the width", () => {
  const long = [{ name: "n".repeat(100), note: "x".repeat(100) }];
  const text = table(columns, long, screen(40, { wide: true }));
  assert.deepEqual(headersOf(text), ["NAME", "STATUS", "COUNT", "NOTE", "EXTRA"]);
  assert.ok(text.includes("n".repeat(100)) && text.includes("x".repeat(100)));
});

const dropping: [width: number, headers: string[]][] = [
  [42, ["NAME", "STATUS", "COUNT", "NOTE"]],
  [41, ["NAME", "STATUS", "COUNT"]],
  [34, ["NAME", "STATUS", "COUNT"]],
  [33, ["NAME", "STATUS"]],
  [26, ["NAME", "STATUS"]],
];
for (const [width, headers] of dropping) {
  test(`in ${width} columns stay ${headers.join(", ")}: the highest dropFirst goes first`, () => {
    const text = table(columns, rows, screen(width));
    assert.deepEqual(headersOf(text), headers);
    assert.ok(Math.max(...text.split("\n").map((line) => line.length)) <= width);
  });
}

test("a long name is cut in the middle before a column is dropped", () => {
  const long = [
    { name: `backup-of-the-whole-cluster-before-the-upgrade-${"x".repeat(20)}`, phase: "Completed", count: 1 },
  ];
  const [head, line = ""] = table(columns, long, screen(80)).split("\n");
  assert.deepEqual(headersOf(head ?? ""), ["NAME", "STATUS", "COUNT", "NOTE"]);
  assert.match(line, /^backup-of-the[\w-]+…[\w-]+x{20} {3}Completed/);
  assert.equal(line.length <= 80, true);
});

test("on a very narrow screen a name keeps twelve columns", () => {
  const [, line] = table(columns, [{ name: "n".repeat(50), phase: "Completed" }], screen(10)).split("\n");
  assert.equal(line, `nnnnnn…nnnnn   Completed`);
});

test("a sentence loses its end, not its middle", () => {
  const note = "no such host: the location cannot be reached at all, whatever is tried there";
  const [, line = ""] = table(columns, [{ name: "a", phase: "Failed", count: 1, note }], screen(70)).split("\n");
  assert.match(line, /no such host: .*…$/);
  assert.equal(line.length, 70);
});

test("without headers a column is as wide as its cells", () => {
  assert.equal(table(columns, rows.slice(0, 1), screen(80), { headers: false }), "first   Completed   7   short");
});

test("colours do not move the columns", () => {
  const painted = table(columns, rows, screen(80, { paint: colours }));
  assert.match(painted, /\x1b\[32mCompleted/);
  assert.match(painted, /\x1b\[31mFailed/);
  assert.equal(painted.replace(/\x1b\[\d+m/g, ""), table(columns, rows, screen(80)));
});

test("a coloured status in the last column ends its line too", () => {
  const own: Column<Row>[] = [{ header: "LONG HEADER", cell: ({ phase }) => phase, status: true }];
  assert.doesNotMatch(table(own, rows, screen(80, { paint: colours })), / (\x1b\[0m)?$/m);
});

test("control characters of the cluster are shown, and one cell is one line", () => {
  const text = table(columns, [{ name: "a\x1b[2Jb\nc", phase: "Completed" }], screen(80));
  assert.match(text, /a\^\[\[2Jb c/);
  assert.equal(text.split("\n").length, 2);
});

test("many rows keep the columns of all of them aligned", () => {
  const many = Array.from({ length: 100 }, (_, at) => ({
    name: at === 99 ? "the-longest-of-all" : `b${at}`,
    phase: "New",
  }));
  const lines = table(columns, many, screen(80)).split("\n");
  assert.equal(lines.length, 101);
  assert.equal(new Set(lines.slice(1).map((line) => line.indexOf("New"))).size, 1);
});

test("a zero is a number, not a dash", () => {
  assert.match(table(columns, [{ name: "a", phase: "New", count: 0 }], screen(80)), /New +0 /);
});

test("columns stay straight beside wide characters, accents and emoji", () => {
  const names = ["日本のバックアップ", "nightly", "e\u0301t\u00e9", "👨‍👩‍👧 family", "한글".normalize("NFD")];
  const lines = table(
    columns,
    names.map((name, count) => ({ name, count, phase: "Completed" })),
    screen(80),
  ).split("\n");
  const starts = lines.slice(1).map((line) => cells(line.slice(0, line.indexOf("Completed"))));
  assert.deepEqual(starts, [21, 21, 21, 21, 21]);
});

test("a table of wide characters fits the screen, too", () => {
  const wide: Row = { name: "备份".repeat(30), phase: "Failed", count: 1, note: "磁盘空间不足".repeat(9) };
  for (const width of [40, 80, 120]) {
    const lines = table(columns, [wide, ...rows], screen(width)).split("\n");
    assert.ok(Math.max(...lines.map(cells)) <= width, `${width}`);
  }
});

test("where nothing else can go, a column that is not to be cut loses its end before the terminal breaks the lines", () => {
  const phase = "WaitingForPluginOperationsPartiallyFailed-And-Something-More";
  const lines = table(columns, [{ name: "first", phase }], screen(60)).split("\n");
  assert.ok(Math.max(...lines.map(cells)) <= 60);
  assert.match(lines[1] ?? "", /^first +Waiting\S+…\S+$/);
});

test("rows that were reduced to their cells one by one are drawn as the same table", () => {
  for (const wide of [false, true]) {
    const here = screen(80, { wide });
    const reduced = rows.map((row) => cellsOf(columns, row, here));
    assert.equal(drawTable(columns, reduced, here), table(columns, rows, here));
  }
});

test("ten thousand rows are drawn while one waits", () => {
  const many = Array.from({ length: 10_000 }, (_, at) => ({ name: `nightly-${at}`, phase: "Completed", count: at }));
  const start = performance.now();
  table(columns, many, screen(80));
  // A tenth of it is usual; drawing that grows with the square of the rows takes many seconds.
  assert.ok(performance.now() - start < 1000);
});
