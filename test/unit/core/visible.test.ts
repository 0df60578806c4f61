import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import { visibleLines, visiblePainted } from "../../../src/core/visible.ts";

test("line breaks stay", () => assert.equal(visibleLines("a\n\x1b[31mb\tc"), "a\n^[[31mb^Ic"));

test("line breaks and colours of this program stay, whatever else steers a terminal is shown", () => {
  assert.equal(visiblePainted("\x1b[33mbeware\x1b[0m\nsecond\tline"), "\x1b[33mbeware\x1b[0m\nsecond^Iline");
  assert.equal(visiblePainted("\x1b[8mhidden \x1b[2J \x9b31m \x1b]0;t\x07"), "^[[8mhidden ^[[2J ^[31m ^[]0;t^G");
});

test("a failure shows what the cluster put into it, and a program reads it as it was", () => {
  const failure = new Failure("failed", "no space \x1b[2J", { next: ["list \x1b]0;t\x07"] });
  assert.equal(failure.sentence, "error: no space ^[[2J");
  assert.equal(failure.message, "no space \x1b[2J");
  assert.deepEqual(failure.next, ["list ^[]0;t^G"]);
});
