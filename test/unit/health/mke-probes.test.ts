import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import { knownValue } from "../../../src/health/fact.ts";
import { lookAtMke } from "../../../src/health/probes/mke.ts";
import { newerServices, veleroServer } from "../../scenarios/mke-objects.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { allServed } from "../mke/served-samples.ts";

const options = { namespace: "mke", signal: new AbortController().signal, limit: 2000 };
const services = newerServices({ velero: { state: "Deployed", since: "2026-11-24T08:00:00Z" } });
const objects = [veleroServer("mke"), services] as unknown as KubeObject[];
const cluster = (change: FakeClusterOptions = {}) => fakeCluster({ objects, kinds: allServed, ...change });

test("one look at what is served is enough for the engine and the add-ons", async () => {
  const asked = { times: 0 };
  const fake = cluster();
  const counting = {
    ...fake,
    kinds: () => {
      asked.times++;
      return fake.kinds();
    },
  };
  const { engine, addOns } = await lookAtMke(counting, options);
  assert.equal(asked.times, 1);
  assert.equal(engine && knownValue(engine)?.era, "k0rdent");
  assert.equal(addOns && knownValue(addOns)?.length, 1);
});

test("kinds that must not be listed are only missed where no other tells", async () => {
  const refusing = (...kinds: readonly string[]) =>
    lookAtMke(cluster({ refuse: ({ kind }) => (kinds.includes(kind.kind) ? "Forbidden" : undefined) }), options);
  const partly = await refusing("MultiClusterService");
  assert.equal(partly.addOns && knownValue(partly.addOns)?.length, 1);
  const hidden = await refusing("ServiceSet");
  assert.deepEqual(hidden.addOns, { state: "forbidden", sentence: "list servicesets.k0rdent.mirantis.com" });
});

test("without a word about what is served, the engine is still seen", async () => {
  const failing = { ...cluster(), kinds: () => Promise.reject(new Failure("failed", "no discovery")) };
  const { engine, addOns } = await lookAtMke(failing, options);
  assert.equal(engine && knownValue(engine)?.veleros.length, 1);
  assert.equal(addOns?.state, "failed");
});

test("an interrupt ends both", async () => {
  const signal = AbortSignal.abort(new Error("stop"));
  const failing = { ...cluster(), kinds: () => Promise.reject(new Failure("failed", "no discovery")) };
  await assert.rejects(lookAtMke(failing, { ...options, signal }), /stop/);
});
