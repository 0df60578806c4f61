import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { isFinishedPhase } from "../../src/velero/phases.ts";
import { backupPath, phase, veleroPath } from "./cluster-state.ts";
import { programFor, start } from "./program.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const name = uniqueName("completed");
const folder = mkdtempSync(join(tmpdir(), "mkebackup-completion-"));
before(async () => {
  world = await openWorld();
  assertExit(await world.run(`create ${name} --include-namespaces shop`), 0);
});
after(async () => {
  rmSync(folder, { recursive: true });
  await world.stop();
});

/** What TAB at the end of the words brings, and that nothing else is written. */
async function complement(words: string, env?: NodeJS.ProcessEnv): Promise<string> {
  const outcome = await world.run(`__complete ${words}`, env);
  assertExit(outcome, 0);
  assert.equal(outcome.stderr, "");
  return outcome.stdout;
}

test("names come from the cluster, with phase and age", async (t) => {
  const begun = performance.now();
  assert.match(await complement(`restore ${name}`), new RegExp(`^${name}\tCompleted, \\d+[sm]\\S*\n:36\n$`));
  t.diagnostic(`TAB took ${Math.round(performance.now() - begun)} ms`);
  assert.match(await complement(`delete backup/${name.slice(0, -1)}`), new RegExp(`^backup/${name}\t`, "m"));
  assert.match(await complement(`backup delete ${name}`), new RegExp(`^${name}\t`));
  assert.equal(await complement("create --include-namespaces mke,sho"), "mke,shop\n:4\n");
  assert.equal(await complement(`restore ${name} --namespace-mappings sho`), "shop:\n:6\n");
  assert.match(await complement("create --storage-location d"), /^default\tAvailable, default\n:4\n$/);
  assert.equal(await complement(`restore -n default ${name}`), ":36\n");
});

test("kinds come from the cluster: its own, those of groups and those of definitions", async () => {
  const kinds = (await complement("create --include-resources ''")).split("\n").map((line) => line.split("\t")[0]);
  for (const kind of ["pods", "deployments.apps", "backups.velero.io", "namespaces"])
    assert.ok(kinds.includes(kind), kind);
  const wide = await complement("create --include-cluster-scoped-resources ''");
  assert.match(wide, /^namespaces\tNamespace$/m);
  assert.doesNotMatch(wide, /^pods\t/m);
});

test("a namespace that only the backup has can be named in its restore", async () => {
  const lost = `${name}-lost`;
  const spec = { includedNamespaces: ["gone"], storageLocation: "default", ttl: "1h" };
  // The server refuses to back up a namespace that is not there; the object says what was asked for all the same.
  await world.api.post(veleroPath("backups"), {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name: lost, namespace: "mke" },
    spec,
  });
  assert.match(await complement(`restore ${lost} --include-namespaces go`), /^gone\t/);
  // Velero 1.18 keeps the place of a backup that vanishes while it works on it, and lets the next one wait for minutes.
  await eventually("the backup's end", () => phase(world.api, backupPath(lost)), isFinishedPhase);
  // With its files, or the server would bring it back.
  assertExit(await world.run(`delete backup/${lost} --yes`), 0);
});

test("verbs, flags and their values need no cluster", async () => {
  const env = { KUBECONFIG: "/nowhere/config" };
  assert.match(await complement("''", env), /^restore\tRestore from a backup/m);
  assert.equal(
    (await complement("restore --names", env)).replaceAll(/\t.*/g, ""),
    "--namespace-mappings\n--namespace\n:4\n",
  );
  assert.equal(await complement("list -o j", env), "json\n:4\n");
  assert.equal(await complement("list --kubeconfig ''", env), ":0\n");
});

test("a cluster that refuses, or is not known, has no names and says nothing", async () => {
  assert.equal(await complement("restore --server https://127.0.0.1:9 ''"), ":36\n");
  assert.equal(await complement("restore --context nowhere ''"), ":36\n");
  assert.equal(await complement("restore ''", { KUBECONFIG: "", HOME: folder }), ":36\n");
  assert.equal(await complement("restore --token wrong --client-certificate /nowhere ''"), ":36\n");
  writeFileSync(join(folder, "broken"), "{{{");
  assert.equal(await complement(`list --kubeconfig ${folder}/broken --context ''`), ":4\n");
  assert.equal(await complement("restore ''", { KUBECONFIG: join(folder, "broken"), MKEBACKUP_LOG: "trace" }), ":36\n");
});

test("a cluster that never answers holds the shell up for two seconds, not for its own patience", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const { port } = silent.address() as { port: number };
  const begun = performance.now();
  assert.match(await complement(`delete --server https://127.0.0.1:${port} ''`), /^backup\/\t.*\nrestore\/\t.*\n/);
  assert.ok(performance.now() - begun < 15_000);
  silent.close();
});

test("kubectl completes the plugin's words once the shim is installed", async () => {
  const program = programFor("sandbox").map((word) => `'${word}'`);
  writeFileSync(join(folder, "kubectl-mkebackup"), `#!/bin/sh\nexec ${program.join(" ")} "$@"\n`, { mode: 0o755 });
  const env = { PATH: `${folder}${delimiter}${process.env["PATH"]}`, KUBECONFIG: world.kubeconfig };
  const installed = await world.run("completion kubectl --install", env);
  assertExit(installed, 0);
  const shim = join(folder, "kubectl_complete-mkebackup");
  assert.ok(installed.stdout.startsWith(`${shim} written\n`), installed.stdout);

  // The embedded world has no kubectl: what kubectl runs must do.
  const shell = world.name === "cluster" ? ["kubectl", "__complete", "mkebackup"] : [shim];
  const complete = (...words: string[]) => start(shell, words, { ...process.env, ...env }).ended;
  const names = await complete("restore", name.slice(0, -1));
  assertExit(names, 0);
  assert.match(names.stdout, new RegExp(`^${name}\tCompleted, .*\n:36\n$`));
  const flags = await complete("-n", "mke", "create", "--include-n");
  assert.match(flags.stdout, /^--include-namespaces\tNamespaces to back up/m);
  const mappings = await complete("restore", name, "--namespace-mappings=sho");
  assert.equal(mappings.stdout, "shop:\n:6\n");

  assertExit(await world.run("completion kubectl --uninstall", env), 0);
});
