import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { read, root, sourceFiles } from "./sources.ts";

test("the top of the repository holds what a reader expects, and nothing else", () => {
  const folders = ["docs", "scripts", "src", "test"];
  const files = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "package-lock.json",
    "package.json",
    "plugin.yaml",
    "tsconfig.json",
  ];
  const made = ["dist", "node_modules"];
  const found = readdirSync(root).filter((name) => !name.startsWith(".") && !made.includes(name));
  assert.deepEqual(found.toSorted(), [...folders, ...files].toSorted());
});

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
