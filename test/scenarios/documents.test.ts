import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { programFor, start } from "./program.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const name = uniqueName("document");
before(async () => {
  world = await openWorld();
  assertExit(await world.run(`create ${name} --include-namespaces shop --labels suite=documents`), 0);
});
after(() => world.stop());

interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items?: {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly managedFields?: unknown };
  }[];
}

for (const words of [
  "list",
  "list restores",
  "list schedules",
  "list locations",
  "list requests",
  "status",
  "config",
  "version --server",
]) {
  test(`${words}: json and yaml are one clean document, and the same one`, async () => {
    const json = await world.run(`${words} -o json`);
    assertExit(json, 0);
    const document = JSON.parse(json.stdout) as Document;
    assert.ok(document.apiVersion && document.kind);
    const yaml = await world.run(`${words} -o yaml`);
    assert.equal((parse(yaml.stdout) as Document).kind, document.kind);
    assert.ok((document.items ?? []).every(({ metadata }) => metadata.managedFields === undefined));
  });
}

test("create -o json prints the finished Backup and nothing else on stdout", async () => {
  const outcome = await world.run(`create ${uniqueName("json")} --include-namespaces shop -o json`);
  assertExit(outcome, 0);
  const backup = JSON.parse(outcome.stdout) as { kind: string; status: { phase: string } };
  assert.equal(backup.kind, "Backup");
  assert.equal(backup.status.phase, "Completed");
});

test("list narrows and sorts", async () => {
  assert.equal((await world.run("list -l suite=documents -o name")).stdout, `backup.velero.io/${name}\n`);
  const none = await world.run("list --status Failed --since 1s");
  assertExit(none, 0);
  assert.equal(none.stdout, "");
  assert.match(none.stderr, /^No backups like that in namespace mke\.\n$/);
  const all = await world.run("list -A --sort-by name --limit 1");
  assert.match(all.stdout, /^NAMESPACE +NAME +STATUS .*\nmke +\S+ +\w+ .*\n$/);
});

test("tables fit 80 columns", async () => {
  for (const words of [
    "list",
    "list restores",
    "list schedules",
    "list locations",
    "list requests",
    "status",
    "config",
  ]) {
    const { stdout } = await world.run(words);
    const long = stdout.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(long, [], words);
  }
});

test("a reader that goes away ends the program without a stack trace", async () => {
  const program = programFor(world.name)
    .map((word) => `'${word}'`)
    .join(" ");
  const pipeline = `${program} list -o json | head -1`;
  const outcome = await start(["sh"], ["-c", pipeline], { ...process.env, KUBECONFIG: world.kubeconfig }).ended;
  assert.deepEqual(outcome, { code: 0, signal: null, stdout: "{\n", stderr: "" });
});
