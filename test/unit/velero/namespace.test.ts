import assert from "node:assert/strict";
import { test } from "node:test";
import { findVeleroNamespace, locationsIn } from "../../../src/velero/namespace.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const locationIn = (namespace: string, name = "default") => ({
  kind: "BackupStorageLocation",
  metadata: { name, namespace },
});
const find = (options: FakeClusterOptions, named?: string) => findVeleroNamespace(fakeCluster(options), named);

test("a named namespace is taken without a look", async () => {
  const cluster = fakeCluster({ objects: [locationIn("mke")] });
  assert.deepEqual(await findVeleroNamespace(cluster, "other"), { name: "other", locations: undefined });
  assert.deepEqual(cluster.requests, []);
});

test("mke wins when it holds a location, and nobody looks further", async () => {
  const cluster = fakeCluster({ objects: [locationIn("mke"), locationIn("velero")] });
  const { name, locations } = await findVeleroNamespace(cluster, undefined);
  assert.equal(name, "mke");
  assert.equal(locations?.length, 1);
  assert.equal(cluster.requests.length, 1);
});

test("else the one namespace that holds locations", async () => {
  const { name, locations } = await find({ objects: [locationIn("backup"), locationIn("backup", "offsite")] });
  assert.equal(name, "backup");
  assert.deepEqual(
    locations?.map(({ metadata }) => metadata.name),
    ["default", "offsite"],
  );
});

test("several namespaces are an error that lists them, the likelier first", async () => {
  const objects = ["zoo", "k0rdent", "alpha", "velero"].map((namespace) => locationIn(namespace));
  await assert.rejects(find({ objects }), {
    kind: "usage",
    message: "several namespaces hold a Velero: velero, alpha, zoo, k0rdent",
    next: ["say which one is meant: export MKEBACKUP_NAMESPACE=velero"],
  });
});

test("no location anywhere means that no Velero was found", async () => {
  await assert.rejects(find({}), { kind: "failed", message: /^no Velero found/ });
});

test("whoever may not list across the cluster is served in the usual namespaces", async () => {
  const refuse: FakeClusterOptions["refuse"] = ({ namespace }) => (namespace === undefined ? "Forbidden" : undefined);
  assert.equal((await find({ objects: [locationIn("velero")], refuse })).name, "velero");
  assert.equal((await find({ objects: [locationIn("mke")], refuse })).name, "mke");
});

test("whoever may look into one namespace only is served there", async () => {
  const refuse: FakeClusterOptions["refuse"] = ({ namespace }) => (namespace === "k0rdent" ? undefined : "Forbidden");
  assert.equal((await find({ objects: [locationIn("k0rdent")], refuse })).name, "k0rdent");
});

test("a location outside the usual namespaces stays hidden from whoever may not list across the cluster", async () => {
  const refuse: FakeClusterOptions["refuse"] = ({ namespace }) => (namespace === undefined ? "Forbidden" : undefined);
  await assert.rejects(find({ objects: [locationIn("backup")], refuse }), {
    message: /no namespace that you may look into/,
  });
});

test("whoever may look nowhere reads the refusal, not that there is no Velero", async () => {
  await assert.rejects(find({ objects: [locationIn("mke")], refuse: () => "Forbidden" }), { reason: "Forbidden" });
});

for (const reason of ["NoSuchKind", "Unreachable", "Unauthorized"]) {
  test(`a cluster that answers ${reason} is not taken for one without Velero`, async () => {
    await assert.rejects(find({ refuse: () => reason }), { reason });
  });
}

test("locations that were seen while looking are not read again", async () => {
  const cluster = fakeCluster({ objects: [locationIn("mke")] });
  const found = await findVeleroNamespace(cluster, undefined);
  const before = cluster.requests.length;
  assert.equal((await locationsIn(cluster, found)).length, 1);
  assert.equal(cluster.requests.length, before);
});

test("locations of a named namespace are read when they are needed", async () => {
  const cluster = fakeCluster({ objects: [locationIn("mke"), locationIn("velero")] });
  const named = await findVeleroNamespace(cluster, "velero");
  assert.deepEqual(
    (await locationsIn(cluster, named)).map(({ metadata }) => metadata.namespace),
    ["velero"],
  );
});
