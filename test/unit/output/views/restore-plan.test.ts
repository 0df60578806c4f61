import assert from "node:assert/strict";
import { test } from "node:test";
import { noColours, type Screen } from "../../../../src/output/screen.ts";
import { type RestorePlan, restorePlanText } from "../../../../src/output/views/restore-plan.ts";
import type { Backup, RestoreSpec } from "../../../../src/velero/types.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date("2026-11-24T09:07:42Z") };
const backup: Backup = {
  metadata: {
    name: "mke-20261124-070742",
    creationTimestamp: "2026-11-24T07:07:42Z",
    annotations: { "velero.io/source-cluster-k8s-gitversion": "v1.34.4" },
  },
  spec: {},
  status: { phase: "Completed", progress: { totalItems: 16, itemsBackedUp: 16 } },
};

function shown(change: Partial<RestorePlan>, spec: Partial<RestoreSpec> = {}): string {
  const restore = { metadata: { name: "r1" }, spec: { backupName: "b1", ...spec } };
  const plan = { context: "mke-prod", backup, restore, concern: undefined, targets: [], existing: [], ...change };
  return restorePlanText(plan, screen);
}
/** The text of one field, unwrapped. */
function field(text: string, name: string): string {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`  ${name} `));
  const more = lines.slice(at + 1).findIndex((line) => !line.startsWith(" ".repeat(14)));
  const end = more === -1 ? lines.length : at + 1 + more;
  return lines
    .slice(at, end)
    .map((line) => line.slice(14))
    .join(" ");
}

test("the plan of a restore of one namespace that exists", () => {
  assert.equal(
    shown({ targets: ["shop"], existing: ["shop"] }),
    `Restore from backup mke-20261124-070742
  taken       120m ago · Completed · Kubernetes v1.34.4 · 16 items
  into        mke-prod (this context), namespace shop
  existing    objects that exist stay as they are (--existing-resource-policy
              none); shop exists: data of its existing volumes will NOT be
              replaced
  as          restore r1`,
  );
});

const into: [what: string, change: Partial<RestorePlan>, spec: Partial<RestoreSpec>, text: string][] = [
  ["everything", {}, {}, "mke-prod (this context), all namespaces of the backup and its cluster-scoped objects"],
  [
    "a pod's own cluster, which has no context",
    { context: "" },
    {},
    "this cluster, all namespaces of the backup and its cluster-scoped objects",
  ],
  ["several namespaces", { targets: ["shop", "pay"] }, {}, "mke-prod (this context), namespaces shop, pay"],
  [
    "all but some namespaces",
    {},
    { excludedNamespaces: ["kube-system"] },
    "mke-prod (this context), all namespaces of the backup without kube-system and its cluster-scoped objects",
  ],
  [
    "another name",
    { targets: ["shop-old"] },
    { namespaceMapping: { shop: "shop-old" } },
    "mke-prod (this context), namespace shop-old (shop as shop-old)",
  ],
  [
    "a backup without cluster-scoped objects",
    { backup: { ...backup, spec: { includeClusterResources: false } } },
    {},
    "mke-prod (this context), all namespaces of the backup",
  ],
];
for (const [what, change, spec, text] of into) {
  test(`into ${what}`, () => assert.equal(field(shown(change, spec), "into"), text));
}

const existing: [what: string, change: Partial<RestorePlan>, spec: Partial<RestoreSpec>, text: RegExp][] = [
  ["a namespace that does not exist", { targets: ["shop"] }, {}, /; shop does not exist now$/],
  ["several that do not exist", { targets: ["a", "b"] }, {}, /; a, b do not exist now$/],
  ["namespaces nobody can name beforehand", {}, {}, /data of volumes of namespaces that exist will NOT be replaced$/],
  ["several that exist", { targets: ["a", "b"], existing: ["a", "b"] }, {}, /; a, b exist: data of/],
  ["the policy update", {}, { existingResourcePolicy: "update" }, /^objects that exist are CHANGED towards the backup/],
];
for (const [what, change, spec, text] of existing) {
  test(`what happens to objects of ${what}`, () => assert.match(field(shown(change, spec), "existing"), text));
}

test("a concern stands right below what the backup is, and only when there is one", () => {
  assert.doesNotMatch(shown({}), /beware/);
  const lines = shown({ concern: "this backup is PartiallyFailed (2 errors)" }).split("\n");
  assert.equal(lines[2], "  beware      this backup is PartiallyFailed (2 errors)");
});

test("a backup that is as old as its start, of an unknown Kubernetes", () => {
  const { annotations: _, ...metadata } = backup.metadata;
  const old = { metadata, status: { phase: "Failed", startTimestamp: "2026-11-14T09:07:42Z" } };
  assert.equal(field(shown({ backup: old }), "taken"), "10d ago · Failed · 0 items");
});

test("no line is wider than the screen, and no control character gets through", () => {
  const targets = Array.from({ length: 30 }, (_, at) => `namespace-${at}`);
  const text = shown({ targets, existing: targets, concern: "\x1b[2J bad" });
  assert.ok(text.split("\n").every((line) => line.length <= 80));
  assert.doesNotMatch(text, /\x1b/);
});
