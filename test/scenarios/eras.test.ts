import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  addon,
  blueprintEra,
  condition,
  helmRelease,
  k0rdentEra,
  mkeBackup,
  nativeBackup,
  newerServices,
  olderServices,
  pathOf,
  serve,
  veleroServer,
} from "./mke-objects.ts";
import { assertExit, eventually, openWorld, type World } from "./world.ts";

let world: World;
const namespaces = ["blueprint-system", "k0rdent"];

before(async () => {
  world = await openWorld();
  for (const name of namespaces) {
    await eventually(
      `namespace ${name}`,
      // An earlier run's may be on its way out.
      () =>
        world.api.request("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } }),
      ({ status }) => status === 201,
    );
  }
});
after(async () => {
  for (const name of namespaces) await world.api.delete(`/api/v1/namespaces/${name}`);
  await world.stop();
});

interface Report {
  readonly problems: readonly { readonly id: string; readonly title: string; readonly evidence: string }[];
  readonly engine?: { readonly kind: string; readonly era?: string };
}

/** What doctor finds of MKE's services and of what takes backups; other tests are about the rest. */
async function look(words = "doctor -o json"): Promise<Report> {
  const outcome = await world.run(words);
  assert.ok([0, 3].includes(outcome.code ?? -1), outcome.stderr);
  const report = JSON.parse(outcome.stdout) as Report;
  return { ...report, problems: report.problems.filter(({ id }) => /^(engine|addon|config|server)\./.test(id)) };
}
const idsIn = ({ problems }: Report) => problems.map(({ id }) => id);

const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, "");

test("Velero as MKE 4.1 installs it is nothing to complain of", async () => {
  const report = await look();
  assert.deepEqual(idsIn(report), []);
  assert.equal(report.engine?.kind, "managed");
});

test("the add-ons of Blueprint Operator", async (t) => {
  t.after(await serve(world.api, ...blueprintEra));
  const [addons, releases] = blueprintEra.map((kind) => pathOf(kind, "blueprint-system"));
  const installed = { reason: "Installed", message: "Helm Chart velero successfully installed", since: hourAgo() };
  await world.api.post(addons ?? "", addon("velero", "Available", installed));
  await world.api.post(addons ?? "", addon("minio", "Available", installed));
  const ready = [condition("Released", "True", "InstallSucceeded", "Helm install succeeded", hourAgo())];
  await world.api.post(releases ?? "", helmRelease("velero", ready));
  const healthy = await look();
  assert.deepEqual(idsIn(healthy), []);
  assert.equal(healthy.engine?.era, "blueprint");

  const message = "Helm upgrade failed for release mke/velero with chart velero@6.0.0: timed out";
  const since = hourAgo();
  await world.api.patch(`${releases}/velero`, {
    status: { conditions: [condition("Released", "False", "UpgradeFailed", message, since)] },
  });
  await world.api.patch(`${addons}/velero`, { status: { type: "Unhealthy", reason: "UpgradeFailed", message } });
  const failed = await look();
  assert.deepEqual(idsIn(failed), ["addon.failed"]);
  assert.match(
    failed.problems[0]?.evidence ?? "",
    /^Addon blueprint-system\/velero says UpgradeFailed, since at .*timed out/,
  );

  await world.api.patch(`${releases}/velero`, { status: { conditions: ready } });
  await world.api.patch(`${addons}/velero`, { status: { type: "Progressing", reason: "Waiting" } });
  assert.deepEqual(idsIn(await look()), ["addon.progressing"]);
});

