import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { backupPath, hasBegun, phase, recover, restartVelero, scale, veleroPath } from "./cluster-state.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld({ unhurried: true });
});
after(async () => {
  await recover(world.api);
  await world.stop();
});

test("Velero is killed during a backup: the wait ends with Failed and the server's reason", async () => {
  const name = uniqueName("killed");
  const running = world.start(`create ${name} --include-namespaces shop --default-volumes-to-fs-backup`);
  await hasBegun(world.api, name, running);
  await restartVelero(world.api);
  const outcome = await running.ended;
  assertExit(outcome, 1);
  assert.match(outcome.stdout, new RegExp(`^Backup ${name} Failed`));
  assert.match(outcome.stdout, /found a backup with status "InProgress" during the server\s+starting/);
  assert.match(
    outcome.stderr,
    new RegExp(`error: Backup ${name} ended Failed: found a backup with status "InProgress"`),
  );
  await recover(world.api);
});

test("what a restore warned of is told without a server, from the bucket itself", async () => {
  const name = uniqueName("explained");
  assertExit(await world.run(`create ${name} --include-namespaces shop`), 0);
  await world.api.patch("/api/v1/namespaces/shop/configmaps/settings", { data: { [name]: "changed" } });
  assertExit(await world.run(`restore ${name} --restore-name ${name}-over --yes`), 0);
  await scale(world.api, "velero", 0);
  const outcome = await world.run(`wait restore/${name}-over`);
  assertExit(outcome, 0);
  assert.match(
    outcome.stdout,
    /warning: ConfigMap exists and differs from the backup's: left as it is\n +shop\/settings/,
  );
  await recover(world.api);
});

test("Velero is scaled to 0: status says so, and create refuses before it sends", async () => {
  await scale(world.api, "velero", 0);
  const status = await world.run("status");
  assertExit(status, 3);
  assert.match(status.stdout, /^FAIL /);
  assert.match(status.stdout, /^Velero +FAIL +/m);

  const name = uniqueName("refused");
  const created = await world.run(`create ${name}`);
  assertExit(created, 1);
  assert.match(
    created.stderr,
    /^error: the Velero server is not running: it is scaled to 0 \(Deployment velero in namespace mke\)\nnext {2}kubectl -n mke scale deployment velero --replicas=1\n$/,
  );
  assert.equal((await world.api.request("GET", backupPath(name))).status, 404);

  await recover(world.api);
  const again = uniqueName("works");
  assertExit(await world.run(`create ${again} --include-namespaces shop`), 0);
  assert.equal(await phase(world.api, `${veleroPath("backups")}/${again}`), "Completed");
});
