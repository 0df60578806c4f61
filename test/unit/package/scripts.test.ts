import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Script } from "node:vm";
import { scriptsOf } from "../../../scripts/package/scripts.ts";

/** Lays the chunks out as the build does, and makes scripts of them. */
async function scripts(t: TestContext, chunks: Record<string, string>): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "mkebackup-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(chunks)) writeFileSync(join(folder, name), text);
  return scriptsOf(folder);
}

/** Loads a module the way the packed program does; Node's own modules are this process's. */
function load(all: ReadonlyMap<string, string>, name: string): Record<string, unknown> {
  const module = { exports: {} as Record<string, unknown> };
  const requireModule = (wanted: string) =>
    wanted.startsWith("./") ? load(all, wanted) : process.getBuiltinModule(wanted);
  new Script(all.get(name) ?? "").runInThisContext()(module.exports, requireModule, module);
  return module.exports;
}

test("chunks find each other and Node's modules, at once and late", async (t) => {
  const all = await scripts(t, {
    "main.js": `#!/usr/bin/env node
      import { join } from "node:path";
      import { word } from "./chunk-A.js";
      export const now = join("a", word);
      export const later = async () => (await import("./late-B.js")).answer;`,
    "chunk-A.js": `export const word = "b";`,
    "late-B.js": `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
      const path = require("node:path");
      export const answer = path.basename("/x/y");`,
    "package.json": "{}",
  });
  assert.deepEqual([...all.keys()], ["./chunk-A.js", "./late-B.js", "./main.js"]);
  const { now, later } = load(all, "./main.js") as { now: string; later(): Promise<string> };
  assert.equal(now, join("a", "b"));
  assert.equal(await later(), "y");
});

test("scripts are ASCII and mean the same, in regular expressions too", async (t) => {
  const all = await scripts(t, {
    "main.js": `export const found = /[\u00e9…]/.test("caf\u00e9"); export const text = "Größe 👍";`,
  });
  assert.match(all.get("./main.js") ?? "", /^[\x00-\x7f]*$/);
  assert.deepEqual({ ...load(all, "./main.js") }, { found: true, text: "Größe 👍" });
});
