import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { veleroPath } from "./cluster-state.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const schedule = uniqueName("nightly");
before(async () => {
  world = await openWorld();
  await world.api.post(veleroPath("schedules"), {
    apiVersion: "velero.io/v1",
    kind: "Schedule",
    metadata: { name: schedule, labels: { team: "shop" } },
    spec: { schedule: "0 2 * * *", template: { includedNamespaces: ["shop"], ttl: "48h0m0s" } },
  });
});
after(async () => {
  await world.api.delete(`${veleroPath("schedules")}/${schedule}`);
  await world.stop();
});

test("a schedule is listed with its next run", async () => {
  const listed = await eventually(
    "the server accepts the schedule",
    () => world.run("list schedules --no-headers"),
    ({ stdout }) => stdout.includes("Enabled"),
  );
  assert.match(listed.stdout, new RegExp(`^${schedule} +Enabled +0 2 \\* \\* \\* +\\d+[hm]`, "m"));
});

test("a backup from a schedule is what the schedule would make, and the newest one is restored from", async () => {
  const none = await world.run(`restore --from-schedule ${schedule} --yes`);
  assertExit(none, 1);
  assert.match(
    none.stderr,
    new RegExp(`^error: schedule ${schedule} has nothing to restore from: it has made no backup yet`),
  );

  const created = await world.run(`create --from-schedule ${schedule} -o json`);
  assertExit(created, 0);
  const backup = JSON.parse(created.stdout) as {
    metadata: { name: string; labels: Record<string, string> };
    spec: { ttl: string };
  };
  assert.match(backup.metadata.name, new RegExp(`^${schedule}-\\d{14}$`));
  assert.equal(backup.metadata.labels["velero.io/schedule-name"], schedule);
  assert.equal(backup.metadata.labels["team"], "shop");
  assert.equal(backup.spec.ttl, "48h0m0s");

  const dry = await world.run(`restore --from-schedule ${schedule} --dry-run=client -o json`);
  assertExit(dry, 0);
  assert.equal((JSON.parse(dry.stdout) as { spec: { backupName: string } }).spec.backupName, backup.metadata.name);

  const mixed = await world.run(`create --from-schedule ${schedule} --include-namespaces shop`);
  assertExit(mixed, 2);
  assert.match(mixed.stderr, /--from-schedule takes everything from the schedule/);
});

test("a schedule is deleted at once", async () => {
  const deleted = await world.run(`delete schedule/${schedule} --yes`);
  assertExit(deleted, 0);
  assert.equal(deleted.stdout, `schedule.velero.io/${schedule} deleted\n`);
});
