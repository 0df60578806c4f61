import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createUser } from "./restricted-user.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const space = uniqueName("diff");
const [first, second] = [`${space}-1`, `${space}-2`];
const configMaps = `/api/v1/namespaces/${space}/configmaps`;
const secrets = `/api/v1/namespaces/${space}/secrets`;
const password = (value: string) => ({ password: Buffer.from(value).toString("base64") });
const take = (name: string) =>
  world
    .run(`create ${name} --include-namespaces ${space} --snapshot-volumes=false`)
    .then((outcome) => assertExit(outcome, 0));

before(async () => {
  world = await openWorld();
  await world.api.post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: space } });
  const configMap = (name: string, data: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
  await world.api.post(configMaps, configMap("settings", { mode: "slow", file: "a\nb\nc\nd" }));
  await world.api.post(configMaps, configMap("old", { a: "1" }));
  await world.api.post(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "keys" },
    data: password("hunter2"),
  });
  await world.api.post(`/apis/apps/v1/namespaces/${space}/deployments`, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image: "busybox:1" }] },
      },
    },
  });
  await take(first);
});
after(async () => {
  await world.run(`delete backup/${first} backup/${second} --yes`);
  await world.api.delete(`/api/v1/namespaces/${space}`);
  await world.stop();
});

test("a backup that was just taken does not differ from the cluster", async () => {
  const same = await world.run(`diff ${first} --exit-code`);
  assertExit(same, 0);
  assert.match(
    same.stdout,
    new RegExp(`^No differences between backup ${first} and the cluster: \\d+ objects\\s+compared\n`),
  );
  const json = JSON.parse((await world.run(`diff ${first} live -o json`)).stdout);
  assert.deepEqual(
    [json.kind, json.isComplete, json.added, json.removed, json.changed],
    ["BackupDiff", true, [], [], []],
  );
});

test("what was changed since is told: only in the backup, only in the cluster, different", async () => {
  await world.api.delete(`${configMaps}/old`);
  await world.api.post(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "young" }, data: {} });
  await world.api.patch(`${configMaps}/settings`, { data: { mode: "fast", file: "a\nb\nX\nd" } });
  await world.api.patch(`${secrets}/keys`, { data: password("swordfish") });
  await world.api.patch(`/apis/apps/v1/namespaces/${space}/deployments/web`, {
    spec: { template: { spec: { containers: [{ name: "web", image: "busybox:2" }] } } },
  });

  const found = await world.run(`diff ${first}`);
  assertExit(found, 0);
  assert.match(found.stdout, new RegExp(`^5 differences between backup ${first} and the cluster\n`));
  assert.match(found.stdout, /\n1 only in the backup, 1 only in the cluster, 3 different, \d+ the same\n/);
  assert.match(found.stdout, new RegExp(`Only in backup ${first}\nKIND +OBJECT\nconfigmaps +${space}/old\n`));
  assert.match(found.stdout, new RegExp(`Only in the cluster\nKIND +OBJECT\nconfigmaps +${space}/young\n`));
  for (const line of found.stdout.split("\n")) assert.ok(line.length <= 80 || line.startsWith("next "), line);

  const different = await world.run(`diff ${first} --exit-code -o json`);
  assertExit(different, 1);
  const { removed, added, changed } = JSON.parse(different.stdout);
  const names = (objects: { name: string }[]) => objects.map(({ name }) => name);
  assert.deepEqual([names(removed), names(added), names(changed)], [["old"], ["young"], ["settings", "web", "keys"]]);
  assert.deepEqual(changed[1].fields, [
    { path: "spec.template.spec.containers[web].image", before: "busybox:1", after: "busybox:2" },
  ]);
  const told = different.stdout + different.stderr;
  for (const value of ["hunter2", "swordfish", ...Object.values({ ...password("hunter2"), ...password("swordfish") })])
    assert.ok(!told.includes(value), value);
});

test("one object is shown field by field, and a Secret's value is not", async () => {
  const one = await world.run(`diff ${first} cm/settings -n ${space}`);
  assertExit(one, 0);
  assert.match(one.stdout, /\n {2}data\.mode: slow -> fast\n/);
  assert.match(one.stdout, /\n {2}data\.file: c -> X\n/);
  const image = await world.run(`diff ${first} live apps/v1/Deployment/web`);
  assert.match(image.stdout, /\n {2}spec\.template\.spec\.containers\[web\]\.image: busybox:1 -> busybox:2\n/);
  const keys = await world.run(`diff ${first} secret/keys`);
  assertExit(keys, 0);
  assert.match(keys.stdout, /\n {2}data\.password: different, value not shown\n/);
});

test("two backups differ as the cluster did between them, in both directions", async () => {
  await take(second);
  const later = JSON.parse((await world.run(`diff ${first} ${second} configmaps -o json`)).stdout);
  const earlier = JSON.parse((await world.run(`diff ${second} backup/${first} cm -o json`)).stdout);
  assert.deepEqual(later.before.backup, first);
  assert.deepEqual(later.removed, earlier.added);
  assert.deepEqual(later.added, earlier.removed);
  assert.equal(later.removed[0].name, "old");
  assert.deepEqual(
    later.changed[0].fields.map(({ path }: { path: string }) => path),
    earlier.changed[0].fields.map(({ path }: { path: string }) => path),
  );
  const same = await world.run(`diff ${second} ${second}`);
  assert.match(same.stdout, /^No differences between/);
});

test("what there is not is said in words", async () => {
  const none = await world.run(`diff ${first} deploy/nothing -n ${space}`);
  assertExit(none, 1);
  assert.match(
    none.stderr,
    new RegExp(
      `error: neither backup ${first} nor the cluster holds deploy/nothing in namespace ${space}\nnext {2}kubectl`,
    ),
  );
  assertExit(await world.run("diff"), 2);
  const unknown = await world.run(`diff ${space}-9`);
  assertExit(unknown, 1);
  assert.match(unknown.stderr, /Error from server \(NotFound\): backups\.velero\.io ".*-9" not found\nnext .*nearest/);
});

test("what a user may not read in the cluster is told, is not called missing, and ends with 3", async () => {
  const velero = { apiGroups: ["velero.io"], resources: ["*"], verbs: ["get", "list", "create", "delete"] };
  const core = { apiGroups: [""], resources: ["pods", "services", "endpoints", "secrets"], verbs: ["get", "list"] };
  const tunnels = { apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"] };
  const slices = { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list"] };
  const user = await createUser(world.api, uniqueName("stranger"), [velero, core, tunnels, slices]);
  try {
    const outcome = await world.run(`diff ${first} configmaps -o json --token ${user.token}`, {
      MKEBACKUP_NAMESPACE: "mke",
    });
    assertExit(outcome, 3);
    assert.match(outcome.stderr, /Not compared: configmaps: you may not read them in the cluster\n/);
    const { isComplete, removed, notCompared } = JSON.parse(outcome.stdout);
    assert.deepEqual([isComplete, removed], [false, []]);
    assert.deepEqual(notCompared[0].resources, ["configmaps"]);
    const found = await world.run(`search cm/old -n ${space} -o name --token ${user.token}`, {
      MKEBACKUP_NAMESPACE: "mke",
      XDG_CACHE_HOME: "/dev/null",
    });
    assert.match(found.stdout, new RegExp(`^backup\\.velero\\.io/${first}$`, "m"));
  } finally {
    await user.remove();
  }
});
