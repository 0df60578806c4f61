import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { backupPath, hasBegun, phase, restartVelero } from "./cluster-state.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld({ unhurried: true });
});
after(() => world.stop());

const create = (name: string) => `create ${name} --include-namespaces shop --default-volumes-to-fs-backup`;

test("Ctrl-C stops the waiting and not the backup, and the command it prints resumes the wait", async () => {
  const name = uniqueName("patience");
  const running = world.start(create(name));
  await hasBegun(world.api, name, running);
  running.child.kill("SIGINT");
  const outcome = await running.ended;
  assertExit(outcome, 130);
  assert.equal(outcome.stdout, "");
  const next = new RegExp(
    `Stopped waiting; backup ${name} goes on in the cluster\\.\nnext  kubectl mkebackup (wait backup/${name} -n mke)\n$`,
  ).exec(outcome.stderr)?.[1];
  assert.ok(next !== undefined, outcome.stderr);

  const resumed = await world.run(next);
  assertExit(resumed, 0);
  assert.match(resumed.stdout, new RegExp(`^Backup ${name} Completed`));
});

test("SIGTERM ends with 143", async () => {
  const name = uniqueName("terminated");
  const running = world.start(create(name));
  await hasBegun(world.api, name, running);
  running.child.kill("SIGTERM");
  assertExit(await running.ended, 143);
  assertExit(await world.run(`wait ${name}`), 0);
});

test("--timeout ends with 124 and says that the backup goes on", async () => {
  const name = uniqueName("timeout");
  const outcome = await world.run(`${create(name)} --timeout 1s`);
  assertExit(outcome, 124);
  assert.match(
    outcome.stderr,
    new RegExp(
      `error: timed out waiting for Backup ${name} to finish; it goes on in the cluster\nnext  kubectl mkebackup wait backup/${name}`,
    ),
  );
  await eventually(
    `backup ${name} ends`,
    () => phase(world.api, backupPath(name)),
    (seen) => seen === "Completed",
  );
});

test("the Backup is deleted while it is waited for: an error, not an endless wait", async () => {
  const name = uniqueName("vanished");
  const running = world.start(create(name));
  await hasBegun(world.api, name, running);
  await world.api.delete(backupPath(name));
  const outcome = await running.ended;
  assertExit(outcome, 1);
  // The server waits hours for the volumes of a backup that is gone, and takes no other meanwhile.
  const stranded = uniqueName("stranded");
  assertExit(await world.run(`create ${stranded} --include-namespaces shop --no-wait`), 0);
  await sleep(3000);
  assert.match(await phase(world.api, backupPath(stranded)), /^(Queued|)$/);
  await restartVelero(world.api);
  assertExit(await world.run(`wait ${stranded} --timeout 60s`), 0);
  assert.match(
    outcome.stderr,
    new RegExp(`error: Backup ${name} was deleted while it was waited for\nnext  kubectl mkebackup list backups\n$`),
  );
});

test("a running backup cannot be deleted, and the refusal comes before the request", async () => {
  const name = uniqueName("busy");
  const running = world.start(create(name));
  await hasBegun(world.api, name, running);
  const refused = await world.run(`delete backup/${name} --yes`);
  assertExit(refused, 1);
  assert.match(
    refused.stderr,
    new RegExp(`^error: backup ${name} is still running \\(\\w+\\), and Velero deletes only finished ones`),
  );
  assertExit(await running.ended, 0);
});
