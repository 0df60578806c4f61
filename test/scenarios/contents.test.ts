import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const backup = uniqueName("contents");

before(async () => {
  world = await openWorld();
  assertExit(await world.run(`create ${backup} --include-namespaces shop`), 0);
});

after(async () => {
  await world.run(`delete backup/${backup} --yes`);
  await world.stop();
});

async function shown(words: string): Promise<string> {
  const outcome = await world.run(`contents ${backup} ${words}`);
  assertExit(outcome, 0);
  return outcome.stdout;
}

test("a backup is a tree of namespaces and kinds with counts", async () => {
  const tree = await shown("");
  assert.match(
    tree,
    new RegExp(`^\\d+ objects in 1 namespace: backup ${backup}, Completed, taken \\d+s ago\n\nshop +\\d+\n`),
  );
  assert.match(tree, /^ {2}deployments\.apps +1$/m);
  assert.match(tree, /^\(cluster\) +\d+\n {2}namespaces +1$/m);
  const { count, namespaces, cluster } = JSON.parse(await shown("-o json"));
  assert.equal(namespaces.length, 1);
  const sum = (kinds: { count: number }[]) => kinds.reduce((total, kind) => total + kind.count, 0);
  assert.equal(sum(namespaces[0].kinds), namespaces[0].count);
  assert.equal(count, namespaces[0].count + sum(cluster));
});

test("one kind is a table, in whatever spelling", async () => {
  const table = await shown("deployments");
  assert.equal(table, "NAMESPACE   NAME\nshop        web\n");
  for (const spelling of ["deploy", "Deployment", "deployments.apps", "apps/v1/Deployment", "deployment -n shop"])
    assert.equal(await shown(spelling), table, spelling);
  assert.equal(await shown("deploy -o name"), "deployment.apps/web\n");
});

test("one object is its manifest", async () => {
  const manifest = parse(await shown("deployment/web"));
  assert.equal(manifest.kind, "Deployment");
  assert.deepEqual([manifest.metadata.name, manifest.metadata.namespace], ["web", "shop"]);
  assert.equal(manifest.metadata.managedFields, undefined);
  assert.deepEqual(JSON.parse(await shown("deployment/web -o json")), manifest);
});

test("the manifests of a kind are a list", async () => {
  const { kind, items } = JSON.parse(await shown("configmaps -o json"));
  assert.equal(kind, "List");
  assert.ok(items.some(({ metadata }: { metadata: { name: string } }) => metadata.name === "settings"));
});

test("the values of Secrets are shown only when they are asked for", async () => {
  const masked = parse(await shown("secret/login"));
  assert.deepEqual(new Set(Object.values(masked.data)), new Set(["***"]));
  const open = parse(await shown("secret/login --show-secrets"));
  assert.deepEqual(Object.keys(open.data).toSorted(), Object.keys(masked.data).toSorted());
  for (const value of Object.values(open.data)) assert.match(String(value), /^[A-Za-z0-9+/]+=*$/);
});

const mistakes = [
  ["secret/logn", /holds no secret\/logn\nnext {2}kubectl mkebackup contents \S+ secret {8}\(nearest: login\)\n$/],
  ["deploymnets", /holds no deploymnets\nnext .*\(nearest: deployments\)\n$/],
  ["pods -n shp", /holds nothing of namespace shp\nnext .*\(nearest: shop\)\n$/],
] as const;
for (const [words, sentence] of mistakes) {
  test(`contents ${words} says what is nearest`, async () => {
    const outcome = await world.run(`contents ${backup} ${words}`);
    assertExit(outcome, 1);
    assert.match(outcome.stderr, sentence);
    assert.equal(outcome.stdout, "");
  });
}

test("a restore has no contents of its own, and an unknown backup is not found", async () => {
  assertExit(await world.run(`contents restore/${backup}`), 2);
  const missing = await world.run(`contents ${backup.slice(0, -1)}`);
  assertExit(missing, 1);
  assert.match(missing.stderr, new RegExp(`\\(nearest: ${backup}`));
});

test("a backup that failed validation is said to hold nothing, at once", async () => {
  const name = uniqueName("invalid");
  await world.api.post("/apis/velero.io/v1/namespaces/mke/backups", {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name, namespace: "mke" },
    spec: { storageLocation: "nowhere", includedNamespaces: ["shop"] },
  });
  assertExit(await world.run(`wait ${name}`), 1);
  const outcome = await world.run(`contents ${name}`);
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /is FailedValidation and has stored no objects\n/);
  await world.api.delete(`/apis/velero.io/v1/namespaces/mke/backups/${name}`);
});
