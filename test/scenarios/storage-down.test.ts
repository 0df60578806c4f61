import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  forgetRepositories,
  locationBecomes,
  names,
  recover,
  restartNodeAgents,
  scale,
  veleroPath,
} from "./cluster-state.ts";
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
    report.problems.some(({ id, severity }) => id === "storage.down" && severity === "fail"),
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

test("MinIO came back empty: status names the lost repository of volumes, and its next command heals it", async () => {
  const { api } = world;
  const [pod] = await names(api, "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb");
  const annotate = (volumes: string | null) =>
    api.patch(`/api/v1/namespaces/shop/pods/${pod}`, {
      metadata: { annotations: { "backup.velero.io/backup-volumes": volumes } },
    });
  // One volume is enough: each takes a minute to fail.
  await annotate("data");
  const backUp = (word: string) => world.run(`create ${uniqueName(word)} --include-namespaces shop`);
  assertExit(await backUp("before"), 0);

  await scale(api, "minio", 0);
  await locationBecomes(api, "Unavailable");
  await scale(api, "minio", 1);
  await locationBecomes(api, "Available");
  const status = await world.run("status");
  assertExit(status, 3);
  assert.match(status.stdout, /FAIL {2}Volume backups of namespace shop lost their repository +repository\.lost/);
  const onOneLine = status.stdout.replace(/\s*\\\n\s+/g, " ");
  assert.match(onOneLine, /next {2}kubectl -n mke delete backuprepositories\.velero\.io shop-default-kopia/);

  // Before 1.17 a node agent writes on into a repository that it has opened once, even when nobody else can open it again.
  await restartNodeAgents(api);
  const failed = await backUp("after");
  assertExit(failed, 3);
  assert.match(
    failed.stdout.replace(/\s+/g, " "),
    /pod volume failed: .*repository not initialized in the provided storage/,
  );

  await forgetRepositories(api);
  assertExit(await backUp("again"), 0);
  assertExit(await world.run("status"), 0);
  await annotate(null);
});
