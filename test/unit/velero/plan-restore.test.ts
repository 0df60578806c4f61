import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backupConcern,
  checkRestore,
  namespaceMapping,
  planRestore,
  type RestoreWishes,
} from "../../../src/velero/restore.ts";
import type { Backup, RestoreSpec } from "../../../src/velero/types.ts";

const now = new Date("2026-11-24T07:15:00Z");
const backup: Backup = {
  metadata: { name: "shop-1", namespace: "mke" },
  spec: { storageLocation: "default", includedNamespaces: ["shop"] },
  status: { phase: "Completed" },
};
const plan = (wishes: RestoreWishes) => planRestore(backup, wishes, "mke", now);
const refusal = (wishes: RestoreWishes, message: RegExp | string) =>
  assert.throws(() => checkRestore(wishes), { name: "Failure", kind: "usage", message });

test("a restore without wishes takes all of the backup and leaves the rest to the server", () => {
  assert.deepEqual(plan({}), {
    metadata: { name: "shop-1-20261124071500", namespace: "mke" },
    spec: { backupName: "shop-1", includedNamespaces: ["*"] },
  });
});

const specs: [wishes: RestoreWishes, spec: Partial<RestoreSpec>][] = [
  [{ "include-namespaces": ["shop"] }, { includedNamespaces: ["shop"] }],
  [{ "exclude-namespaces": ["pay"] }, { excludedNamespaces: ["pay"] }],
  [{ "include-resources": ["secrets"] }, { includedResources: ["secrets"] }],
  [{ "exclude-resources": ["pods"] }, { excludedResources: ["pods"] }],
  [{ "include-cluster-resources": false }, { includeClusterResources: false }],
  [{ "include-cluster-resources": true }, { includeClusterResources: true }],
  [{ "namespace-mappings": ["shop:shop-old"] }, { namespaceMapping: { shop: "shop-old" } }],
  [{ selector: "app=web" }, { labelSelector: { matchLabels: { app: "web" } } }],
  [{ "or-selector": "a=1 or b=2" }, { orLabelSelectors: [{ matchLabels: { a: "1" } }, { matchLabels: { b: "2" } }] }],
  [{ "existing-resource-policy": "update" }, { existingResourcePolicy: "update" }],
  [{ "existing-resource-policy": "none" }, { existingResourcePolicy: "none" }],
  [{ "restore-volumes": false }, { restorePVs: false }],
  [{ "preserve-nodeports": true }, { preserveNodePorts: true }],
  [{ "status-include-resources": ["*"] }, { restoreStatus: { includedResources: ["*"] } }],
  [
    { "status-include-resources": ["*"], "status-exclude-resources": ["pods"] },
    { restoreStatus: { includedResources: ["*"], excludedResources: ["pods"] } },
  ],
  [
    { "resource-modifier-configmap": "rules" },
    { resourceModifier: { apiGroup: "", kind: "configmap", name: "rules" } },
  ],
  [{ "write-sparse-files": true }, { uploaderConfig: { writeSparseFiles: true } }],
  [{ "item-operation-timeout": "8h" }, { itemOperationTimeout: "8h" }],
];
for (const [wishes, spec] of specs) {
  test(`${JSON.stringify(wishes)} passes the checks and reaches the server`, () => {
    checkRestore(wishes);
    assert.deepEqual(plan(wishes).spec, { backupName: "shop-1", includedNamespaces: ["*"], ...spec });
  });
}

test("the name, labels and annotations may be given", () => {
  const { metadata } = plan({ "restore-name": "again", labels: { a: "b" }, annotations: { c: "d" } });
  assert.deepEqual(metadata, { name: "again", namespace: "mke", labels: { a: "b" }, annotations: { c: "d" } });
});

test("a default name that grew too long is refused with the reason", () => {
  const long = { ...backup, metadata: { name: "a".repeat(245) } };
  assert.throws(() => planRestore(long, {}, "mke", now), { kind: "usage", message: /260 characters/ });
});

