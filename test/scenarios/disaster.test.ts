import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { checksums, deleteShop, names, veleroPath } from "./cluster-state.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.stop());

test("a namespace with two volumes is backed up, lost, and comes back byte for byte", async () => {
  const name = uniqueName("disaster");
  const original = await checksums(world.api);
  assert.equal(new Set(original).size, 2, "each pod has a file of its own");

  const created = await world.run(`create ${name} --include-namespaces shop --default-volumes-to-fs-backup`);
  assertExit(created, 0);
  assert.match(
    created.stdout,
    new RegExp(`^Backup ${name} Completed in \\d+s: \\d+ items, 2 volumes \\(.*\\), 0 warnings, 0 errors\n`),
  );
  assert.match(created.stdout, /Expires in 29d, kept in location default\./);
  assert.match(created.stderr, /InProgress/, "the progress goes to stderr");

  const listed = await world.run("list --no-headers");
  assertExit(listed, 0);
  assert.match(listed.stdout.split("\n")[0] ?? "", new RegExp(`^${name} +Completed`), "newest first");

  await deleteShop(world.api);
  const restored = await world.run(`restore ${name} --restore-name ${name}-back --yes`);
  assertExit(restored, 0);
  assert.match(
    restored.stderr,
    new RegExp(`Restore from backup ${name}\n  taken .* ago · Completed · Kubernetes v1\\.`),
  );
  assert.match(restored.stderr, /shop does not exist now/);
  assert.match(restored.stdout, new RegExp(`^Restore ${name}-back Completed in \\d+s: \\d+ items, 2 volumes`));
  // The new namespace has a kube-root-ca.crt of its own, which is no news.
  assert.match(restored.stdout, /about objects that every cluster makes itself: nothing to do\./);
  assert.doesNotMatch(restored.stdout, /kube-root-ca/);

  assert.deepEqual(await checksums(world.api), original);

  const restores = await world.run(`list restores -o name`);
  assert.match(restores.stdout, new RegExp(`^restore\\.velero\\.io/${name}-back$`, "m"));

  const deleted = await world.run(`delete backup/${name} --yes`);
  assertExit(deleted, 0);
  assert.equal(deleted.stdout, `backup.velero.io/${name} deleted\n`);
  assert.match(deleted.stderr, new RegExp(`the record of its restore: ${name}-back`));
  assert.ok(!(await names(world.api, veleroPath("backups"))).includes(name));
  assert.ok(
    !(await names(world.api, veleroPath("restores"))).includes(`${name}-back`),
    "the restores of a backup go with it",
  );
  assert.equal((await checksums(world.api)).length, 2, "what was restored stays");
});

test("a restore over existing objects leaves them and says so, a mapped one goes beside them", async () => {
  const name = uniqueName("beside");
  assertExit(await world.run(`create ${name} --include-namespaces shop`), 0);
  await world.api.patch("/api/v1/namespaces/shop/configmaps/settings", { data: { [name]: "since" } });

  const over = await world.run(`restore ${name} --restore-name ${name}-over --yes`);
  assertExit(over, 0);
  assert.match(over.stderr, /shop exists: data of\s+its existing volumes will NOT be\s+replaced/);
  assert.match(over.stdout, /warning: ConfigMap exists and differs from the backup's: left as it is\n +shop\/settings/);
  const settings = await world.api.get("/api/v1/namespaces/shop/configmaps/settings");
  assert.equal((settings["data"] as Record<string, string>)[name], "since");

  const target = uniqueName("shop");
  const beside = await world.run(
    `restore ${name} --restore-name ${name}-beside --namespace-mappings shop:${target} --include-resources configmaps,secrets --yes`,
  );
  assertExit(beside, 0);
  assert.equal((await world.api.request("GET", `/api/v1/namespaces/${target}/configmaps/settings`)).status, 200);
  await world.api.delete(`/api/v1/namespaces/${target}`);

  const record = await world.run(`delete restore/${name}-beside --yes`);
  assertExit(record, 0);
  assert.ok(!(await names(world.api, veleroPath("restores"))).includes(`${name}-beside`));
});
