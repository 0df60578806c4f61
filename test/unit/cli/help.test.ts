import assert from "node:assert/strict";
import { test } from "node:test";
import { globalFlags } from "../../../src/cli/global-flags.ts";
import { rootHelp } from "../../../src/cli/help.ts";
import { parse } from "../../../src/cli/parser.ts";
import { commandTable } from "../../../src/commands/index.ts";

async function help(...words: string[]): Promise<string> {
  const result = await parse(words, 80);
  if (!("help" in result)) throw new Error("this is a command");
  return result.help;
}

test("the root's help names every verb and every global flag", () => {
  const text = rootHelp(80);
  for (const { name, summary } of commandTable) {
    assert.match(text, new RegExp(`^  ${name} +${summary.slice(0, 20)}`, "m"));
  }
  for (const name of Object.keys(globalFlags)) assert.match(text, new RegExp(`--${name}\\b`));
});

for (const words of [["--help"], ["-h"], ["-n", "mke", "--help"]]) {
  test(`"${words.join(" ")}" shows the root's help`, async () => assert.equal(await help(...words), rootHelp(80)));
}

for (const { name, load } of commandTable) {
  test(`${name} --help names its flags, formats and examples, and fits the screen`, async () => {
    const { command } = await load();
    const text = await help(name, "--help");
    for (const flag of Object.keys(command.flags)) assert.match(text, new RegExp(`--${flag}\\b`));
    for (const [example] of command.examples) assert.ok(text.includes(`\n  ${example}\n`), example);
    assert.equal(text.includes(command.outputs.join(", ")), !("output" in command.flags));
    const prose = text.split("\n").filter((line) => !command.examples.some(([example]) => line.includes(example)));
    assert.deepEqual(
      prose.filter((line) => line.length > 80),
      [],
    );
  });
}

test("help wins over mistakes that only a run would find", async () => {
  assert.match(await help("restore", "-h"), /^Restore from a backup/);
  assert.match(await help("create", "a", "--help"), /Usage:\n {2}kubectl mkebackup create \[NAME\] \[flags\]/);
});

test("a short form stands before the long one", async () => {
  assert.match(await help("list", "-h"), /^ {2}-l, --selector SELECTOR {3}/m);
});
