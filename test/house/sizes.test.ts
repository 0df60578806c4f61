import assert from "node:assert/strict";
import { test } from "node:test";
import { read, sourceFiles } from "./sources.ts";

test("no file of src is over 250 lines", () => {
  const large = sourceFiles()
    .map((file) => [file, read(file).split("\n").length - 1] as const)
    .filter(([, lines]) => lines > 250);
  assert.deepEqual(large, []);
});

test("only the edge prints and sets the exit code", () => {
  const printing = sourceFiles().filter((file) => /\bconsole\.|process\.(stdout|stderr)\b/.test(read(file)));
  assert.deepEqual(printing, ["src/main.ts"]);
  const exiting = sourceFiles().filter((file) => /process\.exit/.test(read(file)));
  assert.deepEqual(exiting, ["src/main.ts"]);
});
