import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { startSandbox } from "../sandbox/sandbox.ts";
import { read, root, sourceFiles } from "./sources.ts";

interface Loaded {
  /** The packages, and the files of this repository. */
  readonly files: string[];
  /** Modules of Node that the program, or a package, asks for by name. */
  readonly builtIn: string[];
  /** Everything of Node that was loaded, by Node itself too. */
  readonly internals: string[];
}

/** Runs the program and returns what it loaded. */
async function load(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Loaded> {
  const recorder = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    process.on("exit", () => process.stderr.write("LOADED " + JSON.stringify([loaded, process.moduleLoadList])));
  `;
  const recording = `data:text/javascript,${encodeURIComponent(recorder)}`;
  const words = ["--import", recording, join(root, "src/main.ts"), ...args];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, words, { env: { ...process.env, ...env } }, (_error, _stdout, stderr) =>
      resolve(stderr),
    );
  });
  const [urls, internals] = JSON.parse(output.slice(output.indexOf("LOADED ") + 7)) as [string[], string[]];
  const once = (names: string[]) => [...new Set(names)].toSorted();
  return {
    files: once(
      urls
        .filter((url) => url.startsWith("file:"))
        .map((url) => packageOrFile(url.slice(url.indexOf(root) + root.length + 1))),
    ),
    builtIn: once(urls.filter((url) => url.startsWith("node:"))),
    internals,
  };
}

const loadedBy = async (...args: string[]): Promise<string[]> => (await load(args)).files;

const packageOrFile = (path: string): string => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;

test("--version loads nothing but the version", async () => {
  assert.deepEqual(await loadedBy("--version"), [
    "package.json",
    "src/core/failure.ts",
    "src/core/version.ts",
    "src/core/visible.ts",
    "src/main.ts",
  ]);
});

test("--help loads the table of verbs and nothing heavy", async () => {
  assert.deepEqual(await loadedBy("--help"), [
    "package.json",
    "src/cli/global-flags.ts",
    "src/cli/help.ts",
    "src/commands/command.ts",
    "src/commands/index.ts",
    "src/core/failure.ts",
    "src/core/version.ts",
    "src/core/visible.ts",
    "src/main.ts",
    "src/output/text.ts",
  ]);
});

test("the help of a verb loads yargs and that verb, and no package beside it", async () => {
  const loaded = await loadedBy("create", "--help");
  const packages = loaded.filter((name) => !name.startsWith("src/") && name !== "package.json");
  const ofYargs = ["ansi-styles", "cliui", "emoji-regex", "escalade", "get-caller-file", "get-east-asian-width"];
  const more = ["string-width", "strip-ansi", "ansi-regex", "wrap-ansi", "y18n", "yargs", "yargs-parser"];
  assert.deepEqual(
    packages.filter((name) => ![...ofYargs, ...more].includes(name)),
    [],
  );
  assert.ok(loaded.includes("src/commands/create.ts") && !loaded.includes("src/commands/restore.ts"));
  assert.ok(!loaded.some((name) => name.startsWith("src/kube/")), "a help text connects to nothing");
});

const packagesIn = (files: readonly string[]): string[] =>
  files.filter((name) => !name.startsWith("src/") && name !== "package.json");

test("TAB loads no package", async () => {
  for (const words of [["re"], ["create", "--"], ["restore", "--kubeconfig", "/nowhere/config", ""]])
    assert.deepEqual(packagesIn(await loadedBy("__complete", ...words)), []);
});

const ofWords = ["yargs", "yargs-parser"];
/** What yargs's helpers load beside its parser; the bundle leaves it out. */
const besideTheParser = new Set([
  ..."ansi-styles cliui emoji-regex escalade get-caller-file get-east-asian-width".split(" "),
  ..."string-width strip-ansi ansi-regex wrap-ansi y18n".split(" "),
]);

/** What each may load. Whatever joins these lists is paid for by everyone at every call. */
const ofNode = "assert fs https os path timers/promises tls url util".split(" ");
const closed = {
  list: {
    packages: ofWords,
    builtIn: ofNode,
  },
  status: {
    packages: ["croner", ...ofWords],
    builtIn: ["crypto", ...ofNode],
  },
};

for (const verb of ["list", "status"] as const) {
  test(`${verb} loads what it needs: no new package, no undici, none of the API client's classes`, async (t) => {
    const sandbox = await startSandbox({ backups: 2 });
    t.after(() => sandbox.stop());
    const { files, builtIn, internals } = await load([verb], { KUBECONFIG: sandbox.kubeconfig });
    assert.deepEqual(
      packagesIn(files).filter((name) => !besideTheParser.has(name)),
      closed[verb].packages,
    );
    assert.deepEqual(builtIn, closed[verb].builtIn.map((name) => `node:${name}`).toSorted());
    assert.deepEqual(
      internals.filter((name) => /undici|http2/.test(name)),
      [],
    );
  });
}

test("nothing compares by a locale: the first such comparison builds a collator, which takes longer than a request", () => {
  assert.deepEqual(
    sourceFiles().filter((file) => /\.localeCompare\(|Intl\.Collator/.test(read(file))),
    [],
  );
});
