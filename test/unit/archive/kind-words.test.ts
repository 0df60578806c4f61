import assert from "node:assert/strict";
import { test } from "node:test";
import { kindFilter, readObjectWord, resourceOf } from "../../../src/archive/kind-words.ts";

const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const policy = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
const pod = { apiVersion: "v1", kind: "Pod" };

test("a kind is known in every spelling", () => {
  const spellings = ["deployments", "deployment", "Deployment", "deploy", "deployments.apps", "Deployment.apps"];
  for (const word of [...spellings, "deployments.v1.apps", "apps/v1/Deployment"]) {
    assert.ok(kindFilter(word)(deployment), word);
    assert.ok(!kindFilter(word)(policy), word);
    assert.ok(kindFilter(word).resource("deployments.apps"), word);
    assert.ok(!kindFilter(word).resource("deployments.example.com") || !word.includes("apps"), word);
  }
  for (const word of ["po", "pods", "v1/Pod", "pod"]) assert.ok(kindFilter(word)(pod), word);
  for (const word of ["netpol", "networkpolicies.networking", "NetworkPolicy"]) {
    assert.ok(kindFilter(word)(policy), word);
    assert.ok(kindFilter(word).resource("networkpolicies.networking.k8s.io"), word);
  }
});

test("a group or version that is not its own makes it another kind", () => {
  assert.ok(!kindFilter("deployments.extensions")(deployment));
  assert.ok(!kindFilter("apps/v1beta1/Deployment")(deployment));
  assert.ok(!kindFilter("v1/Deployment")(deployment));
  assert.ok(!kindFilter("deployments.app")(deployment));
});

test("a word names a kind, or an object of it", () => {
  assert.deepEqual(readObjectWord("pods"), { kind: "pods", name: undefined });
  assert.deepEqual(readObjectWord("pods/"), { kind: "pods", name: undefined });
  assert.deepEqual(readObjectWord("pods/v1"), { kind: "pods", name: "v1" });
  assert.deepEqual(readObjectWord("v1/Pod"), { kind: "v1/Pod", name: undefined });
  assert.deepEqual(readObjectWord("apps/v1/Deployment/web"), { kind: "apps/v1/Deployment", name: "web" });
  assert.deepEqual(readObjectWord("deploy/shop/web"), { kind: "deploy", name: "shop/web" });
});

test("a kind's resource has an English plural", () => {
  const plurals = ["Pod", "Ingress", "NetworkPolicy", "Gateway", "Endpoints", "IngressClass"].map((kind) =>
    resourceOf({ apiVersion: "v1", kind }),
  );
  assert.deepEqual(plurals, ["pods", "ingresses", "networkpolicies", "gateways", "endpoints", "ingressclasses"]);
  assert.equal(resourceOf(policy), "networkpolicies.networking.k8s.io");
});