const refused: [wishes: RestoreWishes, message: RegExp | string][] = [
  [{ "restore-name": "Mine" }, /^"Mine" cannot name a restore/],
  [{ "include-namespaces": ["*", "a"] }, /^--include-namespaces: \*/],
  [{ "exclude-namespaces": ["*"] }, /^--exclude-namespaces: \*/],
  [{ "include-namespaces": ["a"], "exclude-namespaces": ["a"] }, /^a is in both/],
  [{ "include-namespaces": ["A"] }, /"A" is not a namespace's name/],
  [{ "include-resources": ["*", "pods"] }, /^--include-resources: \*/],
  [{ "include-resources": ["pods"], "exclude-resources": ["pods"] }, /^pods is in both/],
  [{ selector: "a", "or-selector": "b" }, "--selector and --or-selector cannot be used together"],
  [{ "item-operation-timeout": "1d" }, /^--item-operation-timeout 1d is not a duration/],
  [
    { "status-exclude-resources": ["pods"] },
    "--status-exclude-resources has no effect without --status-include-resources",
  ],
  [{ "namespace-mappings": ["shop"] }, /^--namespace-mappings: cannot read "shop"/],
];
for (const [wishes, message] of refused) {
  test(`${JSON.stringify(wishes)} is refused before anything is read`, () => refusal(wishes, message));
}

for (const kind of [
  "nodes",
  "events",
  "events.events.k8s.io",
  "backups.velero.io",
  "restores.velero.io",
  "resticrepositories.velero.io",
  "backuprepositories.velero.io",
  "csinodes.storage.k8s.io",
  "volumeattachments.storage.k8s.io",
]) {
  test(`${kind} are never restored, so naming them is refused`, () => {
    refusal({ "include-resources": ["pods", kind] }, `--include-resources: Velero never restores ${kind}`);
  });
}

test("excluding what is never restored anyway is no mistake", () => checkRestore({ "exclude-resources": ["nodes"] }));

test("several namespaces are mapped, each once", () => {
  assert.deepEqual(namespaceMapping(["a:b", "c:b"]), { a: "b", c: "b" });
  assert.equal(namespaceMapping(undefined), undefined);
  assert.equal(namespaceMapping([]), undefined);
});

const wrongPairs: [pair: string, message: RegExp][] = [
  ["a", /cannot read "a"/],
  ["a:", /cannot read "a:"/],
  [":b", /cannot read ":b"/],
  ["a:b:c", /cannot read "a:b:c"/],
  ["A:b", /"A" is not a namespace's name/],
  ["a:b_c", /"b_c" is not a namespace's name/],
  ["a:-b", /"-b" is not a namespace's name/],
  [`a:${"b".repeat(64)}`, /is not a namespace's name/],
];
for (const [pair, message] of wrongPairs) {
  test(`the mapping ${pair.slice(0, 20)} is refused`, () => {
    assert.throws(() => namespaceMapping([pair]), { kind: "usage", message });
  });
}

test("a namespace that is mapped twice is refused", () => {
  assert.throws(() => namespaceMapping(["a:b", "a:c"]), { message: "--namespace-mappings: a is mapped twice" });
});

const concerns: [status: Backup["status"], concern: RegExp | undefined][] = [
  [{ phase: "Completed" }, undefined],
  [{ phase: "PartiallyFailed", errors: 2 }, /PartiallyFailed \(2 errors\)/],
  [{ phase: "Failed", failureReason: "disk full" }, /Failed: disk full: what it holds may be incomplete/],
  [{ phase: "Failed" }, /this backup Failed: what it holds/],
  [{ phase: "FailedValidation", validationErrors: ["no location"] }, /never ran.*: no location: it holds nothing/],
  [{ phase: "InProgress" }, /not finished \(InProgress\)/],
  [{ phase: "Deleting" }, /not finished \(Deleting\)/],
  [undefined, /not finished \(New\)/],
];
for (const [status, concern] of concerns) {
  test(`a backup that is ${status?.phase ?? "New"} ${concern === undefined ? "worries nobody" : "deserves a word"}`, () => {
    const { status: _, ...bare } = backup;
    const said = backupConcern(status === undefined ? bare : { ...backup, status });
    if (concern === undefined) assert.equal(said, undefined);
    else assert.match(said ?? "", concern);
  });
}