test("the services of k0rdent, in the shape of older and of newer ones", async (t) => {
  t.after(await serve(world.api, ...k0rdentEra));
  const [, clusterWide, sets] = k0rdentEra.map((kind) => pathOf(kind));
  const release = (name: string, status: string, reason: string, message: string) =>
    condition(`mke.${name}/SveltosHelmReleaseReady`, status, reason, message, hourAgo());
  const minio = release("minio", "True", "Managing", "Release mke/minio");
  await world.api.post(
    clusterWide ?? "",
    olderServices([release("velero", "True", "Managing", "Release mke/velero"), minio]),
  );
  const healthy = await look();
  assert.deepEqual(idsIn(healthy), []);
  assert.equal(healthy.engine?.era, "k0rdent");

  const conflict = "cannot manage it; profile other is";
  const broken = olderServices([release("velero", "False", "Conflict", conflict), minio]);
  await world.api.patch(`${clusterWide}/mke-services`, { status: broken.status });
  const failed = await look();
  assert.deepEqual(idsIn(failed), ["addon.failed"]);
  assert.match(failed.problems[0]?.evidence ?? "", /^MultiClusterService mke-services says Conflict, .*profile other/);
  await world.api.delete(`${clusterWide}/mke-services`);

  const inNamespace = sets?.replace("/servicesets", "/namespaces/k0rdent/servicesets") ?? "";
  const minioDeployed = { state: "Deployed", since: hourAgo() };
  await world.api.post(
    inNamespace,
    newerServices({ velero: { state: "Deployed", since: hourAgo() }, minio: minioDeployed }),
  );
  assert.deepEqual(idsIn(await look()), []);
  const failing = newerServices({
    velero: { state: "Failed", since: hourAgo(), message: "chart not found" },
    minio: minioDeployed,
  });
  await world.api.patch(`${inNamespace}/mke-services-5c8d`, { status: failing.status });
  const newer = await look();
  assert.deepEqual(idsIn(newer), ["addon.failed"]);
  assert.match(
    newer.problems[0]?.evidence ?? "",
    /^ServiceSet k0rdent\/mke-services-5c8d says Failed, .*chart not found/,
  );
});

test("MKE's own backups beside a Velero that works", async (t) => {
  t.after(await serve(world.api, mkeBackup));
  const path = pathOf(mkeBackup, "mke");
  await world.api.post(path, nativeBackup("nightly-1", { phase: "Completed", location: "Node" }));
  assert.deepEqual(idsIn(await look()), []);
  await world.api.post(path, nativeBackup("nightly-2", { phase: "Failed", location: "Node" }));
  await world.api.delete(`${path}/nightly-1`);
  const report = await look();
  assert.deepEqual(idsIn(report), ["engine.native-failed"]);
  assert.match(report.problems[0]?.title ?? "", /nightly-2$/);
});

const mkeConfigPath = "/apis/mke.mirantis.com/v1alpha1/namespaces/mke/mkeconfigs/mke";

/** Changes MKE's configuration while a test looks, and never longer. */
async function configured<T>(spec: object, body: () => Promise<T>): Promise<T> {
  const { spec: before } = await world.api.get(mkeConfigPath);
  const put = async (wanted: unknown) => {
    const object = await world.api.get(mkeConfigPath);
    const answer = await world.api.request("PUT", mkeConfigPath, { ...object, spec: wanted });
    assert.equal(answer.status, 200, answer.text);
  };
  try {
    await put(spec);
    return await body();
  } finally {
    await put(before);
  }
}

test("a Velero of one's own on an MKE without a backup section, or with a schedule of its own backups", async () => {
  const plain = await configured({ version: "v4.1.3" }, () => look());
  assert.deepEqual(idsIn(plain), []);
  assert.equal(plain.engine?.kind, "self-installed");
  const schedule = { enabled: true, cronExpression: "0 2 * * *" };
  const scheduled = await configured({ version: "v4.2.1", backup: { schedule } }, () => look());
  assert.deepEqual(idsIn(scheduled), []);
  assert.equal(scheduled.engine?.kind, "self-installed");
});

test("a Velero that MKE is told to switch off, and that runs", async () => {
  const backup = { enabled: false, storage_provider: { type: "InCluster" } };
  const report = await configured({ version: "v4.1.0", backup }, () => look());
  assert.deepEqual(idsIn(report), ["config.disabled"]);
});

