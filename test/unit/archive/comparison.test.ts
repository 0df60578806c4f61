import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { compare } from "../../../src/archive/comparison.ts";
import { backupSide, liveSide } from "../../../src/archive/sides.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import type { ServedKind } from "../../../src/kube/discovery.ts";
import type { Backup } from "../../../src/velero/types.ts";
import { writeTar } from "../../sandbox/velero/tar.ts";
import { fakeArchive } from "../fake-archive.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { deployment, madeAnew } from "./manifests.ts";

type Spec = NonNullable<Backup["spec"]>;
const { signal } = new AbortController();
const everything = { isAsked: () => true, isAll: false };

const object = (kind: string, name: string, more: object = {}, namespace?: string): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
});
const settings = (value: string) => object("ConfigMap", "settings", { data: { key: value } }, "shop");
const secret = (value: string) => object("Secret", "keys", { data: { password: value } }, "shop");
const owned = (kind: string, name: string, owner: string, ownerName: string): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: {
    name,
    namespace: "shop",
    ownerReferences: [{ kind: owner, name: ownerName, uid: "u", controller: true } as never],
  },
});

const verbs = ["list", "get", "create", "delete"];
const served = (plural: string, kind: string, group = "", namespaced = true): ServedKind => ({
  plural,
  kind,
  group,
  namespaced,
  verbs,
  version: "v1",
});
const kinds = [
  served("configmaps", "ConfigMap"),
  served("secrets", "Secret"),
  served("pods", "Pod"),
  served("events", "Event"),
  served("deployments", "Deployment", "apps"),
  served("replicasets", "ReplicaSet", "apps"),
  served("namespaces", "Namespace", "", false),
  served("persistentvolumes", "PersistentVolume", "", false),
];

function tarball(objects: readonly KubeObject[]): Buffer {
  const files = objects.map((one) => {
    const kind = kinds.find((known) => known.kind === one.kind);
    const resource = kind === undefined ? "gadgets.example.com" : `${kind.plural}${kind.group && `.${kind.group}`}`;
    const { namespace, name } = one.metadata;
    const place = namespace === undefined ? `cluster/${name}` : `namespaces/${namespace}/${name}`;
    return [`resources/${resource}/${place}.json`, JSON.stringify(one)] as const;
  });
  return gzipSync(writeTar(files));
}

const backup = (name: string, spec: Spec = { includedNamespaces: ["shop"] }): Backup => ({ metadata: { name }, spec });
const archived = (objects: readonly KubeObject[]) => fakeArchive({ "BackupContents/b": tarball(objects) });
const sideOf = (objects: readonly KubeObject[], spec?: Spec) =>
  backupSide(archived(objects), backup("b", spec), { other: undefined, signal });

interface Live {
  readonly objects: readonly KubeObject[];
  readonly spec?: Spec;
  refuse?(request: { kind: { plural: string } }): string | undefined;
}
function live({ objects, spec = { includedNamespaces: ["shop"] }, refuse }: Live) {
  const cluster = fakeCluster({ objects, ...(refuse === undefined ? {} : { refuse }) });
  const isAsked = ({ plural }: ServedKind) => plural !== "events";
  return { cluster, side: liveSide({ cluster, kinds, isAsked, spec, namespace: undefined, signal }) };
}

const names = (objects: readonly { resource: string; name: string }[]) =>
  objects.map(({ resource, name }) => `${resource}/${name}`);

test("a backup does not differ from the cluster that was restored from it", async () => {
  const objects = [deployment(), settings("a"), secret("x"), object("Namespace", "shop")];
  const { side } = live({ objects: objects.map((one) => madeAnew(one as never)) });
  const found = await compare(sideOf(objects), side, everything);
  assert.deepEqual([found.same, found.onlyBefore, found.onlyAfter, found.changed], [4, [], [], []]);
});

test("what is on one side alone, and what is different on both, with its fields", async () => {
  const { side } = live({
    objects: [
      deployment({ replicas: 5 }),
      settings("b"),
      object("Secret", "more", {}, "shop"),
      object("Namespace", "shop"),
    ],
  });
  const found = await compare(
    sideOf([deployment(), settings("a"), secret("x"), object("Namespace", "shop")]),
    side,
    everything,
  );
  assert.deepEqual(names(found.onlyBefore), ["secrets/keys"]);
  assert.deepEqual(names(found.onlyAfter), ["secrets/more"]);
  assert.deepEqual(
    found.changed.map(({ name, fields }) => [name, fields]),
    [
      ["settings", [{ path: "data.key", before: "a", after: "b" }]],
      ["web", [{ path: "spec.replicas", before: 2, after: 5 }]],
    ],
  );
  assert.equal(found.same, 1);
});

