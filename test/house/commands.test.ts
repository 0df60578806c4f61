import assert from "node:assert/strict";
import { test } from "node:test";
import { globalFlags } from "../../src/cli/global-flags.ts";
import { parse } from "../../src/cli/parser.ts";
import type { Flag } from "../../src/commands/command.ts";
import { commandTable } from "../../src/commands/index.ts";

/** Global flags that a verb may take for itself: where -n is the namespace of an object that is looked for, --user who gets a role. */
const hiding = ["server", "namespace", "user"];

for (const entry of commandTable) {
  test(`${entry.name} loads and can be learned from its help`, async () => {
    const { command } = await entry.load();
    assert.match(entry.summary, /^[A-Z].*[^.]$/, "a summary is one sentence without a period");
    assert.ok(entry.summary.length <= 80, "a summary fits a line");
    assert.ok(command.examples.length > 0, "at least one example");
    for (const [line] of command.examples) {
      assert.ok(line.startsWith(`kubectl mkebackup ${entry.name}`), line);
      const parsed = await parse(line.split(" ").slice(2), 80);
      assert.ok("command" in parsed && parsed.entry === entry, `the example is understood: ${line}`);
    }
    // A verb whose -o names a file has no other document.
    const needed = "output" in command.flags ? ["table"] : ["table", "json", "yaml"];
    assert.ok(needed.every((format) => command.outputs.some((one) => one === format)));
    assert.equal(command.outputs.includes("name"), command.names !== undefined, "-o name is offered where names exist");
    for (const name of Object.keys(command.flags))
      assert.ok(!(name in globalFlags) || hiding.includes(name), `--${name} is a global flag already`);
  });
}

test("verbs and short flags are unique", async () => {
  const names = commandTable.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const entry of commandTable) {
    const { command } = await entry.load();
    const letters = Object.values<Flag>({ ...globalFlags, ...command.flags })
      .map(({ alias }) => alias)
      .filter((alias) => alias !== undefined);
    const all = [...letters, ...("output" in command.flags ? "h" : "oh")];
    assert.equal(new Set(all).size, all.length, `${entry.name}: ${all.join("")}`);
  }
});
