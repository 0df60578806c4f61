import assert from "node:assert/strict";
import { test } from "node:test";
import { eraOf, servedAs } from "../../../src/mke/served.ts";
import { served } from "./served-samples.ts";

test("the era is that of the controllers whose kinds are served, k0rdent's where an upgrade has left both", () => {
  assert.equal(eraOf(served("addons.blueprint.mirantis.com/v1alpha1 Addon")), "blueprint");
  assert.equal(eraOf(served("addons.boundless.mirantis.com/v1alpha1 Addon")), "blueprint");
  const both = ["addons.blueprint.mirantis.com/v1alpha1 Addon", "servicesets.k0rdent.mirantis.com/v1beta1 ServiceSet"];
  assert.equal(eraOf(served(...both)), "k0rdent");
  assert.equal(eraOf(served("helmreleases.helm.toolkit.fluxcd.io/v2 HelmRelease")), undefined);
});

test("a kind is asked for in the version that is served, and not at all where it cannot be listed", () => {
  const kinds = served("servicesets.k0rdent.mirantis.com/v1alpha1 ServiceSet");
  assert.deepEqual(servedAs(kinds, "k0rdent.mirantis.com", "ServiceSet"), {
    group: "k0rdent.mirantis.com",
    version: "v1alpha1",
    plural: "servicesets",
    kind: "ServiceSet",
  });
  assert.equal(servedAs(kinds, "k0rdent.mirantis.com", "MultiClusterService"), undefined);
  const unlisted = kinds.map((kind) => ({ ...kind, verbs: ["create"] }));
  assert.equal(servedAs(unlisted, "k0rdent.mirantis.com", "ServiceSet"), undefined);
});
