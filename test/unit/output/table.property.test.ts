import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { colours, noColours, type Screen } from "../../../src/output/screen.ts";
import { type Column, table } from "../../../src/output/table.ts";
import { cells } from "../../../src/output/text.ts";
import { anyText, graphemes, unprintable } from "./texts.ts";

type Row = readonly (string | number | undefined)[];

const phase = fc.constantFrom("Completed", "Failed", "PartiallyFailed", "InProgress", undefined);
const row: fc.Arbitrary<Row> = fc.tuple(anyText, phase, fc.option(fc.nat(), { nil: undefined }), anyText);
const columns: readonly Column<Row>[] = [
  { header: "NAME", cell: ([name]) => name, cut: "middle" },
  { header: "STATUS", cell: (cellsOfRow) => cellsOfRow[1], status: true },
  { header: "COUNT", cell: (cellsOfRow) => cellsOfRow[2], align: "right", dropFirst: 1 },
  { header: "NOTE", cell: (cellsOfRow) => cellsOfRow[3], cut: "end", dropFirst: 2 },
  { header: "MORE", cell: ([name]) => name, wide: true },
];
const rows = fc.array(row, { minLength: 1, maxLength: 6 });
const screen = fc
  .record({ width: fc.integer({ min: 50, max: 140 }), wide: fc.boolean() })
  .map((chosen): Screen => ({ ...chosen, paint: noColours, now: new Date(0) }));

test("whatever the cells hold: one line a row, none wider than the screen, nothing a terminal obeys, no blanks at the end", () => {
  fc.assert(
    fc.property(rows, screen, (given, here) => {
      const lines = table(columns, given, here).split("\n");
      assert.equal(lines.length, given.length + 1);
      for (const line of lines) {
        assert.doesNotMatch(line, unprintable);
        assert.doesNotMatch(line, / $/);
        if (!here.wide) assert.ok(cells(line) <= here.width, `${cells(line)} > ${here.width}: ${line}`);
      }
    }),
  );
});

test("each column begins in the same cell of every line", () => {
  fc.assert(
    fc.property(rows, screen, (given, here) => {
      const [head = "", ...lines] = table(columns, given, here).split("\n");
      const start = head.indexOf("STATUS");
      for (const [at, line] of lines.entries()) {
        const word = String(given[at]?.[1] ?? "-");
        assert.equal(fromCell(line, start).slice(0, word.length), word);
        assert.equal(fromCell(line, start - 3).slice(0, 3), "   ");
      }
    }),
  );
});

test("colours change nothing but colours", () => {
  fc.assert(
    fc.property(rows, screen, (given, here) => {
      const painted = table(columns, given, { ...here, paint: colours });
      assert.equal(painted.replace(/\x1b\[\d+m/g, ""), table(columns, given, here));
    }),
  );
});

/** The part of a line from a cell of the terminal on. */
function fromCell(line: string, cell: number): string {
  let passed = 0;
  const characters = graphemes(line);
  const at = characters.findIndex((character) => {
    passed += cells(character);
    return passed > cell;
  });
  return characters.slice(at).join("");
}
