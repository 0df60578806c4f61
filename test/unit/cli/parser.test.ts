import assert from "node:assert/strict";
import { test } from "node:test";
import { type ParsedCommand, parse } from "../../../src/cli/parser.ts";

async function parsed(...words: string[]): Promise<ParsedCommand> {
  const result = await parse(words, 80);
  if ("help" in result) throw new Error("this is help");
  return result;
}
const args = async (...words: string[]): Promise<Record<string, unknown>> => (await parsed(...words)).args;
const globals = async (...words: string[]): Promise<Record<string, unknown>> => (await parsed(...words)).globals;

const values: [words: string[], flag: string, value: unknown][] = [
  [["create"], "ttl", undefined],
  [["create", "--ttl", "720h"], "ttl", "720h"],
  [["create", "--ttl=720h"], "ttl", "720h"],
  [["create", "--ttl", "1h", "--ttl", "2h"], "ttl", "2h"],
  [["create"], "snapshot-volumes", undefined],
  [["create", "--snapshot-volumes"], "snapshot-volumes", true],
  [["create", "--snapshot-volumes=true"], "snapshot-volumes", true],
  [["create", "--snapshot-volumes=false"], "snapshot-volumes", false],
  [["create", "--snapshot-volumes=false", "--snapshot-volumes"], "snapshot-volumes", true],
  [["create"], "include-namespaces", undefined],
  [["create", "--include-namespaces", "a,b"], "include-namespaces", ["a", "b"]],
  [["create", "--include-namespaces=a", "--include-namespaces", "b,c"], "include-namespaces", ["a", "b", "c"]],
  [["create", "--include-namespaces", "a,,b,"], "include-namespaces", ["a", "b"]],
  [["create", "--labels", "a=1,b=2"], "labels", { a: "1", b: "2" }],
  [["create", "--labels", "a=1", "--labels", "b=x=y"], "labels", { a: "1", b: "x=y" }],
  [["create", "--labels", "a="], "labels", { a: "" }],
  [["create", "--labels", "team.example.com/name=x"], "labels", { "team.example.com/name": "x" }],
  [["create", "--timeout", "1h30m"], "timeout", 5_400_000],
  [["create", "--timeout", "90"], "timeout", 90_000],
  [["create", "--timeout", "0"], "timeout", 0],
  [["create"], "timeout", undefined],
  [["create"], "dry-run", "none"],
  [["create", "--dry-run=client"], "dry-run", "client"],
  [["create", "-l", "app=web"], "selector", "app=web"],
  [["list", "--limit", "5"], "limit", 5],
  [["list"], "sort-by", undefined],
  [["restore", "a", "--include-namespaces", "a,b"], "include-namespaces", ["a", "b"]],
  [["list", "--sort-by", "age"], "sort-by", "age"],
  [["list", "-A"], "all-namespaces", true],
  [["status"], "verbose", 0],
  [["status", "-v"], "verbose", 1],
  [["status", "-vv"], "verbose", 2],
  [["status", "-v", "--verbose"], "verbose", 2],
];
for (const [words, flag, value] of values) {
  test(`${words.join(" ")}: --${flag} is ${JSON.stringify(value)}`, async () => {
    assert.deepEqual((await args(...words))[flag], value);
  });
}

test("words that look like numbers stay words", async () => {
  assert.deepEqual((await args("create", "007"))["operands"], ["007"]);
  assert.equal((await args("create", "--from-schedule", "1e3"))["from-schedule"], "1e3");
  assert.equal((await globals("create", "-n", "0x10"))["namespace"], "0x10");
});

test("operands and flags may come in any order", async () => {
  const own = await args("delete", "backup/a", "--yes", "backup/b");
  assert.deepEqual(own["operands"], ["backup/a", "backup/b"]);
  assert.equal(own["yes"], true);
  assert.deepEqual((await args("create", "--no-wait", "nightly"))["operands"], ["nightly"]);
});

test("a list takes one word: the next one is an operand", async () => {
  const own = await args("create", "--include-namespaces", "shop", "nightly");
  assert.deepEqual([own["include-namespaces"], own["operands"]], [["shop"], ["nightly"]]);
});

test("what stands behind -- is an operand", async () => {
  assert.deepEqual((await args("create", "--", "--ttl"))["operands"], ["--ttl"]);
});

const verbs: string[][] = [
  ["list", "-n", "velero"],
  ["-n", "velero", "list"],
  ["--namespace=velero", "list"],
  ["--context", "prod", "-n", "velero", "list"],
  ["--insecure-skip-tls-verify", "-n", "velero", "list"],
  ["--color=never", "--insecure-skip-tls-verify=true", "-n=velero", "list"],
];
for (const words of verbs) {
  test(`the verb of "${words.join(" ")}" is found`, async () => {
    const { entry, globals: given } = await parsed(...words);
    assert.equal(entry.name, "list");
    assert.equal(given.namespace, "velero");
  });
}

