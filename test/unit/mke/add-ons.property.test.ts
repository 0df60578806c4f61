import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KubeObject } from "../../../src/core/resource.ts";
import { readAddOns } from "../../../src/mke/add-ons.ts";
import { readEngine } from "../../../src/mke/engine.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { allServed } from "./served-samples.ts";

/** Anything at all, and often what a reader looks for, in a place where it may not be. */
const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("velero", "minio", "True", "False", "Failed", "mke.velero/SveltosHelmReleaseReady", "2026-11-24"),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        ...["services", "serviceSpec", "conditions", "name", "namespace", "template", "state", "type", "status"],
        ...["chart", "spec", "history", "phase", "lastTransitionTime", "message", "reason", "provider", "cluster"],
      ),
      tie("value"),
    ),
  ),
})).value;

const kinds = ["Addon", "HelmRelease", "ServiceSet", "MultiClusterService", "ClusterDeployment", "MkeBackup"];

test("no object of MKE's controllers is too strange to be read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kinds), anything, anything, async (kind, spec, status) => {
      const object = { kind, metadata: { name: "velero", namespace: "mke" }, spec, status } as KubeObject;
      const cluster = fakeCluster({ objects: [object] });
      const { addOns } = await readAddOns(cluster, allServed);
      for (const addOn of addOns) {
        assert.ok(["ready", "progressing", "failed", "unknown"].includes(addOn.state));
        assert.ok(addOn.since === undefined || !Number.isNaN(addOn.since.getTime()));
        for (const text of [addOn.reason, addOn.message, addOn.version, addOn.chart, addOn.cluster])
          assert.ok(text === undefined || typeof text === "string");
      }
      await readEngine(cluster, { namespace: "mke", served: Promise.resolve(allServed) });
    }),
    { numRuns: 300 },
  );
});
