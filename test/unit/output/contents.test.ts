import assert from "node:assert/strict";
import { test } from "node:test";
import { countByNamespace } from "../../../src/archive/contents.ts";
import { noColours, type Screen } from "../../../src/output/screen.ts";
import { contentsTable, contentsTree } from "../../../src/output/views/contents.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date("2026-11-24T10:00:00Z") };
const backup = {
  metadata: { name: "b1" },
  status: { phase: "Completed", startTimestamp: "2026-11-24T08:00:00Z" },
};
const listed = [
  { apiVersion: "v1", kind: "Namespace", namespace: undefined, name: "shop" },
  { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" },
  { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-1" },
  { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-2" },
];

test("a tree names kinds as they can be asked for, and the cluster's own objects last", () => {
  assert.equal(
    contentsTree(backup, countByNamespace(listed), screen),
    `4 objects in 1 namespace: backup b1, Completed, taken 120m ago

shop                 3
  deployments.apps   1
  pods               2

(cluster)            1
  namespaces         1`,
  );
});

test("an empty backup is said to be", () => {
  assert.equal(contentsTree(backup, [], screen), "0 objects in 0 namespaces: backup b1, Completed, taken 120m ago");
});

test("a tree fits a narrow screen, with control characters shown", () => {
  const long = `very-long-${"x".repeat(60)}\u001b[31m`;
  const odd = [{ apiVersion: "v1", kind: "Pod", namespace: long, name: "a" }];
  const lines = contentsTree(backup, countByNamespace(odd), { ...screen, width: 40 })
    .split("\n")
    .slice(2);
  for (const line of lines) assert.ok(line.length <= 40, line);
  assert.ok(!lines.join("").includes("\u001b"));
});

test("a table of one kind shows where each is; of several, what each is", () => {
  assert.equal(contentsTable(listed.slice(2), screen), "NAMESPACE   NAME\nshop        web-1\nshop        web-2");
  assert.equal(contentsTable(listed.slice(0, 1), screen), "NAME\nshop");
  assert.match(contentsTable(listed, screen), /^NAMESPACE {3}NAME {4}KIND\n- {11}shop {4}Namespace\n/);
});
