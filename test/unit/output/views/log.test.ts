import assert from "node:assert/strict";
import { test } from "node:test";
import { readLogLine } from "../../../../src/archive/log-lines.ts";
import { colours, noColours, type Screen } from "../../../../src/output/screen.ts";
import { cells } from "../../../../src/output/text.ts";
import { logView } from "../../../../src/output/views/log.ts";

const screen = (given: Partial<Screen> = {}): Screen => ({
  width: 80,
  wide: false,
  paint: noColours,
  now: new Date(),
  ...given,
});
const show = (lines: readonly string[], given: Partial<Screen> = {}) => {
  const view = logView(screen(given));
  return lines.map((line) => view(readLogLine(line))).join("");
};

const backedUp =
  'time="2026-11-24T07:00:00Z" level=info msg="Backed up 1 items" backup=mke/b1 kind=Pod logSource="pkg/backup/backup.go:560" name=web-1 namespace=shop progress=';
const failed =
  'time="2026-11-24T23:59:59Z" level=error msg="Error backing up item" backup=mke/b1 error="the connection to the repository was lost while the volume of the pod was being read" name=web-1 namespace=shop resource=pods';
const nextDay = 'time="2026-11-25T01:00:00+01:00" level=warning msg="Slow" backup=mke/b1 namespace=shop';

test("time, level, message, and what it is about; a line for each day", () => {
  assert.equal(
    show([backedUp, failed, nextDay, "panic: no such thing", "\tgoroutine 1"]),
    `2026-11-24 UTC
07:00:00  info     Backed up 1 items  Pod shop/web-1
23:59:59  error    Error backing up item  pods shop/web-1  error: the connection to the repository was lost while the volume of the pod was being read
2026-11-25 UTC
00:00:00  warning  Slow  in shop
panic: no such thing
    goroutine 1
`,
  );
});

test("a terminal gets long lines broken at words below the message", () => {
  assert.equal(
    show([failed], { isTerminal: true }),
    `2026-11-24 UTC
23:59:59  error    Error backing up item pods shop/web-1
                   error: the connection to the repository was lost while the
                   volume of the pod was being read
`,
  );
  for (const width of [60, 80, 120])
    for (const line of show([backedUp, failed, nextDay], { isTerminal: true, width }).split("\n"))
      assert.ok(cells(line) <= width, line);
});

test("wide leaves nothing out", () => {
  const text = show([backedUp, failed], { wide: true, isTerminal: true });
  assert.match(
    text,
    /Backed up 1 items {2}Pod shop\/web-1 {2}kind=Pod logSource=pkg\/backup\/backup\.go:560 progress=\n/,
  );
  assert.equal(text.trimEnd().split("\n").length, 3);
});

test("colours repeat the level", () => {
  const text = show([backedUp, failed, nextDay], { paint: colours });
  assert.ok(
    text.includes(colours.bad("error  ")) && text.includes(colours.warn("warning")) && text.includes("  info     "),
  );
});

test("what steers a terminal is shown, not obeyed", () => {
  const text = show(['time="2026-11-24T07:00:00Z" level=info msg="\\x1b[2J\\u202e"', "raw \x1b[2J"]);
  assert.ok(!text.includes("\x1b") && text.includes("^[[2J<U+202E>"));
});

test("of a restored object the name it had", () => {
  const line =
    'time="2026-11-24T07:00:00Z" level=info msg="Executing item action" namespace=shop original name=login groupResource=secrets restore=mke/r1';
  assert.match(show([line]), /Executing item action {2}secrets shop\/login\n$/);
});
