import { known } from "../../../src/health/fact.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { second, minute } = sample.units;
const definition = (phases: readonly string[]) => ({
  metadata: { name: "backups.velero.io" },
  spec: {
    versions: [
      {
        name: "v1",
        schema: { openAPIV3Schema: { properties: { status: { properties: { phase: { enum: phases } } } } } },
      },
    ],
  },
});
const answer = (serverVersion: string, change = {}) =>
  known({ phase: "Processed", serverVersion, plugins: [], ...change });
const webPod = (nodeName: string) => ({
  metadata: { name: "web-0", namespace: "shop" },
  spec: { nodeName, volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] },
});
const terminating = (since: number, message: string) => ({
  metadata: { name: "old", deletionTimestamp: sample.stamp(since) },
  status: { phase: "Terminating", conditions: [{ type: "NamespaceFinalizersRemaining", status: "True", message }] },
});

testRules({
  "a thorough look finds all well": { facts: { thorough: sample.thorough() }, found: [] },
  "an aggregated API is gone": {
    facts: {
      thorough: sample.thorough({
        apiServices: known([
          {
            metadata: { name: "v1beta1.metrics.k8s.io" },
            status: {
              conditions: [
                {
                  type: "Available",
                  status: "False",
                  reason: "ServiceNotFound",
                  message: 'service/metrics in "kube-system" is not present',
                },
              ],
            },
          },
          {
            metadata: { name: "v1.apps" },
            status: { conditions: [{ type: "Available", status: "True", reason: "Local" }] },
          },
        ]),
      }),
    },
    found: ["warn api.unavailable"],
    evidence: /not available: service\/metrics in "kube-system" is not present\.$/,
    next: "kubectl describe apiservice v1beta1.metrics.k8s.io",
  },
  "definitions of 1.17 under a server of 1.18": {
    facts: {
      answer: answer("v1.18.1"),
      thorough: sample.thorough({ backupDefinition: known(definition(["New", "Finalizing"])) }),
    },
    found: ["fail api.outdated"],
    evidence: /The server is v1\.18\.1, but the definition of backups does not know phase Queued/,
  },
  "definitions of 1.18 under a server of 1.13 do no harm": {
    facts: {
      answer: answer("v1.13.0"),
      thorough: sample.thorough({ backupDefinition: known(definition(["New", "Queued", "Finalizing"])) }),
    },
    found: [],
  },
  "a namespace that does not go": {
    facts: { thorough: sample.thorough({ namespaces: known([terminating(20 * minute, "Some content remains")]) }) },
    found: ["warn namespace.terminating"],
    evidence: /It was deleted .* and is still there\. Some content remains\.$/,
  },
  "a namespace that is just being deleted": {
    facts: { thorough: sample.thorough({ namespaces: known([terminating(minute, "Some content remains")]) }) },
    found: [],
  },
  "a node without an agent runs pods with volumes": {
    facts: {
      thorough: sample.thorough({ runningPods: known([webPod("node-1"), webPod("node-2")]) }),
    },
    found: ["warn agents.absent"],
    evidence: /^node-2: 1 pods? with volumes, shop\/web-0 for one\./,
  },
  "the cluster's clock is ahead": {
    facts: { answer: answer("v1.13.0", { processedTimestamp: sample.stamp(-5 * minute) }) },
    found: ["warn clock.skew"],
    evidence: /300 seconds ahead/,
  },
  "clocks differ by seconds": {
    facts: { answer: answer("v1.13.0", { processedTimestamp: sample.stamp(5 * second) }) },
    found: [],
  },

  "a user who may only look": {
    facts: {
      thorough: sample.thorough({
        rights: known({
          complete: true,
          verbs: [
            { name: "list", allowed: "all", missing: [], blocking: [] },
            {
              name: "create",
              allowed: "none",
              missing: ["create backups.velero.io", "get pods"],
              blocking: ["create backups.velero.io"],
            },
            { name: "delete", allowed: "none", missing: ["x"], blocking: ["x"] },
          ],
        }),
      }),
    },
    found: ["warn rights.missing"],
    evidence: /^What lacks in namespace mke: create backups\.velero\.io\.$/,
    next: "kubectl mkebackup rbac --check",
  },

  "keys that expire": {
    facts: { thorough: sample.thorough({ keys: new Map([["default", known({ temporary: true })]]) }) },
    found: ["warn credentials.temporary"],
  },
  "MinIO's Secret is gone": {
    facts: { thorough: sample.thorough({ rootSecret: known({ name: "minio-credentials", keys: undefined }) }) },
    found: ["warn credentials.root-missing"],
    evidence: /names Secret minio-credentials, but there is no Secret minio-credentials in namespace mke\.$/,
  },
  "MinIO's Secret has other keys": {
    facts: {
      thorough: sample.thorough({ rootSecret: known({ name: "minio-credentials", keys: ["root-user", "password"] }) }),
    },
    found: ["warn credentials.root-missing"],
    evidence: /Secret minio-credentials has no root-password/,
  },
});
