import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../../src/core/resource.ts";
import { isUsable, readEngine } from "../../../src/mke/engine.ts";
import { nativeBackup, veleroServer } from "../../scenarios/mke-objects.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { allServed } from "./served-samples.ts";

const location = (namespace: string, name = "default") => ({
  kind: "BackupStorageLocation",
  metadata: { name, namespace },
  spec: {
    provider: "aws",
    objectStorage: { bucket: "velero", prefix: "/a/" },
    config: { s3Url: "http://minio.mke.svc:9000" },
  },
  status: { lastValidationTime: "2026-11-24T08:59:00Z" },
});
const deployment = (namespace: string, name: string) => ({
  kind: "Deployment",
  metadata: { name, namespace },
  spec: { template: { spec: { containers: [{ name }] } } },
});

const read = (objects: readonly unknown[], options: Omit<FakeClusterOptions, "objects"> = {}, namespace = "mke") => {
  const cluster = fakeCluster({ ...options, objects: objects as KubeObject[] });
  return readEngine(cluster, { namespace, served: Promise.resolve(allServed) });
};

test("every Velero is found, the one in question first and k0rdent's last", async () => {
  const { veleros, era, native, unseen } = await read([
    ...[veleroServer("k0rdent"), veleroServer("backup"), veleroServer("mke"), deployment("mke", "minio")],
    ...[location("backup"), location("mke"), location("old"), location("mke", "second")],
  ]);
  assert.deepEqual(
    veleros.map((velero) => [velero.namespace, velero.server?.name, velero.locations.length, isUsable(velero)]),
    [
      ["mke", "velero", 2, true],
      ["backup", "velero", 1, true],
      ["old", undefined, 1, false],
      ["k0rdent", "velero", 0, false],
    ],
  );
  assert.deepEqual(veleros[0]?.server, { name: "velero", ready: 0, wanted: 0 });
  assert.equal(veleros[0]?.locations[0]?.store, "minio.mke.svc:9000 velero/a");
  assert.equal(era, "k0rdent");
  assert.deepEqual(native, { resource: "mkebackups.mke.mirantis.com", count: 0, failed: 0, newest: undefined });
  assert.deepEqual(unseen, []);
});

test("where the whole cluster must not be listed, the usual namespaces are", async () => {
  const found = await read(
    [veleroServer("mine"), location("mine"), veleroServer("k0rdent"), veleroServer("hidden"), location("hidden")],
    { refuse: ({ namespace }) => (namespace === undefined ? "Forbidden" : undefined) },
    "mine",
  );
  assert.deepEqual(
    found.veleros.map(({ namespace }) => namespace),
    ["mine", "k0rdent"],
  );
  assert.deepEqual(found.unseen, [
    "list deployments.apps in every namespace",
    "list backupstoragelocations.velero.io in every namespace",
    "list mkebackups.mke.mirantis.com",
  ]);
});

test("without Velero's kinds there is no Velero", async () => {
  const found = await read([], { refuse: ({ kind }) => (kind.group === "velero.io" ? "NoSuchKind" : undefined) });
  assert.deepEqual(found.veleros, []);
  assert.deepEqual(found.unseen, []);
});

test("a record of MKE's own backups tells how it went in one of several ways", async () => {
  const failed = async (status: object) => (await read([nativeBackup("b1", status)])).native?.newest?.failed;
  assert.equal(await failed({ phase: "Failed" }), true);
  assert.equal(await failed({ state: "error" }), true);
  assert.equal(await failed({ conditions: [{ type: "Failed", status: "True" }] }), true);
  assert.equal(await failed({ phase: "Completed", location: "Node" }), false);
  assert.equal(await failed({ conditions: [{ type: "Failed", status: "False" }] }), false);
  assert.equal(await failed({}), false);
});

test("the newest record counts", async () => {
  const record = (name: string, creationTimestamp: string, phase: string) => ({
    ...nativeBackup(name, { phase, location: "Client" }),
    metadata: { name, namespace: "mke", creationTimestamp },
  });
  const { native } = await read([
    record("b1", "2026-11-23T02:00:00Z", "Failed"),
    record("b2", "2026-11-24T02:00:00Z", "Completed"),
  ]);
  assert.equal(native?.count, 2);
  assert.equal(native?.failed, 1);
  assert.deepEqual(native?.newest, {
    namespace: "mke",
    name: "b2",
    created: new Date("2026-11-24T02:00:00Z"),
    state: "Completed",
    failed: false,
    location: "Client",
  });
});

test("a quick look does not ask what is served", async () => {
  const cluster = fakeCluster({ objects: [veleroServer("mke") as unknown as KubeObject] });
  const found = await readEngine(cluster, { namespace: "mke", served: undefined });
  assert.equal(found.era, undefined);
  assert.equal(found.native, undefined);
  assert.deepEqual(
    cluster.requests.map(({ verb, kind }) => `${verb} ${kind.plural}`),
    ["list deployments", "list deployments", "list backupstoragelocations"],
  );
});
