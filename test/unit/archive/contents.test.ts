import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { choose, countByNamespace, readContents, readManifests } from "../../../src/archive/contents.ts";
import { writeTar } from "../../sandbox/velero/tar.ts";
import { fakeArchive } from "../fake-archive.ts";

const list = {
  "v1/Pod": ["shop/web-2", "shop/web-1", "other/web-1"],
  "apps/v1/Deployment": ["shop/web"],
  "v1/Namespace": ["shop"],
};
const object = (apiVersion: string, kind: string, name: string, namespace?: string) => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const files = [
  ["resources/namespaces/cluster/shop.json", object("v1", "Namespace", "shop")],
  ["resources/pods/namespaces/shop/web-1.json", object("v1", "Pod", "web-1", "shop")],
  ["resources/services/namespaces/shop/web.json", object("v1", "Service", "web", "shop")],
  ["resources/deployments.apps/namespaces/shop/web.json", object("apps/v1", "Deployment", "web", "shop")],
  ["resources/pods/namespaces/other/web-1.json", object("v1", "Pod", "web-1", "other")],
] as const;
const tarball = gzipSync(writeTar(files.map(([path, manifest]) => [path, JSON.stringify(manifest)] as const)));
const archive = fakeArchive({ "BackupResourceList/b1": list, "BackupContents/b1": tarball });

const short = (listed: readonly { kind: string; namespace: string | undefined; name: string }[]) =>
  listed.map(({ kind, namespace, name }) => `${kind} ${namespace ?? "-"}/${name}`);

test("the contents are the resource list's, in order", async () => {
  assert.deepEqual(short(await readContents(archive, "b1")), [
    "Namespace -/shop",
    "Pod other/web-1",
    "Deployment shop/web",
    "Pod shop/web-1",
    "Pod shop/web-2",
  ]);
});

test("a backup without a resource list is read from its tarball", async () => {
  const old = fakeArchive({ "BackupContents/b1": tarball });
  assert.deepEqual(short(await readContents(old, "b1")), [
    "Namespace -/shop",
    "Pod other/web-1",
    "Deployment shop/web",
    "Pod shop/web-1",
    "Service shop/web",
  ]);
});

const questions = [
  [{ kind: "po" }, ["Pod other/web-1", "Pod shop/web-1", "Pod shop/web-2"]],
  [{ kind: "pods", namespace: "shop" }, ["Pod shop/web-1", "Pod shop/web-2"]],
  [{ kind: "pods", name: "*-1" }, ["Pod other/web-1", "Pod shop/web-1"]],
  [{ namespace: "sh*" }, ["Deployment shop/web", "Pod shop/web-1", "Pod shop/web-2"]],
  [{ kind: "ns" }, ["Namespace -/shop"]],
  [{ kind: "secrets" }, []],
] as const;
for (const [asked, found] of questions) {
  test(`${JSON.stringify(asked)} chooses ${found.length}`, async () => {
    assert.deepEqual(short(choose(await readContents(archive, "b1"), asked)), found);
  });
}

test("manifests come in the list's order, each of its own kind", async () => {
  const wanted = choose(await readContents(archive, "b1"), { name: "web*" });
  assert.deepEqual(
    (await readManifests(archive, "b1", wanted)).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`,
    ),
    ["Pod other/web-1", "Deployment shop/web", "Pod shop/web-1"],
  );
});

test("reading stops when all was found", async () => {
  // What follows the namespace is no tarball any more.
  const [first] = files;
  const head = writeTar([[first[0], JSON.stringify(first[1])]]).subarray(0, 1024);
  const broken = gzipSync(Buffer.concat([head, Buffer.alloc(512, "x")]));
  const half = fakeArchive({ "BackupContents/b1": broken });
  const wanted = [{ apiVersion: "v1", kind: "Namespace", namespace: undefined, name: "shop" }];
  assert.equal((await readManifests(half, "b1", wanted)).length, 1);
  const more = [...wanted, { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-1" }];
  await assert.rejects(readManifests(half, "b1", more), { reason: "Damaged" });
});

test("nothing wanted is nothing read", async () => {
  const none = fakeArchive({});
  assert.deepEqual(await readManifests(none, "b1", []), []);
  assert.deepEqual(none.opened, []);
});

test("objects are counted by namespace and kind", async () => {
  const counts = countByNamespace(await readContents(archive, "b1"));
  assert.deepEqual(
    counts.map(({ namespace, count, kinds }) => [namespace, count, kinds.map((of) => `${of.kind} ${of.count}`)]),
    [
      ["", 1, ["Namespace 1"]],
      ["other", 1, ["Pod 1"]],
      ["shop", 3, ["Deployment 1", "Pod 2"]],
    ],
  );
});
