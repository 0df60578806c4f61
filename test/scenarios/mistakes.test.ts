import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { backupPath, names, veleroPath } from "./cluster-state.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const folder = mkdtempSync(join(tmpdir(), "mkebackup-"));
before(async () => {
  world = await openWorld();
});
after(async () => {
  rmSync(folder, { recursive: true });
  await world.stop();
});

test("an API server that is down is one sentence", async () => {
  const outcome = await world.run("list --server https://127.0.0.1:9");
  assertExit(outcome, 1);
  assert.equal(
    outcome.stderr,
    "The connection to the server 127.0.0.1:9 was refused - did you specify the right host or port?\n",
  );
});

test("a certificate that is not trusted is one sentence", async () => {
  const kubeconfig = join(folder, "untrusted");
  const config = parse(readFileSync(world.kubeconfig, "utf8")) as { clusters: { cluster: Record<string, unknown> }[] };
  for (const { cluster } of config.clusters) delete cluster["certificate-authority-data"];
  writeFileSync(kubeconfig, JSON.stringify(config));
  const outcome = await world.run("list", { KUBECONFIG: kubeconfig });
  assertExit(outcome, 1);
  assert.match(
    outcome.stderr,
    /^Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority\n$/,
  );
});

test("no kubeconfig, a missing one and an unknown context are sentences with a next step", async () => {
  const none = await world.run("list", { KUBECONFIG: "", HOME: folder });
  assertExit(none, 1);
  assert.match(none.stderr, /^error: no cluster is configured: .*\nnext {2}.*\n$/);
  const missing = await world.run(`list --kubeconfig ${folder}/missing`);
  assertExit(missing, 1);
  assert.equal(missing.stderr, `error: the kubeconfig file ${folder}/missing does not exist\n`);
  const context = await world.run("list --context nowhere");
  assertExit(context, 1);
  assert.match(context.stderr, /^error: context "nowhere" does not exist\nnext {2}kubectl config use-context mke/);
});

test("a backup's name that exists is refused before anything is sent", async () => {
  const name = uniqueName("taken");
  assertExit(await world.run(`create ${name} --include-namespaces shop`), 0);
  const again = await world.run(`create ${name}`);
  assertExit(again, 1);
  assert.match(
    again.stderr,
    new RegExp(`^Error from server \\(AlreadyExists\\): backups.velero.io "${name}" already exists\nnext {2}`),
  );

  const near = await world.run(`restore ${name.slice(0, -1)} --yes`);
  assertExit(near, 1);
  assert.match(
    near.stderr,
    new RegExp(
      `^Error from server \\(NotFound\\): backups.velero.io "${name.slice(0, -1)}" not found\nnext {2}.*nearest: ${name}`,
    ),
  );
});

test("a namespace that has no Velero says so", async () => {
  const listed = await world.run("list -n default");
  assertExit(listed, 0);
  assert.equal(listed.stderr, "No backups in namespace default.\n");
  const created = await world.run(`create ${uniqueName("lost")} -n default`);
  assertExit(created, 1);
  assert.match(created.stderr, /^error: no Velero server seems to run for namespace default/);
  const status = await world.run("status -n default");
  assertExit(status, 1);
  assert.match(status.stderr, /default/);
});

test("without a terminal nothing is restored or deleted unless --yes is given", async () => {
  const name = uniqueName("asked");
  assertExit(await world.run(`create ${name} --include-namespaces shop`), 0);
  const restore = await world.run(`restore ${name}`);
  assertExit(restore, 2);
  assert.match(
    restore.stderr,
    /error: a restore changes the cluster and there is no terminal to ask on\nnext {2}add --yes/,
  );
  const deletion = await world.run(`delete ${name}`);
  assertExit(deletion, 2);
  assert.match(
    deletion.stderr,
    /error: a deletion cannot be undone and there is no terminal to ask on\nnext {2}.*--yes/,
  );
  assert.equal((await world.api.request("GET", backupPath(name))).status, 200);
  assert.ok(!(await names(world.api, veleroPath("restores"))).some((restored) => restored.startsWith(name)));
});

test("--dry-run=server lets the server check and stores nothing", async () => {
  const name = uniqueName("dry");
  const outcome = await world.run(`create ${name} --include-namespaces shop --dry-run=server -o yaml`);
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /^ {2}uid: /m, "the server filled it in");
  assert.equal((await world.api.request("GET", backupPath(name))).status, 404);
});
