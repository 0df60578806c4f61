import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./sources.ts";

/** Runs the program and returns the files of this repository that it loaded. */
function loadedBy(...args: string[]): string[] {
  const recorder = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { if (url.startsWith("file:")) loaded.push(url); return next(url, context); } });
    process.on("exit", () => process.stderr.write("LOADED " + JSON.stringify(loaded)));
  `;
  const recording = `data:text/javascript,${encodeURIComponent(recorder)}`;
  const output = execFileSync(
    "sh",
    ["-c", `"$0" "$@" 2>&1 >/dev/null`, process.execPath, "--import", recording, join(root, "src/main.ts"), ...args],
    {
      encoding: "utf8",
    },
  );
  const list = JSON.parse(output.slice(output.indexOf("LOADED ") + 7)) as string[];
  return list
    .map((url) => url.slice(url.indexOf(root) + root.length + 1))
    .map(packageOrFile)
    .filter((name, at, all) => all.indexOf(name) === at)
    .toSorted();
}

const packageOrFile = (path: string): string => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;

test("--version loads nothing but the version", () => {
  assert.deepEqual(loadedBy("--version"), [
    "package.json",
    "src/core/failure.ts",
    "src/core/version.ts",
    "src/main.ts",
  ]);
});

test("--help loads the table of verbs and nothing heavy", () => {
  assert.deepEqual(loadedBy("--help"), [
    "fast-string-truncated-width",
    "fast-string-width",
    "package.json",
    "src/cli/global-flags.ts",
    "src/cli/help.ts",
    "src/commands/command.ts",
    "src/commands/index.ts",
    "src/core/failure.ts",
    "src/core/version.ts",
    "src/main.ts",
    "src/output/text.ts",
  ]);
});

test("the help of a verb loads yargs and that verb, and no package beside it", () => {
  const loaded = loadedBy("create", "--help");
  const packages = loaded.filter((name) => !name.startsWith("src/") && name !== "package.json");
  const ofYargs = ["ansi-styles", "cliui", "emoji-regex", "escalade", "get-caller-file", "get-east-asian-width"];
  const more = [
    "fast-string-truncated-width",
    "fast-string-width",
    "string-width",
    "strip-ansi",
    "ansi-regex",
    "wrap-ansi",
    "y18n",
    "yargs",
    "yargs-parser",
  ];
  assert.deepEqual(
    packages.filter((name) => ![...ofYargs, ...more].includes(name)),
    [],
  );
  assert.ok(loaded.includes("src/commands/create.ts") && !loaded.includes("src/commands/restore.ts"));
  assert.ok(!loaded.some((name) => name.startsWith("src/kube/")), "a help text connects to nothing");
});

test("TAB loads no package for a verb, and the kubeconfig's reader alone for a name", () => {
  const packages = (...args: string[]) =>
    loadedBy("__complete", ...args).filter(
      // The two that say how wide a text is are a few lines each.
      (name) => !name.startsWith("src/") && !/^(package\.json|fast-string-(truncated-)?width)$/.test(name),
    );
  assert.deepEqual(packages("re"), []);
  assert.deepEqual(packages("create", "--"), []);
  assert.deepEqual(packages("restore", "--kubeconfig", "/nowhere/config", ""), ["yaml"]);
});
