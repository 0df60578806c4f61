import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { backupPath, veleroPath } from "./cluster-state.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const [backup, restore] = [uniqueName("told"), uniqueName("told-back")];
before(async () => {
  world = await openWorld();
  assertExit(
    await world.run(
      `create ${backup} --include-namespaces shop --default-volumes-to-fs-backup --labels suite=describe`,
    ),
    0,
  );
  // What exists and is not as it was is left alone, with warnings.
  assertExit(await world.run(`restore ${backup} --restore-name ${restore} --yes`), 0);
});
after(async () => {
  await world.run(`delete backup/${backup} --yes`);
  await world.stop();
});

interface Seen {
  readonly object: {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly managedFields?: unknown };
    readonly status: {
      readonly phase: string;
      readonly warnings?: number;
      readonly progress: { readonly totalItems: number };
    };
  };
  readonly kind: string;
  readonly apiVersion: string;
  readonly volumes: readonly {
    readonly phase: string;
    readonly bytes: number;
    readonly pod: { readonly name: string };
  }[];
  readonly bucket: { readonly files: number; readonly bytes: number };
  readonly resources: readonly { readonly kind: string; readonly name: string; readonly action?: string }[];
  readonly restores: readonly { readonly metadata: { readonly name: string } }[];
  readonly results?: { readonly warnings: readonly { readonly text: string }[]; readonly benign: number };
}

async function seen(words: string): Promise<Seen> {
  const outcome = await world.run(`describe ${words} -o json`);
  assertExit(outcome, 0);
  return JSON.parse(outcome.stdout) as Seen;
}

test("a backup: how it ended, what it holds, its volumes and its restores", async () => {
  const outcome = await world.run(`describe ${backup}`);
  assertExit(outcome, 0);
  const { status } = (await world.api.get(backupPath(backup))) as unknown as Seen["object"];
  assert.match(
    outcome.stdout,
    new RegExp(
      `^Backup ${backup} ${status.phase} in \\d+.*: ${status.progress.totalItems} items, 0 warnings, 0 errors\n`,
    ),
  );
  assert.match(outcome.stdout, /^Started +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, \S+ ago$/m);
  assert.match(outcome.stdout, /^In the bucket +\d.* in \d+ files, data of volumes 40 MiB$/m);
  assert.match(outcome.stdout, /^Namespaces +shop$/m);
  assert.equal(outcome.stdout.match(/^shop\/web-\S+ data +PodVolumeBackup +20 MiB +\d+\w+ +Completed$/gm)?.length, 2);
  assert.match(outcome.stdout, new RegExp(`^${restore} +Completed +`, "m"));
  assert.match(outcome.stdout, new RegExp(`^next {2}kubectl mkebackup contents ${backup}$`, "m"));
  assert.ok(outcome.stdout.split("\n").every((line) => line.length <= 80));
});

test("with details: every object, every volume, labels", async () => {
  const { stdout } = await world.run(`describe backup/${backup} --details`);
  assert.match(stdout, /^Labels +suite=describe$/m);
  assert.match(stdout, /^ {2}apps\/v1\/Deployment\n {4}shop\/web$/m);
  assert.match(stdout, /^ {2}Snapshot +[0-9a-f]{32}$/m);
});

test("json and yaml are one document with raw values", async () => {
  const found = await seen(`${backup} --details`);
  assert.deepEqual([found.apiVersion, found.kind, found.object.kind], ["mkebackup/v1", "BackupDescription", "Backup"]);
  assert.equal(found.object.metadata.managedFields, undefined);
  assert.deepEqual(
    found.volumes.map(({ phase, bytes }) => [phase, bytes]),
    [
      ["Completed", 20 * 1024 * 1024],
      ["Completed", 20 * 1024 * 1024],
    ],
  );
  assert.ok(found.bucket.files >= 9 && found.bucket.bytes > 1000);
  assert.ok(found.resources.some(({ kind, name }) => kind === "Deployment" && name === "web"));
  assert.deepEqual(
    found.restores.map(({ metadata }) => metadata.name),
    [restore],
  );
  const yaml = await world.run(`describe ${backup} -o yaml`);
  assert.equal((parse(yaml.stdout) as Seen).kind, "BackupDescription");
});

