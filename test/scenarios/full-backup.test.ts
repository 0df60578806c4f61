import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertExit, openWorld, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.stop());

test("a backup without a name and without filters is really full, and named by date and time", async () => {
  const created = await world.run("create -o json");
  assertExit(created, 0);
  const backup = JSON.parse(created.stdout) as {
    metadata: { name: string };
    spec: { includeClusterResources: boolean };
    status: { progress: { itemsBackedUp: number } };
  };
  assert.match(backup.metadata.name, /^mke-\d{8}-\d{6}$/);
  assert.equal(backup.spec.includeClusterResources, true);
  const narrow = JSON.parse((await world.run("create --include-namespaces shop -o json")).stdout) as typeof backup;
  assert.equal(narrow.spec.includeClusterResources, undefined);
  assert.ok(
    backup.status.progress.itemsBackedUp > narrow.status.progress.itemsBackedUp * 2,
    "it holds far more than one namespace",
  );
});
