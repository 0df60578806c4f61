import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let caches: string;
const [taken, other] = [uniqueName("search-shop"), uniqueName("search-cm")];
before(async () => {
  world = await openWorld();
  caches = await mkdtemp(join(tmpdir(), "mkebackup-search-"));
  assertExit(await world.run(`create ${taken} --include-namespaces shop --snapshot-volumes=false`), 0);
  assertExit(await world.run(`create ${other} --include-namespaces shop --include-resources configmaps`), 0);
});
after(async () => {
  await world.run(`delete backup/${taken} backup/${other} --yes`);
  await world.stop();
  await rm(caches, { recursive: true, force: true });
});

const search = (words: string, env: NodeJS.ProcessEnv = {}) =>
  world.run(`search ${words}`, { XDG_CACHE_HOME: caches, ...env });
const namesOf = (stdout: string) => stdout.split("\n").filter((line) => /search-(shop|cm)/.test(line));
/** Requests for links and for the bucket, as the debug log tells them. */
const storeRequests = (stderr: string) => stderr.match(/downloadrequests|resource-list\.json/g)?.length ?? 0;

test("the backups that hold an object are found, newest first, by any spelling of its kind", async () => {
  for (const word of [
    "deployment/web",
    "deploy/web",
    "deployments.apps/web",
    "apps/v1/Deployment/web",
    "'Deployment/we*'",
  ]) {
    const found = await search(`${word} -n shop --since 1h -o name`);
    assertExit(found, 0);
    assert.deepEqual(namesOf(found.stdout), [`backup.velero.io/${taken}`], word);
  }
  const settings = await search("'cm/*' -n shop --since 1h -o wide");
  assertExit(settings, 0);
  assert.match(settings.stdout, /^\d+ of \d+ backups holds? cm\/\* in namespace shop\n\nBACKUP +STATUS +AGE +HOLDS/);
  const [first, second] = namesOf(settings.stdout);
  assert.ok(first?.startsWith(other.slice(0, 9)) && second?.startsWith(taken.slice(0, 9)), settings.stdout);
});

test("a second search asks neither the server for links nor the store for files", async () => {
  const cold = await search("deploy/web --since 1h -o name --log-level=debug", {
    XDG_CACHE_HOME: join(caches, "cold"),
  });
  assertExit(cold, 0);
  assert.ok(storeRequests(cold.stderr) > 0, cold.stderr);
  const warm = await search("deploy/web --since 1h -o name --log-level=debug", {
    XDG_CACHE_HOME: join(caches, "cold"),
  });
  assertExit(warm, 0);
  assert.equal(storeRequests(warm.stderr), 0, warm.stderr);
  assert.equal(warm.stdout, cold.stdout);
});

test("damaged files of the cache are read anew, and no cache at all is no trouble", async () => {
  const folder = join(caches, "kubectl-mkebackup", "resource-lists");
  const files = await readdir(folder);
  assert.ok(files.length >= 2);
  for (const file of files) await writeFile(join(folder, file), "broken");
  const found = await search("deploy/web --since 1h -o json");
  assertExit(found, 0);
  const { kind, isComplete, backups } = JSON.parse(found.stdout);
  assert.deepEqual([kind, isComplete], ["BackupSearch", true]);
  const [held] = backups.filter(({ name }: { name: string }) => name === taken);
  assert.deepEqual(held.objects, [
    { apiVersion: "apps/v1", kind: "Deployment", resource: "deployments.apps", namespace: "shop", name: "web" },
  ]);
  const without = await search("deploy/web --since 1h -o name", { XDG_CACHE_HOME: "/dev/null" });
  assertExit(without, 0);
  assert.deepEqual(namesOf(without.stdout), [`backup.velero.io/${taken}`]);
});

test("what is in no backup is said, and a word that names no object is refused", async () => {
  const none = await search("gadgets/web --since 1h");
  assertExit(none, 0);
  assert.match(none.stdout, /^None of \d+ backups holds gadgets\/web\n$/);
  assert.match(none.stderr, /None of them holds anything of kind gadgets\./);
  const wrong = await search("deploy");
  assertExit(wrong, 2);
  assert.match(wrong.stderr, /error: "deploy" names no object\nnext {2}KIND\/NAME/);
  const path = await search("deploy/shop/web");
  assertExit(path, 2);
  assert.match(path.stderr, /next {2}kubectl mkebackup search deploy\/web -n shop/);
});
