import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertExit, openWorld, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.stop());

test("config shows what MKE declares, and where it says so", async () => {
  const outcome = await world.run("config");
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /^InCluster backups are on +MkeConfig mke\/mke · MKE v4\.1\.0\n/);
  assert.match(outcome.stdout, /^ +type +InCluster +MkeConfig/m);
  assert.match(outcome.stdout, /^ +distributed +false +default/m);
});

test("config reads a file before mkectl applies it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "declared-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "mke4.yaml");
  writeFileSync(file, "# ours\nspec: {backup: {enabled: true, storage_provider: {type: InCluster}}}\n");
  const outcome = await world.run(`config --config ${file}`);
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /^InCluster backups are on /);
});

test("version --server names the server's versions and plugins", async () => {
  const outcome = await world.run("version --server -o json");
  assertExit(outcome, 0);
  const { server } = JSON.parse(outcome.stdout) as {
    server: { velero: string; mke: string; kubernetes: string; plugins: { name: string }[] };
  };
  assert.ok(server.velero.startsWith(`v${world.velero}.`), server.velero);
  assert.equal(server.mke, "v4.1.0");
  assert.match(server.kubernetes, /^v1\./);
  assert.ok(server.plugins.some(({ name }) => name === "velero.io/aws"));
});

test("status of a healthy cluster is OK", async () => {
  const outcome = await world.run("status --wait --timeout 60s");
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /^OK {2}/);
  assert.match(outcome.stdout, /^Velero +OK +v1\.\d+\.\d+, 1\/1 ready/m);
  assert.match(outcome.stdout, /^Node agents +OK +1\/1 ready/m);
  assert.match(outcome.stdout, /^MinIO +WARN /m, "MinIO keeps its data in the pod");
  assert.match(outcome.stdout, /storage\.ephemeral/);
});