test("global flags are read with every verb", async () => {
  const given = await globals(
    "list",
    "--as",
    "jane",
    "--as-group",
    "cn=a,ou=b",
    "--as-group=b",
    "--request-timeout",
    "5s",
  );
  assert.equal(given["as"], "jane");
  assert.deepEqual(given["as-group"], ["cn=a,ou=b", "b"]);
  assert.equal(given["request-timeout"], 5000);
  assert.equal(given["color"], "auto");
});

test("a verb's own flag hides the global one: version --server asks no address", async () => {
  const { args: own, globals: given } = await parsed("version", "--server");
  assert.equal((own as Record<string, unknown>)["server"], true);
  assert.equal(given.server, undefined);
  assert.equal((await globals("list", "--server", "https://x"))["server"], "https://x");
});

const formats: [words: string[], output: string][] = [
  [["list"], "table"],
  [["list", "-o", "wide"], "wide"],
  [["list", "-o=json"], "json"],
  [["list", "--output=yaml"], "yaml"],
  [["list", "-o", "name"], "name"],
  [["list", "-o", "json", "-o", "yaml"], "yaml"],
];
for (const [words, output] of formats) {
  test(`${words.join(" ")} prints ${output}`, async () => assert.equal((await args(...words))["output"], output));
}

const refused: [words: string[], message: RegExp | string][] = [
  [[], "no command given"],
  [["-n", "mke"], "no command given"],
  [["backup"], 'unknown command "backup"'],
  [["-n", "mke", "lst"], 'unknown command "lst"'],
  [["list", "--colour"], "unknown flag: --colour"],
  [["list", "-x"], "unknown flag: -x"],
  [["list", "--ttl", "1h"], "unknown flag: --ttl"],
  [["create", "--no-snapshot-volumes"], "unknown flag: --no-snapshot-volumes"],
  [["create", "--ttl"], "flag needs an argument: --ttl"],
  [["list", "-o"], /^flag needs an argument: -/],
  [["list", "a", "b", "c"], 'too many words: "b c"'],
  [["version", "now"], 'too many words: "now"'],
  [["list", "--limit", "five"], '--limit: "five" is not a whole number'],
  [["list", "--limit", "-1"], /--limit/],
  [["list", "--limit", "1.5"], '--limit: "1.5" is not a whole number'],
  [["list", "--sort-by", "size"], /^--sort-by: "size" is none of age, name, status, duration, items, errors/],
  [["list", "--color", "maybe"], '--color: "maybe" is none of auto, always, never'],
  [["create", "--timeout", "1d"], '--timeout: "1d" is not a duration'],
  [["create", "--labels", "a"], '--labels: cannot read "a"'],
  [["create", "--labels", "=a"], '--labels: cannot read "=a"'],
  [["create", "--dry-run=maybe"], '--dry-run: "maybe" is none of none, client, server'],
  [
    ["version", "-o", "name"],
    /^unable to match a printer suitable for the output format "name", allowed formats are: json,(wide,)?yaml$/,
  ],
  [["list", "-o", "xml"], /output format "xml", allowed formats are: json,name,wide,yaml$/],
];
for (const [words, message] of refused) {
  test(`"${words.join(" ")}" is refused before anything is touched`, async () => {
    await assert.rejects(parse(words, 80), { name: "Failure", kind: "usage", message });
  });
}

test("a refused duration says what it would be in hours", async () => {
  await assert.rejects(parse(["create", "--timeout", "2d"], 80), {
    next: ["It takes hours, minutes and seconds: 48h is 2 days."],
  });
});

test("an unknown flag is answered with the nearest one, or with the help of its verb", async () => {
  await assert.rejects(parse(["list", "--colour"], 80), { next: ["--color        (did you mean this?)"] });
  await assert.rejects(parse(["list", "--fries"], 80), { next: ["kubectl mkebackup list --help"] });
  await assert.rejects(parse(["--fries"], 80), { next: ["kubectl mkebackup --help"] });
});

test("an unknown verb is answered with the nearest one, or with those there are", async () => {
  await assert.rejects(parse(["lst"], 80), { next: ["kubectl mkebackup list        (did you mean this?)"] });
  await assert.rejects(parse(["frobnicate"], 80), (error: { next?: string[] }) => {
    assert.match(
      error.next?.[0] ?? "",
      /^commands: status, doctor, create, restore, list, describe, logs, contents, search/,
    );
    return true;
  });
});

test("a value may stand against its short flag, as in kubectl", async () => {
  const parsed = await parse(["list", "-ojson", "-nvelero", "-lapp=web"], 80);
  assert.ok("command" in parsed);
  assert.equal(parsed.args.output, "json");
  assert.equal(parsed.globals.namespace, "velero");
  assert.equal(parsed.args["selector"], "app=web");
});
