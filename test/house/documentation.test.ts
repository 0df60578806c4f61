import assert from "node:assert/strict";
import { test } from "node:test";
import { pages } from "../../scripts/docs/pages.ts";
import { commandTable } from "../../src/commands/index.ts";
import { read } from "./sources.ts";

test("the generated pages are what the source says", async () => {
  for (const [name, wanted] of Object.entries(await pages())) assert.equal(read(name), wanted, "run: npm run docs");
});

test("the README names every exit code and every command", () => {
  const readme = read("README.md");
  for (const code of ["0", "1", "2", "3", "124", "130"]) assert.match(readme, new RegExp(`^\\| ${code} \\|`, "m"));
  for (const { name } of commandTable)
    assert.ok(readme.includes(`\`${name}\``) || readme.includes(`kubectl mkebackup ${name}`), name);
});

test("the README's npm commands exist", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = [...read("README.md").matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? "");
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter((name) => scripts[name] === undefined),
    [],
  );
});
