import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { backupPath, hasBegun, veleroPath } from "./cluster-state.ts";
import { createUser } from "./restricted-user.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const finished = uniqueName("logged");
const made: string[] = [finished];
before(async () => {
  world = await openWorld({ unhurried: true });
  assertExit(await world.run(`create ${finished} --include-namespaces shop --ttl 24h`), 0);
});
after(async () => {
  for (const name of made) await world.run(`delete backup/${name} --yes`);
  await world.stop();
});

const withVolumes = (name: string) => {
  made.push(name);
  return `create ${name} --include-namespaces shop --default-volumes-to-fs-backup --ttl 24h`;
};
const lines = (text: string) => text.split("\n").filter((line) => line !== "");

test("the log of a finished backup: readable, raw, as JSON, and all of it each time", async () => {
  const shown = await world.run(`logs ${finished} --log-level=debug`);
  assertExit(shown, 0);
  assert.match(shown.stdout, /^\d{4}-\d\d-\d\d UTC\n\d\d:\d\d:\d\d {2}info {5}Setting up backup temp file\n/);
  assert.match(
    shown.stdout,
    /^\d\d:\d\d:\d\d {2}info {5}Backed up \d+ items out of .* {2}(?:Pod|pods) shop\/web-\S+$/m,
  );
  assert.match(shown.stdout, /^\d\d:\d\d:\d\d {2}info {5}Backed up a total of \d+ items$/m);
  assert.doesNotMatch(shown.stdout + shown.stderr, /X-Amz-Signature=[^…]/);

  const raw = await world.run(`logs backup/${finished} --raw`);
  assertExit(raw, 0);
  assert.equal(raw.stderr, "");
  for (const line of lines(raw.stdout)) assert.match(line, /^time="[^"]+" level=\w+ msg=/);
  const count = lines(raw.stdout).length;
  assert.equal(lines(shown.stdout).length, count + 1, "one line for the day, and one for each line");

  const json = await world.run(`backup logs ${finished} -o json`);
  assertExit(json, 0);
  const objects = lines(json.stdout).map((line) => JSON.parse(line) as Record<string, string>);
  assert.equal(objects.length, count);
  for (const { time = "", level, message, backup } of objects) {
    assert.ok(!Number.isNaN(Date.parse(time)) && level !== undefined && message !== undefined);
    assert.equal(backup, `mke/${finished}`);
  }
  const wide = await world.run(`logs ${finished} -o wide`);
  assert.match(wide.stdout, / logSource=github\.com\/vmware-tanzu\/velero/);
});

test("levels, expressions and times choose lines, and what they leave is counted", async () => {
  const grep = await world.run(`logs ${finished} --grep 'name=web-'`);
  assertExit(grep, 0);
  assert.ok(lines(grep.stdout).length > 1);
  assert.match(grep.stderr, /^\d+ of \d+ lines\n$/);
  const none = await world.run(`logs ${finished} --level error`);
  assertExit(none, 0);
  assert.equal(none.stdout, "");
  assert.match(none.stderr, /^None of \d+ lines\n$/);
  const late = await world.run(`logs ${finished} --since 2099-01-01T00:00:00Z`);
  assertExit(late, 0);
  assert.match(late.stderr, /^None of \d+ lines; the last is of \d{4}-\d\d-\d\dT\S+Z\n$/);
});