test("a restore: what became of each kind, and the warnings by cause", async () => {
  const { stdout } = await world.run(`describe restore/${restore}`);
  const found = await seen(`restore/${restore}`);
  assert.equal(found.kind, "RestoreDescription");
  const count = (action: string) => found.resources.filter((one) => one.action === action).length;
  assert.ok(count("skipped") > 0 && count("failed") > 0);
  assert.match(
    stdout,
    new RegExp(
      `^Restore ${restore} Completed in \\d+s:?\\s+.*${count("skipped")} skipped, ${count("failed")} failed, `,
    ),
  );
  assert.match(stdout, new RegExp(`^Backup +${backup}, Completed, taken `, "m"));
  assert.match(stdout, new RegExp(`^total .* ${count("failed")}$`, "m"));
  assert.match(stdout, /^ ?\d+ x {2}\w+ exists and differs from the backup's: left as it is$/m);
});

test("a volume failed: the reason is told with it, once, and the exit code is that of having told it", async () => {
  const name = uniqueName("told-partial");
  const undo = await world.failVolumeBackups();
  try {
    const made = await world.run(`create ${name} --include-namespaces shop --default-volumes-to-fs-backup`);
    assertExit(made, 3);
    assert.match(made.stderr, new RegExp(`next  kubectl mkebackup describe backup/${name} `));
  } finally {
    await undo();
  }
  const outcome = await world.run(`describe ${name}`);
  assertExit(outcome, 0);
  assert.match(outcome.stdout, new RegExp(`^Backup ${name} PartiallyFailed after `));
  assert.match(outcome.stdout, /^shop\/web-\S+ data .*Failed$/m);
  assert.match(outcome.stdout, /^ERRORS\n *\d+ x {2}pod volume failed: \S/m);
  assert.match(outcome.stdout, new RegExp(`^next {2}kubectl mkebackup logs backup/${name} --level error$`, "m"));
  assertExit(await world.run(`delete backup/${name} --yes`), 0);
});

test("a backup that was refused says why, and has no files to look for", async () => {
  const name = uniqueName("told-refused");
  await world.api.post(veleroPath("backups"), {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name },
    spec: { storageLocation: "nowhere" },
  });
  await eventually(
    "the server has refused it",
    () => world.api.get(backupPath(name)),
    (object) => (object as { status?: { phase?: string } }).status?.phase === "FailedValidation",
  );
  const outcome = await world.run(`describe ${name}`);
  assertExit(outcome, 0);
  assert.match(outcome.stdout, new RegExp(`^Backup ${name} FailedValidation\n  \\S.*`));
  assert.match(outcome.stdout.replace(/\s+/g, " "), /nowhere/);
  assert.doesNotMatch(outcome.stdout, /could not be read|In the bucket/);
  await world.api.delete(backupPath(name));
});

test("a location: where it is, and what lies in it", async () => {
  const outcome = await world.run("describe location/default");
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /^Location default Available: the default one\n/);
  assert.match(outcome.stdout, /^Bucket +velero$/m);
  assert.match(outcome.stdout, /^Checked +\d{4}-.* UTC, \S+ ago/m);
  assert.match(outcome.stdout, /^Backups +\d+: .*\d+ Completed/m);
});

test("a schedule: when it runs next, and how its last backups ended", async () => {
  const name = uniqueName("told-nightly");
  const template = { includedNamespaces: ["shop"], ttl: "48h0m0s" };
  await world.api.post(veleroPath("schedules"), {
    apiVersion: "velero.io/v1",
    kind: "Schedule",
    metadata: { name },
    spec: { schedule: "0 2 1 1 *", template },
  });
  try {
    const made = uniqueName("told-now");
    assertExit(await world.run(`create ${made} --from-schedule ${name}`), 0);
    const outcome = await world.run(`describe schedule/${name}`);
    assertExit(outcome, 0);
    assert.match(outcome.stdout, new RegExp(`^Schedule ${name} \\w+: 0 2 1 1 \\*, next in \\S+\n`));
    assert.match(outcome.stdout, /^Next run +\d{4}-01-01 02:00:00 UTC$/m);
    assert.match(outcome.stdout, /^Kept for +48h$/m);
    assert.match(outcome.stdout, new RegExp(`^${made} +Completed +`, "m"));
    assertExit(await world.run(`delete backup/${made} --yes`), 0);
  } finally {
    await world.api.delete(`${veleroPath("schedules")}/${name}`);
  }
});

test("what is not there is answered with what is nearest", async () => {
  const outcome = await world.run(`describe ${backup}x`);
  assertExit(outcome, 1);
  assert.match(outcome.stderr, new RegExp(`NotFound.*\nnext {2}kubectl mkebackup list backups +\\(nearest: ${backup}`));
  assertExit(await world.run("describe"), 2);
  assertExit(await world.run("describe pod/x"), 2);
});
