import assert from "node:assert/strict";
import { test } from "node:test";
import { type BackupWishes, planFromSchedule } from "../../../src/velero/backup.ts";
import type { Schedule } from "../../../src/velero/types.ts";

const now = new Date("2026-11-24T07:07:42Z");
const nightly: Schedule = {
  metadata: { name: "nightly", namespace: "mke", uid: "1234", labels: { tier: "gold" }, annotations: { by: "ops" } },
  spec: { schedule: "0 2 * * *", template: { includedNamespaces: ["shop"], ttl: "720h0m0s", hooks: {} } as object },
};
const plan = (wishes: BackupWishes = {}, spec: Schedule["spec"] = {}) =>
  planFromSchedule({ ...nightly, spec: { ...nightly.spec, ...spec } }, wishes, "mke", now);

test("the backup of a schedule is what Velero's controller would make", () => {
  assert.deepEqual(plan(), {
    metadata: {
      name: "nightly-20261124070742",
      namespace: "mke",
      labels: { tier: "gold", "velero.io/schedule-name": "nightly" },
      annotations: { by: "ops" },
    },
    spec: { includedNamespaces: ["shop"], ttl: "720h0m0s", hooks: {} },
  });
});

test("labels of the template replace the schedule's, and its metadata does not reach the spec", () => {
  const { metadata, spec } = plan({}, { template: { metadata: { labels: { from: "template" } }, ttl: "1h" } });
  assert.deepEqual(metadata.labels, { from: "template", "velero.io/schedule-name": "nightly" });
  assert.deepEqual(spec, { ttl: "1h" });
});

test("a name, labels and annotations may still be given", () => {
  const { metadata } = plan({ name: "extra", labels: { a: "b" }, annotations: { c: "d" } });
  assert.equal(metadata.name, "extra");
  assert.deepEqual(metadata.labels, { tier: "gold", "velero.io/schedule-name": "nightly", a: "b" });
  assert.deepEqual(metadata.annotations, { by: "ops", c: "d" });
});

test("the schedule owns the backup only when it says so", () => {
  assert.equal(plan().metadata.ownerReferences, undefined);
  assert.deepEqual(plan({}, { useOwnerReferencesInBackup: true }).metadata.ownerReferences, [
    { apiVersion: "velero.io/v1", kind: "Schedule", name: "nightly", uid: "1234", controller: true },
  ]);
});

test("a schedule without labels or template gives a plain backup", () => {
  assert.deepEqual(planFromSchedule({ metadata: { name: "bare" } }, {}, "mke", now), {
    metadata: { name: "bare-20261124070742", namespace: "mke", labels: { "velero.io/schedule-name": "bare" } },
    spec: {},
  });
});

const decided: BackupWishes[] = [
  { "include-namespaces": ["a"] },
  { "exclude-namespaces": ["a"] },
  { "include-resources": ["a"] },
  { "exclude-resources": ["a"] },
  { "include-cluster-resources": false },
  { "include-cluster-scoped-resources": ["a"] },
  { "exclude-cluster-scoped-resources": ["a"] },
  { "include-namespace-scoped-resources": ["a"] },
  { "exclude-namespace-scoped-resources": ["a"] },
  { selector: "a" },
  { "or-selector": "a" },
  { ttl: "1h" },
  { "storage-location": "a" },
  { "default-volumes-to-fs-backup": false },
  { "snapshot-volumes": false },
  { "snapshot-move-data": false },
  { "resource-policies-configmap": "a" },
  { "ordered-resources": "pods=a" },
  { "csi-snapshot-timeout": "1h" },
  { "item-operation-timeout": "1h" },
];
for (const wishes of decided) {
  const [flag] = Object.keys(wishes);
  test(`--${flag} is decided by the schedule`, () => {
    assert.throws(() => plan(wishes), {
      kind: "usage",
      message: `--from-schedule takes everything from the schedule, so --${flag} cannot be used with it`,
    });
  });
}

test("a wrong name is refused here too", () => {
  assert.throws(() => plan({ name: "No Good" }), { kind: "usage", message: /^"No Good" cannot name a backup/ });
});
