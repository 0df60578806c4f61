import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { start } from "../scenarios/program.ts";

const binary = join(import.meta.dirname, "..", "..", "dist", "kubectl-mkebackup");
const env = { ...process.env, KUBECONFIG: process.env["MKEBACKUP_WORLD_KUBECONFIG"] };
const run = (...words: string[]) => start([words[0] ?? ""], words.slice(1), env).ended;

test("the packaged program says its version and its help", async () => {
  assert.match((await run(binary, "--version")).stdout, /^kubectl-mkebackup v\d+\.\d+\.\d+\n$/);
  const help = await run(binary, "--help");
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage:\n {2}kubectl mkebackup COMMAND/m);
});

test("the packaged program shows the status of the cluster", async () => {
  const status = await run(binary, "status", "--wait", "--timeout", "60s");
  assert.equal(status.code, 0, status.stdout + status.stderr);
  assert.match(status.stdout, /^OK {2}/);
});

test("kubectl finds the plugin and passes words and exit codes through", async () => {
  const plugins = await run("kubectl", "plugin", "list");
  assert.match(plugins.stdout, /\/kubectl-mkebackup$/m);
  const refused = await run("kubectl", "mkebackup", "create", "--ttl", "30d");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^error: --ttl 30d is not a duration Velero can read\n/);
});

test("the options of Node in the user's environment change nothing", async () => {
  const outcome = await start([binary], ["--version"], { ...env, NODE_OPTIONS: "--no-such-option" }).ended;
  assert.equal(outcome.code, 0, outcome.stderr);
});

for (const line of ["list", "status", "version --server"]) {
  test(`V8 takes the bytecode that was packed for ${line}`, async () => {
    const { stderr } = await start([binary], line.split(" "), { ...env, MKEBACKUP_LOG: "debug" }).ended;
    assert.match(stderr, /^debug: GET /m);
    assert.doesNotMatch(stderr, /refused the bytecode/);
  });
}

test("the list is kubectl's list", async () => {
  const ours = await run("kubectl", "mkebackup", "list", "-o", "name");
  const theirs = await run("kubectl", "get", "backups.velero.io", "-n", "mke", "-o", "name");
  const lines = (text: string) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .toSorted();
  assert.deepEqual(lines(ours.stdout), lines(theirs.stdout));
});
