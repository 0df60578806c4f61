import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fieldChanges, sameText, secretChanges } from "../../../src/archive/fields.ts";
import { meaningful } from "../../../src/archive/noise.ts";

const json = fc.jsonValue({ maxDepth: 4 });
const named = fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), value: fc.integer() }), { maxLength: 4 });
const manifest = fc.dictionary(fc.string(), fc.oneof(json, named), { maxKeys: 5 });
type Values = Record<string, unknown>;

test("a manifest does not differ from itself, whatever the order of its keys", () => {
  fc.assert(
    fc.property(manifest, (values) => {
      assert.deepEqual(fieldChanges(values, structuredClone(values)), []);
      const turned = Object.fromEntries(Object.entries(values).reverse());
      assert.deepEqual(fieldChanges(values, turned), []);
    }),
  );
});

test("there are changed fields exactly when the texts differ", () => {
  fc.assert(
    fc.property(manifest, manifest, (before, after) => {
      assert.equal(fieldChanges(before, after).length === 0, sameText(before) === sameText(after));
    }),
  );
});

test("whatever a Secret's data holds, it does not come out", () => {
  const values = fc.dictionary(fc.string(), fc.constantFrom("hunter2", "swordfish"));
  fc.assert(
    fc.property(values, fc.oneof(values, fc.constant(undefined), fc.constant("hunter2")), (before, after) => {
      const text = JSON.stringify(secretChanges({ data: before }, after === undefined ? {} : { data: after }));
      assert.ok(!/"(hunter2|swordfish)"/.test(text), text);
    }),
  );
});

test("what a server writes by itself never shows, and cleaning twice is cleaning once", () => {
  const metadata = fc.record({
    uid: fc.uuid(),
    resourceVersion: fc.string(),
    generation: fc.integer(),
    creationTimestamp: fc.string(),
    managedFields: fc.array(json),
    selfLink: fc.string(),
    ownerReferences: fc.array(fc.record({ uid: fc.uuid(), name: fc.constant("x") }), { minLength: 1, maxLength: 1 }),
  });
  const kinds = fc.constantFrom(
    "Pod",
    "Service",
    "Job",
    "Namespace",
    "Deployment",
    "ServiceAccount",
    "PersistentVolume",
  );
  fc.assert(
    fc.property(kinds, manifest, metadata, metadata, json, json, (kind, spec, one, two, before, after) => {
      const of = (own: Values, status: unknown) =>
        meaningful({ kind, metadata: { name: "x", labels: { app: "x" }, ...own }, spec, status });
      assert.deepEqual(fieldChanges(of(one, before), of(two, after)), []);
      assert.equal(sameText(of(one, before)), sameText(of(two, after)));
      const clean = of(one, before);
      assert.equal(sameText(meaningful(clean)), sameText(clean));
    }),
  );
});

test("any manifest can be cleaned, however odd", () => {
  fc.assert(
    fc.property(manifest, fc.constantFrom("Pod", "Service", "Job", "ServiceAccount"), (values, kind) => {
      const before = JSON.stringify(values);
      meaningful({ ...values, kind });
      assert.equal(JSON.stringify(values), before);
    }),
  );
});
