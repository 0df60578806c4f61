import assert from "node:assert/strict";
import { test } from "node:test";
import { type BackupWishes, checkDurations, planBackup } from "../../../src/velero/backup.ts";
import type { BackupSpec } from "../../../src/velero/types.ts";

const now = new Date("2026-11-24T07:07:42Z");
const plan = (wishes: BackupWishes) => planBackup(wishes, "mke", now);
const refusal = (wishes: BackupWishes, message: RegExp | string) =>
  assert.throws(() => plan(wishes), { name: "Failure", kind: "usage", message });

test("a backup without wishes takes everything, with the cluster-scoped objects, and leaves the rest to the server", () => {
  assert.deepEqual(plan({}), {
    metadata: { name: "mke-20261124-070742", namespace: "mke" },
    spec: { includedNamespaces: ["*"], includeClusterResources: true },
  });
});

test("a name that was given is taken", () => {
  assert.equal(plan({ name: "before-upgrade.1" }).metadata.name, "before-upgrade.1");
});

/** The spec that a wish adds to one without any. */
const narrowing: [wishes: BackupWishes, spec: BackupSpec][] = [
  [{ "include-namespaces": ["shop", "pay"] }, { includedNamespaces: ["shop", "pay"] }],
  [{ "exclude-namespaces": ["kube-system"] }, { excludedNamespaces: ["kube-system"] }],
  [{ "include-resources": ["secrets", "deployments.apps"] }, { includedResources: ["secrets", "deployments.apps"] }],
  [{ "exclude-resources": ["events"] }, { excludedResources: ["events"] }],
  [{ "include-cluster-resources": false }, { includeClusterResources: false }],
  [{ "include-cluster-scoped-resources": ["nodes"] }, { includedClusterScopedResources: ["nodes"] }],
  [{ "exclude-cluster-scoped-resources": ["nodes"] }, { excludedClusterScopedResources: ["nodes"] }],
  [{ "include-namespace-scoped-resources": ["pods"] }, { includedNamespaceScopedResources: ["pods"] }],
  [{ "exclude-namespace-scoped-resources": ["pods"] }, { excludedNamespaceScopedResources: ["pods"] }],
  [{ selector: "app=web" }, { labelSelector: { matchLabels: { app: "web" } } }],
  [
    { "or-selector": "app=web or app=db" },
    { orLabelSelectors: [{ matchLabels: { app: "web" } }, { matchLabels: { app: "db" } }] },
  ],
];
for (const [wishes, spec] of narrowing) {
  test(`--${Object.keys(wishes)} reaches the server, and cluster-scoped objects are left to its rules`, () => {
    assert.deepEqual(plan(wishes).spec, { includedNamespaces: ["*"], ...spec });
  });
}

const others: [wishes: BackupWishes, spec: BackupSpec][] = [
  [{ "include-cluster-resources": true }, { includeClusterResources: true }],
  [{ "include-namespaces": ["*"] }, { includedNamespaces: ["*"] }],
  [{ "include-resources": ["*"] }, { includedResources: ["*"] }],
  [{ ttl: "720h" }, { ttl: "720h" }],
  [{ "storage-location": "offsite" }, { storageLocation: "offsite" }],
  [{ "default-volumes-to-fs-backup": true }, { defaultVolumesToFsBackup: true }],
  [{ "default-volumes-to-fs-backup": false }, { defaultVolumesToFsBackup: false }],
  [{ "snapshot-volumes": false }, { snapshotVolumes: false }],
  [{ "snapshot-move-data": true }, { snapshotMoveData: true }],
  [{ "csi-snapshot-timeout": "20m" }, { csiSnapshotTimeout: "20m" }],
  [{ "item-operation-timeout": "8h" }, { itemOperationTimeout: "8h" }],
  [{ "resource-policies-configmap": "policy" }, { resourcePolicy: { kind: "configmap", name: "policy" } }],
  [{ "ordered-resources": "pods=shop/a,shop/b" }, { orderedResources: { pods: "shop/a,shop/b" } }],
];
for (const [wishes, spec] of others) {
  test(`${JSON.stringify(wishes)} reaches the server, and all cluster-scoped objects are asked for`, () => {
    assert.deepEqual(plan(wishes).spec, { includedNamespaces: ["*"], includeClusterResources: true, ...spec });
  });
}

const scopedAll: [wishes: BackupWishes, spec: BackupSpec][] = [
  [{ "include-cluster-scoped-resources": ["*"] }, { includedClusterScopedResources: ["*"] }],
  [{ "exclude-cluster-scoped-resources": ["*"] }, { excludedClusterScopedResources: ["*"] }],
  [{ "include-namespace-scoped-resources": ["*"] }, { includedNamespaceScopedResources: ["*"] }],
  [{ "exclude-namespace-scoped-resources": ["*"] }, { excludedNamespaceScopedResources: ["*"] }],
];
for (const [wishes, spec] of scopedAll) {
  test(`--${Object.keys(wishes)} "*" goes alone: with includeClusterResources the server would refuse it`, () => {
    assert.deepEqual(plan(wishes).spec, { includedNamespaces: ["*"], ...spec });
  });
}

