import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldChanges, sameText, secretChanges } from "../../../src/archive/fields.ts";

const change = (before: object, after: object) => fieldChanges(before as never, after as never);

test("fields are found by their paths, what is there on one side alone too", () => {
  assert.deepEqual(change({ spec: { replicas: 2, old: 1 } }, { spec: { replicas: 3, young: null } }), [
    { path: "spec.replicas", before: 2, after: 3 },
    { path: "spec.old", before: 1 },
    { path: "spec.young", after: null },
  ]);
});

test("entries of a list are the same by their names, others by their places", () => {
  const before = { containers: [{ name: "a", image: "1" }, { name: "b" }], args: ["x", "y"] };
  const after = { containers: [{ name: "c" }, { name: "a", image: "2" }], args: ["x", "z", "w"] };
  assert.deepEqual(change(before, after), [
    { path: "containers[a].image", before: "1", after: "2" },
    { path: "containers[b]", before: { name: "b" } },
    { path: "containers[c]", after: { name: "c" } },
    { path: "args[1]", before: "y", after: "z" },
    { path: "args[2]", after: "w" },
  ]);
});

test("names that stand twice are no names, and another order is a difference", () => {
  assert.deepEqual(change({ l: [{ name: "a" }, { name: "a" }] }, { l: [{ name: "a" }, { name: "b" }] }), [
    { path: "l[1].name", before: "a", after: "b" },
  ]);
  assert.deepEqual(change({ l: [{ name: "a" }, { name: "b" }] }, { l: [{ name: "b" }, { name: "a" }] }), [
    { path: "l[order]", before: ["a", "b"], after: ["b", "a"] },
  ]);
});

test("names with dots and slashes are quoted in a path", () => {
  const [changed] = change(
    { annotations: { "example.com/owner": "a" } },
    { annotations: { "example.com/owner": "b" } },
  );
  assert.equal(changed?.path, 'annotations["example.com/owner"]');
});

test("the order of a map's keys says nothing", () => {
  assert.equal(sameText({ a: 1, b: [{ d: 1, c: 2 }] }), sameText({ b: [{ c: 2, d: 1 }], a: 1 }));
  assert.notEqual(sameText({ a: [1, 2] }), sameText({ a: [2, 1] }));
  assert.notEqual(sameText({ a: "1" }), sameText({ a: 1 }));
});

test("of a Secret no value comes out, only that there is one", () => {
  const changes = secretChanges(
    { type: "Opaque", data: { same: "x", password: "b2xk", gone: "Z29uZQ==" } },
    { type: "other", data: { same: "x", password: "bmV3", more: "bW9yZQ==" } },
  );
  assert.deepEqual(changes, [
    { path: "type", before: "Opaque", after: "other" },
    { path: "data.password", before: "***", after: "***", isMasked: true },
    { path: "data.gone", before: "***", isMasked: true },
    { path: "data.more", after: "***", isMasked: true },
  ]);
  const whole = secretChanges({ data: { password: "b2xk" } }, {});
  assert.ok(!JSON.stringify(whole).includes("b2xk"), JSON.stringify(whole));
});