test("the cluster is asked for what the backup was to hold, in its namespaces alone", async () => {
  const { side, cluster } = live({
    objects: [object("ConfigMap", "other", {}, "bank"), object("PersistentVolume", "new"), object("Namespace", "bank")],
  });
  const found = await compare(sideOf([settings("a")]), side, everything);
  assert.deepEqual(found.onlyAfter, []);
  const lists = cluster.requests.filter(({ verb }) => verb === "list");
  assert.deepEqual([...new Set(lists.map(({ namespace }) => namespace))], ["shop"]);
  assert.ok(!lists.some(({ kind }) => ["persistentvolumes", "events"].includes(kind.plural)));
});

test("what a controller makes is left out when the controller is compared, and counted", async () => {
  const before = [
    deployment(),
    owned("ReplicaSet", "web-1", "Deployment", "web"),
    owned("Pod", "web-1-a", "ReplicaSet", "web-1"),
    owned("Pod", "stray", "Robot", "r2"),
    object("Event", "e", {}, "shop"),
  ];
  const after = [
    deployment(),
    owned("ReplicaSet", "web-1", "Deployment", "web"),
    owned("Pod", "web-1-b", "ReplicaSet", "web-1"),
  ];
  const found = await compare(sideOf(before), live({ objects: after }).side, everything);
  assert.deepEqual([names(found.onlyBefore), found.onlyAfter], [["pods/stray"], []]);
  assert.deepEqual(found.leftOut, { owned: 3, fleeting: 1, outOfScope: 0 });
  const all = await compare(sideOf(before), live({ objects: after }).side, { ...everything, isAll: true });
  assert.ok(names(all.onlyBefore).includes("pods/web-1-a") && names(all.onlyAfter).includes("pods/web-1-b"));
});

test("a kind that may not be listed is told, and its objects are not called missing", async () => {
  const refuse = ({ kind }: { kind: { plural: string } }) => (kind.plural === "secrets" ? "Forbidden" : undefined);
  const found = await compare(
    sideOf([secret("x"), settings("a")]),
    live({ objects: [settings("a")], refuse }).side,
    everything,
  );
  assert.deepEqual([found.onlyBefore, found.same], [[], 1]);
  assert.deepEqual(found.notCompared, [{ reason: "you may not read them in the cluster", resources: ["secrets"] }]);
});

test("a cluster that does not answer is an error, not a cluster without objects", async () => {
  const { side } = live({ objects: [], refuse: () => "Unreachable" });
  await assert.rejects(compare(sideOf([settings("a")]), side, everything), /Unreachable/);
});

test("objects of a kind that is not served any more are only in the backup", async () => {
  const found = await compare(sideOf([object("Gadget", "g", {}, "shop")]), live({ objects: [] }).side, everything);
  assert.deepEqual(names(found.onlyBefore), ["gadgets.example.com/g"]);
});

test("of two backups, neither lacks what it was not to hold", async () => {
  const [one, two]: Spec[] = [{ includedNamespaces: ["shop"] }, { includedNamespaces: ["shop", "bank"] }];
  const bank = object("ConfigMap", "bank", {}, "bank");
  const side = (objects: readonly KubeObject[], spec: Spec | undefined, other: Spec | undefined) =>
    backupSide(archived(objects), backup("b", spec), { other: backup("o", other), signal });
  const after = [settings("a"), bank, object("PersistentVolume", "v")];
  const found = await compare(side([settings("a")], one, two), side(after, two, one), everything);
  assert.deepEqual([found.onlyAfter, found.same, found.leftOut.outOfScope], [[], 1, 2]);
  const alike = await compare(side([settings("a")], two, two), side(after, two, two), everything);
  assert.deepEqual(names(alike.onlyAfter), ["configmaps/bank", "persistentvolumes/v"]);
});

test("a Secret's value decides and does not come out", async () => {
  const found = await compare(sideOf([secret("b2xk")]), live({ objects: [secret("bmV3")] }).side, everything);
  assert.deepEqual(found.changed[0]?.fields, [{ path: "data.password", before: "***", after: "***", isMasked: true }]);
  assert.ok(!/b2xk|bmV3/.test(JSON.stringify(found)));
});
