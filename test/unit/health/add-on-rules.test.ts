import { known } from "../../../src/health/fact.ts";
import type { AddOn } from "../../../src/mke/add-on.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { minute } = sample.units;

const addOn = (change: Partial<AddOn> = {}): AddOn => ({
  era: "k0rdent",
  kind: "ServiceSet",
  resource: "servicesets.k0rdent.mirantis.com",
  namespace: "k0rdent",
  name: "mke-services-5c8d",
  service: "velero",
  release: { namespace: "mke", name: "velero" },
  cluster: undefined,
  state: "ready",
  reason: "Deployed",
  message: undefined,
  since: sample.ago(20 * minute),
  version: "6.0.0",
  chart: "mirrored-chart-velero-6-0-0",
  ...change,
});
const failed = (change: Partial<AddOn> = {}) =>
  addOn({
    state: "failed",
    reason: "Failed",
    message: "failed to upgrade mke/velero: timed out\nlong manifest",
    ...change,
  });
const facts = (...addOns: readonly AddOn[]) => ({ addOns: known(addOns) });

testRules({
  "add-ons that are as they should be": { facts: facts(addOn(), addOn({ service: "minio" })), found: [] },
  "an add-on that failed": {
    facts: facts(failed(), addOn({ service: "minio" })),
    found: ["warn addon.failed"],
    evidence:
      /^ServiceSet k0rdent\/mke-services-5c8d says Failed, since 2026-11-24T08:40:00\.000Z: failed to upgrade mke\/velero: timed out\.$/,
    next: "kubectl -n k0rdent describe servicesets.k0rdent.mirantis.com mke-services-5c8d",
  },
  "two objects that tell of the same failure": {
    facts: facts(failed(), failed({ kind: "MultiClusterService", namespace: undefined })),
    found: ["warn addon.failed"],
  },
  "an add-on of a child cluster": {
    facts: facts(addOn(), failed({ cluster: "k0rdent/child-1" })),
    found: ["warn addon.failed"],
  },
  "a MinIO of an application": {
    facts: facts(failed({ service: "minio", release: { namespace: "shop", name: "minio" } })),
    found: [],
  },
  "an add-on that is being installed": {
    facts: facts(addOn({ state: "progressing", since: sample.ago(5 * minute) })),
    found: [],
  },
  "an add-on that is being installed for too long": {
    facts: facts(addOn({ state: "progressing", reason: "Provisioning", since: sample.ago(16 * minute) })),
    found: ["warn addon.progressing"],
    evidence: /says Provisioning, since/,
  },
  "an add-on that says nothing": { facts: facts(addOn({ state: "unknown", reason: undefined })), found: [] },
});
