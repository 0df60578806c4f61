import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceList } from "../../../src/archive/resource-list.ts";

test("the list of a backup names what it holds", () => {
  const document = { "v1/Namespace": ["shop"], "apps/v1/Deployment": ["shop/web"], "v1/Secret": null };
  assert.deepEqual(resourceList(document), [
    { apiVersion: "v1", kind: "Namespace", namespace: undefined, name: "shop" },
    { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" },
  ]);
});

test("the list of a restore tells what was done with each", () => {
  const document = {
    "v1/Pod": ["shop/web-1(created)", "shop/web-2(skipped)"],
    "rbac.authorization.k8s.io/v1/ClusterRole": ["system:node(failed)"],
  };
  assert.deepEqual(
    resourceList(document).map(({ namespace, name, action }) => [namespace, name, action]),
    [
      ["shop", "web-1", "created"],
      ["shop", "web-2", "skipped"],
      [undefined, "system:node", "failed"],
    ],
  );
});

for (const document of [null, [], "text", 7, { Pod: [3, null, {}] }, { "v1/Pod": "shop/web" }]) {
  test(`${JSON.stringify(document)} lists nothing`, () => assert.deepEqual(resourceList(document), []));
}