const managementLocation = {
  apiVersion: "velero.io/v1",
  kind: "BackupStorageLocation",
  metadata: { name: "default", namespace: "k0rdent" },
  spec: { provider: "aws", objectStorage: { bucket: "management" } },
};

test("k0rdent's own Velero is no second one until it has a location", async (t) => {
  const deployments = "/apis/apps/v1/namespaces/k0rdent/deployments";
  const locations = "/apis/velero.io/v1/namespaces/k0rdent/backupstoragelocations";
  t.after(async () => {
    await world.api.delete(`${locations}/default`);
    await world.api.delete(`${deployments}/velero`);
  });
  await world.api.post(deployments, veleroServer("k0rdent"));
  assert.deepEqual(idsIn(await look()), []);
  await world.api.post(locations, managementLocation);
  const report = await look();
  assert.deepEqual(idsIn(report), ["engine.several"]);
  assert.match(report.problems[0]?.evidence ?? "", /namespaces mke, k0rdent\. This is about mke\.$/);
});

test("a location without a server, while a Velero runs in another namespace", async (t) => {
  const locations = "/apis/velero.io/v1/namespaces/k0rdent/backupstoragelocations";
  t.after(() => world.api.delete(`${locations}/default`));
  await world.api.post(locations, managementLocation);
  assert.deepEqual(idsIn(await look()), [], "nothing is wrong with the one that runs");
  const report = await look("doctor -n k0rdent -o json");
  assert.deepEqual(idsIn(report), ["engine.left-behind"]);
  assert.match(report.problems[0]?.evidence ?? "", /The Velero that runs is in namespace mke\.$/);
});

test("in a namespace without a Velero, doctor says where there is none", async () => {
  const outcome = await world.run("doctor -n default");
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /no Velero found in namespace default/);
});

/** Everybody else's Velero on a shared cluster cannot be taken away. */
test("where no Velero is, doctor says why, and nothing besides", async (t) => {
  if (world.name !== "sandbox") return t.skip("the cluster's Velero is needed");
  const deployment = "/apis/apps/v1/namespaces/mke/deployments/velero";
  const locations = "/apis/velero.io/v1/namespaces/mke/backupstoragelocations";
  await world.api.delete(deployment);
  const location = await world.api.get(`${locations}/default`);
  await world.api.delete(`${locations}/default`);
  const all = async () => {
    const outcome = await world.run("doctor -o json");
    assert.ok(outcome.stdout !== "", outcome.stderr);
    return idsIn(JSON.parse(outcome.stdout) as Report);
  };
  const storage_provider = { type: "InCluster" };
  const schedule = { enabled: true, cronExpression: "0 2 * * *" };
  assert.deepEqual(await all(), ["engine.absent"]);
  assert.deepEqual(await configured({ version: "v4.1.3" }, all), ["engine.none"]);
  assert.deepEqual(await configured({ version: "v4.1.3", backup: { storage_provider } }, all), ["engine.not-bundled"]);
  assert.deepEqual(await configured({ version: "v4.2.1", backup: { schedule } }, all), ["engine.native"]);
  const backup = { enabled: false, storage_provider };
  assert.deepEqual(await configured({ version: "v4.1.0", backup }, all), ["config.disabled"]);
  await world.api.post("/apis/apps/v1/namespaces/k0rdent/deployments", veleroServer("k0rdent"));
  assert.deepEqual(await configured({ version: "v4.1.3" }, all), ["engine.foreign-only"]);

  const { name } = location["metadata"] as { name: string };
  await world.api.post(locations, { ...location, metadata: { name }, status: {} });
  // MinIO is there again too, as ephemeral as it always is here.
  assert.deepEqual(await configured({ version: "v4.1.3" }, all), ["engine.left-behind", "storage.ephemeral"]);
});
