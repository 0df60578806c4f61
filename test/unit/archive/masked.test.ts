import assert from "node:assert/strict";
import { test } from "node:test";
import { masked } from "../../../src/archive/masked.ts";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
const secret = {
  apiVersion: "v1",
  kind: "Secret",
  type: "Opaque",
  metadata: { name: "login", namespace: "shop", annotations: { [lastApplied]: '{"data":{"key":"czNjcjN0"}}', a: "b" } },
  data: { key: "czNjcjN0", other: "" },
  stringData: { plain: "s3cr3t" },
};

test("the values of a Secret are masked, its keys are not", () => {
  assert.deepEqual(masked(secret), {
    ...secret,
    metadata: { ...secret.metadata, annotations: { [lastApplied]: "***", a: "b" } },
    data: { key: "***", other: "***" },
    stringData: { plain: "***" },
  });
});

test("data that are no map are masked whole", () => {
  const odd = { kind: "Secret", metadata: { name: "odd" }, data: "czNjcjN0" };
  assert.deepEqual(masked(odd), { kind: "Secret", metadata: { name: "odd" }, data: "***" });
});

test("other kinds are shown as they are", () => {
  const config = { ...secret, kind: "ConfigMap" };
  assert.equal(masked(config), config);
});