test("labels and annotations mark the backup and do not narrow it", () => {
  const { metadata, spec } = plan({ labels: { team: "a" }, annotations: { why: "upgrade" } });
  assert.deepEqual(metadata.labels, { team: "a" });
  assert.deepEqual(metadata.annotations, { why: "upgrade" });
  assert.equal(spec?.includeClusterResources, true);
});

test("several ordered kinds are read, with the spaces around them", () => {
  const { spec } = plan({ "ordered-resources": "pods=shop/a,shop/b; persistentvolumes=x" });
  assert.deepEqual(spec?.orderedResources, { pods: "shop/a,shop/b", persistentvolumes: "x" });
});

for (const text of ["pods", "pods=", "=shop/a", "pods=a=b", "pods=a;", ""]) {
  test(`--ordered-resources ${JSON.stringify(text)} cannot be read`, () => {
    refusal({ "ordered-resources": text }, /^--ordered-resources: cannot read "/);
  });
}

const wrongNames: [name: string, why: RegExp][] = [
  ["", /it is empty/],
  ["Nightly", /lower-case/],
  ["my backup", /lower-case/],
  ["-a", /begin and end/],
  ["a.", /begin and end/],
  ["a..b", /begin and end/],
  ["nightly/1", /lower-case/],
  ["a".repeat(254), /254 characters/],
];
for (const [name, why] of wrongNames) {
  test(`${name.length > 20 ? `a name of ${name.length} characters` : JSON.stringify(name)} cannot name a backup`, () => {
    refusal({ name }, why);
  });
}

test("a name of 253 characters can", () => assert.equal(plan({ name: "a".repeat(253) }).metadata.name.length, 253));

for (const flag of ["ttl", "csi-snapshot-timeout", "item-operation-timeout"] as const) {
  test(`--${flag} 30d is refused with the number of hours it would be`, () => {
    refusal({ [flag]: "30d" }, new RegExp(`^--${flag} 30d is not a duration Velero can read\n.*720h is 30 days`));
  });
}

test("durations that were not said are no problem", () => {
  checkDurations({ ttl: undefined, "csi-snapshot-timeout": undefined });
});

const refusedFilters: [wishes: BackupWishes, message: RegExp][] = [
  [{ "include-namespaces": ["*", "shop"] }, /^--include-namespaces: \* means all/],
  [{ "exclude-namespaces": ["*"] }, /^--exclude-namespaces: \*/],
  [{ "include-namespaces": ["a", "b"], "exclude-namespaces": ["b"] }, /^b is in both --include-namespaces and/],
  [{ "include-namespaces": ["Shop"] }, /^--include-namespaces: "Shop" is not a namespace's name/],
  [{ "exclude-namespaces": ["a_b"] }, /^--exclude-namespaces: "a_b"/],
  [{ "include-resources": ["*", "pods"] }, /^--include-resources: \* means all/],
  [{ "exclude-resources": ["*"] }, /^--exclude-resources: \*/],
  [{ "include-resources": ["pods"], "exclude-resources": ["pods"] }, /^pods is in both/],
  [{ "include-cluster-scoped-resources": ["*", "nodes"] }, /^--include-cluster-scoped-resources: \* means all/],
  [{ "exclude-namespace-scoped-resources": ["*", "pods"] }, /^--exclude-namespace-scoped-resources: \* means all/],
  [
    { "exclude-cluster-scoped-resources": ["*"], "include-cluster-scoped-resources": ["nodes"] },
    /^--exclude-cluster-scoped-resources "\*" leaves nothing/,
  ],
  [{ selector: "a=b", "or-selector": "a=b" }, /^--selector and --or-selector cannot be used together/],
  [{ selector: "a in b" }, /^--selector: cannot read "a in b"/],
  [{ "or-selector": "a=b or =" }, /^--or-selector: cannot read "="/],
];
for (const [wishes, message] of refusedFilters) {
  test(`${JSON.stringify(wishes)} is refused before anything is sent`, () => refusal(wishes, message));
}

test("globs in namespaces are the server's business", () => {
  assert.deepEqual(plan({ "include-namespaces": ["shop-*", "pay-[ab]"] }).spec?.includedNamespaces, [
    "shop-*",
    "pay-[ab]",
  ]);
});

const old: BackupWishes[] = [
  { "include-resources": ["pods"] },
  { "exclude-resources": ["pods"] },
  { "include-cluster-resources": false },
];
const scoped: BackupWishes[] = [
  { "include-cluster-scoped-resources": ["nodes"] },
  { "exclude-cluster-scoped-resources": ["nodes"] },
  { "include-namespace-scoped-resources": ["secrets"] },
  { "exclude-namespace-scoped-resources": ["secrets"] },
];
for (const first of old) {
  for (const second of scoped) {
    const [a, b] = [Object.keys(first)[0], Object.keys(second)[0]];
    test(`--${a} and --${b} are two filter families that do not mix`, () => {
      refusal({ ...first, ...second }, `--${a} and --${b} are of two filter families that Velero does not mix`);
    });
  }
}

test("--include-namespaces goes with the scoped filters", () => {
  const { spec } = plan({ "include-namespaces": ["shop"], "include-cluster-scoped-resources": ["*"] });
  assert.deepEqual(spec, { includedNamespaces: ["shop"], includedClusterScopedResources: ["*"] });
});
