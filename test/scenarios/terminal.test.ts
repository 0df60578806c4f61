import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { backupPath, hasBegun, veleroPath } from "./cluster-state.ts";
import { programFor, start } from "./program.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
/** More than the buffer of a pipe holds, in JSON. */
const many = Array.from({ length: 120 }, () => uniqueName("many"));
const hostile = uniqueName("hostile");
const suite = { suite: uniqueName("terminal") };

// As many at a time as a server takes from one client without asking it to wait.
async function inTurns(names: readonly string[], work: (name: string) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < names.length; at += 20) await Promise.all(names.slice(at, at + 20).map(work));
}

before(async () => {
  world = await openWorld({ unhurried: true });
  const evil = "\x1b[2J\x1b]0;owned\x07\x9b31m\rfake\u202e\u200b";
  const time = "2026-11-24T08:00:00Z";
  const post = (name: string, annotation: string, more: object) =>
    world.api.post(veleroPath("backups"), {
      apiVersion: "velero.io/v1",
      kind: "Backup",
      metadata: { name, labels: suite, annotations: { "mkebackup/note": annotation } },
      ...more,
    });
  const spec = { storageLocation: `${evil}default`, includedNamespaces: [`shop${evil}`] };
  const status = { phase: "Failed", startTimestamp: time, completionTimestamp: time };
  await post(hostile, evil, { spec, status: { ...status, failureReason: `no space left ${evil}` } });
  await inTurns(many, (name) => post(name, "x".repeat(1000), { spec: {}, status: { ...status, phase: "Completed" } }));
});
after(async () => {
  await inTurns([hostile, ...many], (name) => world.api.delete(backupPath(name)));
  await world.stop();
});

for (const words of [
  "list -o wide",
  "list",
  "status",
  "status -v",
  `wait ${hostile}`,
  `restore ${hostile}`,
  `delete ${hostile}`,
]) {
  test(`${words.replace(hostile, "NAME")}: what the cluster holds cannot steer the terminal`, async () => {
    const { stdout, stderr } = await world.run(words);
    assert.notEqual(`${stdout}${stderr}`, "");
    assert.doesNotMatch(`${stdout}${stderr}`, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]/);
  });
}

test("an escape sequence in a message is shown as ^[", async () => {
  const { stdout, stderr } = await world.run(`wait ${hostile}`);
  assert.ok(stdout.includes("no space left ^[[2J^[]0;owned^G^[31m\\rfake<U+202E><U+200B>"), stdout);
  assert.ok(stderr.includes("no space left ^[[2J^[]0;owned^G^[31m\\rfake<U+202E>"), stderr);
});

/** Runs the program before a pipe. */
function piped(words: string, reader: string) {
  const program = programFor(world.name).map((word) => `'${word}'`);
  const pipeline = `${program.join(" ")} ${words} | ${reader}`;
  return start(["sh"], ["-c", pipeline], { ...process.env, KUBECONFIG: world.kubeconfig }).ended;
}

test("a slow reader gets all of a document that is larger than a pipe's buffer", async () => {
  const { stdout } = await piped(`list -l suite=${suite.suite} -o json`, "(sleep 1; cat)");
  assert.ok(stdout.length > 128 * 1024);
  assert.equal((JSON.parse(stdout) as { items: object[] }).items.length, many.length + 1);
});

for (const output of ["table", "json", "yaml", "name"]) {
  test(`a reader that goes away early ends -o ${output} without a word`, async () => {
    const outcome = await piped(`list -l suite=${suite.suite} -o ${output} 2>&1`, "head -c 10");
    assert.equal(outcome.stderr, "");
    assert.equal(outcome.stdout.length, 10);
  });
}

test("SIGHUP ends with 129: the terminal was closed, the backup goes on", async () => {
  const name = uniqueName("hangup");
  const running = world.start(`create ${name} --include-namespaces shop --default-volumes-to-fs-backup`);
  await hasBegun(world.api, name, running);
  running.child.kill("SIGHUP");
  assertExit(await running.ended, 129);
  assertExit(await world.run(`wait ${name}`), 0);
});

test("colours come where they are asked for, and a pipe has none", async () => {
  const plain = await world.run("status");
  assert.doesNotMatch(plain.stdout, /\x1b/);
  const forced = await world.run("status", { FORCE_COLOR: "1" });
  assert.match(forced.stdout, /\x1b\[3\dm(OK|FAIL)\x1b\[0m/);
  for (const env of [{ FORCE_COLOR: "1", NO_COLOR: "1" }, { FORCE_COLOR: "0" }, { CLICOLOR_FORCE: "0" }]) {
    assert.doesNotMatch((await world.run("status", env)).stdout, /\x1b/);
  }
  const always = await world.run("status --color always", { NO_COLOR: "1" });
  assert.match(always.stdout, /\x1b\[3\dm/);
});
