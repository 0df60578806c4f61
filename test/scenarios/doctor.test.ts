import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { recover } from "./cluster-state.ts";
import { createUser } from "./restricted-user.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
  await recover(world.api);
});
after(() => world.stop());

test("doctor looks at everything, and of a healthy cluster it finds what MKE brings with it", async () => {
  const outcome = await world.run("doctor");
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /^OK {2}/);
  assert.match(outcome.stdout, /^CHECKED +RULES +RESULT$/m);
  assert.match(outcome.stdout, /^deployment\/velero +\S+ +\d+ +\S*velero\S*$/m);
  assert.match(outcome.stdout, /^ +cause {2}MKE deploys MinIO without a persistent volume/m);
  assert.match(outcome.stdout, /^ +fix {4}\S/m);
  assert.match(outcome.stdout, /^ +see {4}https:\/\//m);
  assert.match(outcome.stdout, /^ +next {3}kubectl /m);
  assert.doesNotMatch(outcome.stdout, /Not seen/);
});

test("doctor and status give the same report to programs", async () => {
  const [doctor, status] = await Promise.all([world.run("doctor -o json"), world.run("status -o json")]);
  const [found, seen] = [doctor, status].map(
    ({ stdout }) => JSON.parse(stdout) as { kind: string; problems: { id: string }[]; checked: { rules: number }[] },
  );
  assert.equal(found?.kind, "StatusReport");
  assert.equal(seen?.kind, "StatusReport");
  const ids = new Set(found?.problems.map(({ id }) => id));
  for (const { id } of seen?.problems ?? []) assert.ok(ids.has(id), `doctor leaves out ${id}`);
  assert.ok((found?.checked ?? []).reduce((sum, { rules }) => sum + rules, 0) > 40);
});

test("a rule is explained without a cluster", async () => {
  const outcome = await world.run("doctor --explain storage.ephemeral", { KUBECONFIG: "/dev/null" });
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /^WARN {2}storage\.ephemeral\n/);

  const mistyped = await world.run("doctor --explain storage.ephemral", { KUBECONFIG: "/dev/null" });
  assertExit(mistyped, 2);
  assert.match(
    mistyped.stderr,
    /no rule is called storage\.ephemral\nnext {2}kubectl mkebackup doctor --explain storage\.ephemeral/,
  );

  const area = await world.run("doctor --explain schedule", { KUBECONFIG: "/dev/null" });
  assertExit(area, 2);
  assert.match(area.stderr, /\nnext {2}rules: schedule\.[a-z]+(, schedule\.[a-z]+)+\n$/);

  const unknown = await world.run("doctor --explain nonsense", { KUBECONFIG: "/dev/null" });
  assertExit(unknown, 2);
  assert.match(unknown.stderr, /\nnext {2}rules begin with [a-z, ]+\n$/);
});

test("what a user may not see is said, and judged by nothing else", async () => {
  const user = await createUser(world.api, uniqueName("looker"), [
    { apiGroups: ["velero.io"], resources: ["backups", "backupstoragelocations", "restores"], verbs: ["get", "list"] },
  ]);
  try {
    const outcome = await world.run(`doctor -n mke --token ${user.token}`);
    assertExit(outcome, 0);
    assert.match(outcome.stdout, /^OK {2}Nothing fails, but \d+ things could not be seen/);
    const shown = outcome.stdout.replace(/\n +/g, " ");
    assert.match(shown, /Not seen, so not judged:.* schedules +no permission \(list schedules\.velero\.io\)/);
    assert.match(shown, /WARN {2}This user may not create and restore +rights\.missing/);
    assert.match(shown, /namespaces +no permission \(list namespaces\)/);
  } finally {
    await user.remove();
  }
});