test("what cannot be meant is a usage error", async () => {
  const pattern = await world.run(`logs ${finished} --grep 'web-('`);
  assertExit(pattern, 2);
  assert.match(
    pattern.stderr,
    /^error: --grep is no regular expression: unterminated group at character 5\n {7}web-\(\n {11}\^\n/,
  );
  const since = await world.run(`logs ${finished} --since 3d`);
  assertExit(since, 2);
  assert.match(since.stderr, /^error: --since 3d is neither a duration nor a time\n.*72h is 3 days/);
  assertExit(await world.run("logs"), 2);
  assertExit(await world.run("logs schedule/x"), 2);
  assertExit(await world.run(`logs ${finished} --raw -o json`), 2);
});

test("a reader that goes away ends the program without a word", async () => {
  const running = world.start(`logs ${finished}`);
  await once(running.child.stdout as NonNullable<typeof running.child.stdout>, "data");
  running.child.stdout?.destroy();
  const { stderr } = await running.ended;
  assert.equal(stderr, "");
});

test("the log of a restore", async () => {
  const name = uniqueName("restored");
  assertExit(await world.run(`restore ${finished} --restore-name ${name} --yes`), 0);
  const shown = await world.run(`logs restore/${name}`);
  assertExit(shown, 0);
  assert.match(shown.stdout, /^\d\d:\d\d:\d\d {2}info {5}restore completed$/m);
  assertExit(await world.run(`delete restore/${name} --yes`), 0);
});

test("a backup that runs: what there is, and -f until it ends", async () => {
  const name = uniqueName("followed");
  const running = world.start(withVolumes(name));
  await hasBegun(world.api, name, running);
  const sofar = await world.run(`logs ${name}`);
  assertExit(sofar, 0);
  assert.match(sofar.stdout, /info {5}Setting up backup log/);
  assert.match(
    sofar.stderr,
    new RegExp(
      `backup ${name} is InProgress: this is its log so far\\.\nnext  kubectl mkebackup logs backup/${name} -f`,
    ),
  );
  const followed = await world.run(`logs ${name} -f`);
  assertExit(followed, 0);
  assert.match(followed.stdout, /^\d{4}-\d\d-\d\d UTC\n/);
  assert.match(followed.stdout, /info {5}Setting up backup log/);
  assert.match(followed.stdout, /info {5}Backed up a total of \d+ items/);
  assert.doesNotMatch(followed.stdout, /BackupStorageLocation/, "the server's other work is not its");
  assertExit(await running.ended, 0);
  // The stored log has the same lines; what plugins say about their own end comes after it.
  const stored = lines((await world.run(`logs ${name}`)).stdout);
  const seen = new Set(lines(followed.stdout));
  const missing = stored.filter((line) => !seen.has(line));
  assert.deepEqual(missing, []);
});

test("-f ends as the run ends: PartiallyFailed is 3", async () => {
  const name = uniqueName("partly");
  const undo = await world.failVolumeBackups();
  try {
    const running = world.start(withVolumes(name));
    await hasBegun(world.api, name, running);
    const followed = await world.run(`logs ${name} -f --level error`);
    assertExit(followed, 3);
    assert.match(followed.stdout, /^\d\d:\d\d:\d\d {2}error /m);
    await running.ended;
  } finally {
    await undo();
  }
  assertExit(await world.run(`logs ${name}`), 0);
  assertExit(await world.run(`logs ${name} -f`), 3);
});

test("a backup that the server refused has no log, and everything that is known is said", async () => {
  const name = uniqueName("refused");
  made.push(name);
  await world.api.post(veleroPath("backups"), {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name, namespace: "mke" },
    spec: { storageLocation: "nowhere" },
  });
  await eventually(
    `${name} is refused`,
    () => world.api.request("GET", backupPath(name)),
    ({ body }) => (body["status"] as { phase?: string } | undefined)?.phase === "FailedValidation",
  );
  const outcome = await world.run(`logs ${name}`);
  assertExit(outcome, 1);
  assert.match(
    outcome.stderr,
    new RegExp(`error: backup ${name} has no log: the server refused it \\(FailedValidation\\): .*nowhere`),
  );
});

test("there is no such backup", async () => {
  const outcome = await world.run("logs nosuchbackup");
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /^Error from server \(NotFound\): backups.velero.io "nosuchbackup" not found\n/);
});

test("without the right to read the server's log it is named, and -f shows the log when the run has ended", async () => {
  const all = { apiGroups: ["velero.io"], resources: ["*"], verbs: ["get", "list", "create", "delete"] };
  const core = { apiGroups: [""], resources: ["pods", "services", "endpoints", "secrets"], verbs: ["get", "list"] };
  const tunnels = { apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"] };
  const slices = { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list"] };
  const user = await createUser(world.api, uniqueName("nologs"), [all, core, tunnels, slices]);
  const name = uniqueName("unseen");
  try {
    const running = world.start(withVolumes(name));
    await hasBegun(world.api, name, running);
    const following = world.run(`logs ${name} -f --token ${user.token}`);
    const refused = await world.run(`logs ${name} --token ${user.token}`);
    if (refused.code !== 0) {
      assertExit(refused, 1);
      assert.match(refused.stderr, /cannot get resource "pods\/log" in API group "" in the namespace "mke"/);
    }
    const followed = await following;
    assertExit(followed, 0);
    assert.match(
      followed.stderr,
      /^Warning: .*cannot get resource "pods\/log".*\nThe log of backup \S+ is shown when it has ended\.\n/,
    );
    assert.match(followed.stdout, /Backed up a total of \d+ items/);
    await running.ended;
  } finally {
    await user.remove();
  }
});
