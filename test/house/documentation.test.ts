import assert from "node:assert/strict";
import { test } from "node:test";
import { commandReference } from "../../scripts/docs/command-reference.ts";
import { commandTable } from "../../src/commands/index.ts";
import { read } from "./sources.ts";

test("docs/commands.md is what the commands say", async () => {
  assert.equal(read("docs/commands.md"), await commandReference(), "run: npm run docs");
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
