import assert from "node:assert/strict";
import { test } from "node:test";
import { scopeOf } from "../../../src/archive/scope.ts";

const pod = (namespace: string, labels: Record<string, string> = {}) => ({
  resource: "pods",
  namespace,
  name: "p",
  labels,
});
const namespaced = (resource: string) => ({ resource, namespaced: true });
const clusterWide = (resource: string) => ({ resource, namespaced: false });

test("a backup of everything was to hold all namespaces, and of the cluster what others need", () => {
  for (const spec of [undefined, {}, { includedNamespaces: ["*"] }]) {
    const scope = scopeOf(spec);
    assert.equal(scope.namespaces, undefined);
    assert.equal(scope.kind(namespaced("pods")), "all");
    assert.equal(scope.kind(clusterWide("namespaces")), "all");
    assert.equal(scope.kind(clusterWide("nodes")), "needed");
    assert.ok(scope.object(pod("any")));
  }
  assert.equal(scopeOf({ includeClusterResources: true }).kind(clusterWide("nodes")), "all");
  assert.equal(scopeOf({ includeClusterResources: false }).kind(clusterWide("nodes")), "none");
});

test("namespaces are those included without those excluded, by globs too", () => {
  const scope = scopeOf({ includedNamespaces: ["shop", "bank-*"], excludedNamespaces: ["bank-test"] });
  assert.equal(scope.namespaces, undefined);
  assert.deepEqual(
    ["shop", "bank-1", "bank-test", "shops"].map((name) => scope.object(pod(name))),
    [true, true, false, false],
  );
  assert.ok(!scope.object({ resource: "namespaces", namespace: undefined, name: "other", labels: {} }));
  assert.deepEqual(scopeOf({ includedNamespaces: ["shop"] }).namespaces, ["shop"]);
});

test("kinds are those included without those excluded, in any spelling, by both families of filters", () => {
  const old = scopeOf({ includedResources: ["deploy", "pv"], excludedResources: ["secrets"] });
  assert.equal(old.kind(namespaced("deployments.apps")), "all");
  assert.equal(old.kind(namespaced("pods")), "none");
  assert.equal(old.kind(clusterWide("persistentvolumes")), "needed");
  assert.equal(old.kind(clusterWide("namespaces")), "needed");
  assert.equal(scopeOf({ excludedResources: ["secrets"] }).kind(namespaced("secrets")), "none");
  const scoped = scopeOf({
    includedNamespaceScopedResources: ["*"],
    excludedNamespaceScopedResources: ["pods"],
    includedClusterScopedResources: ["storageclasses"],
    excludedClusterScopedResources: ["nodes"],
  });
  assert.equal(scoped.kind(namespaced("pods")), "none");
  assert.equal(scoped.kind(namespaced("secrets")), "all");
  assert.equal(scoped.kind(clusterWide("storageclasses.storage.k8s.io")), "all");
  assert.equal(scoped.kind(clusterWide("persistentvolumes")), "needed");
  assert.equal(scoped.kind(clusterWide("nodes")), "none");
});

test("labels decide where there is a selector, and one label always", () => {
  const scope = scopeOf({
    labelSelector: {
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "NotIn", values: ["db"] },
        { key: "old", operator: "DoesNotExist" },
      ],
    },
  });
  assert.ok(scope.object(pod("a", { app: "web" })));
  assert.ok(!scope.object(pod("a")));
  assert.ok(!scope.object(pod("a", { app: "web", tier: "db" })));
  assert.ok(!scope.object(pod("a", { app: "web", old: "" })));
  const either = scopeOf({
    orLabelSelectors: [{ matchLabels: { a: "1" } }, { matchExpressions: [{ key: "b", operator: "Exists" }] }],
  });
  assert.ok(either.object(pod("x", { b: "" })) && either.object(pod("x", { a: "1" })) && !either.object(pod("x")));
  assert.ok(!scopeOf({}).object(pod("x", { "velero.io/exclude-from-backup": "true" })));
});
