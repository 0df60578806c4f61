import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { createUser, type Rule } from "./restricted-user.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let reader: Awaited<ReturnType<typeof createUser>>;
const account = uniqueName("reader");

before(async () => {
  world = await openWorld();
  const rule = { apiGroups: ["velero.io"], resources: ["backups", "backupstoragelocations"], verbs: ["get", "list"] };
  reader = await createUser(world.api, account, [rule]);
});

after(async () => {
  await reader.remove();
  await world.stop();
});

const forbidden = (verb: string, resource: string) =>
  new RegExp(
    `Error from server \\(Forbidden\\): .*User "system:serviceaccount:mke:${account}" cannot ${verb} resource "${resource}" in API group "velero.io" in the namespace "mke"`,
  );

test("a user who may only read can list", async () => {
  assertExit(await world.run(`list --token ${reader.token}`), 0);
});

test("what is forbidden is named with verb, resource and namespace", async () => {
  const created = await world.run(`create ${uniqueName("forbidden")} --token ${reader.token}`);
  assertExit(created, 1);
  assert.match(created.stderr, forbidden("create", "backups"));

  const restores = await world.run(`list restores --token ${reader.token}`);
  assertExit(restores, 1);
  assert.match(restores.stderr, forbidden("list", "restores"));
});

test("status shows what it may see, and what it may not", async () => {
  const status = await world.run(`status --token ${reader.token}`);
  assert.match(status.stdout, /^Location default +OK /m);
  assert.match(status.stdout, /UNKNOWN +no permission/);
});

test("a wrong token is kubectl's sentence", async () => {
  const outcome = await world.run("list --token wrong");
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /^error: You must be logged in to the server/);
});

test("the rights of docs/role.yaml are enough for every verb", async () => {
  const file = join(import.meta.dirname, "..", "..", "docs", "role.yaml");
  const role = parse(readFileSync(file, "utf8")) as { rules: Rule[] };
  const operator = await createUser(world.api, uniqueName("operator"), role.rules);
  const name = uniqueName("entitled");
  try {
    const as = `--token ${operator.token}`;
    assertExit(await world.run(`create ${name} --include-namespaces shop ${as}`), 0);
    const restored = await world.run(`restore ${name} --restore-name ${name}-over --yes ${as}`);
    assertExit(restored, 0);
    assert.doesNotMatch(restored.stdout, /could not be read/);
    assertExit(await world.run(`wait restore/${name}-over ${as}`), 0);
    for (const kind of ["backups", "restores", "schedules", "locations", "requests"]) {
      assertExit(await world.run(`list ${kind} ${as}`), 0);
    }
    const status = await world.run(`status ${as}`);
    assertExit(status, 0);
    assert.doesNotMatch(status.stdout, /no permission/);
    assertExit(await world.run(`config ${as}`), 0);
    assertExit(await world.run(`version --server ${as}`), 0);
    assertExit(await world.run(`delete restore/${name}-over backup/${name} --yes ${as}`), 0);
  } finally {
    await operator.remove();
  }
});
