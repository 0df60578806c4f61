import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { locationBecomes, names, recover, scale, veleroPath } from "./cluster-state.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
});
after(async () => {
  await recover(world.api);
  await world.stop();
});

test("MinIO is gone: status says why the location is unavailable, and create refuses before it sends", async () => {
  await scale(world.api, "minio", 0);
  await locationBecomes(world.api, "Unavailable");

  const status = await world.run("status");
  assertExit(status, 3);
  assert.match(status.stdout, /^FAIL /);
  assert.match(status.stdout, /^Location default +FAIL +Unavailable/m);
  assert.match(status.stdout, /MinIO/);

  const report = JSON.parse((await world.run("status -o json")).stdout) as {
    problems: { id: string; severity: string }[];
  };
  assert.ok(
    report.problems.some(({ id, severity }) => id.startsWith("location.") && severity === "fail"),
    JSON.stringify(report.problems),
  );

  const locations = await world.run("list locations -o wide");
  assert.match(
    locations.stdout,
    /^default +Unavailable .*(refused|no such host|timeout|i\/o|no route)/m,
    "the reason is shown",
  );

  const before = await names(world.api, veleroPath("backups"));
  const name = uniqueName("refused");
  const created = await world.run(`create ${name}`);
  assertExit(created, 1);
  assert.equal(created.stdout, "");
  assert.match(created.stderr, /^error: location default is Unavailable: .*\nnext {2}kubectl mkebackup status\n$/);
  assert.ok(
    !(await names(world.api, veleroPath("backups"))).includes(name),
    `nothing was sent: ${before.length} before`,
  );
});

test("MinIO is back: status is healthy again", async () => {
  await recover(world.api);
  const status = await world.run("status --wait --timeout 60s");
  assertExit(status, 0);
  assert.match(status.stdout, /^OK /);
});
