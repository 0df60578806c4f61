import { known } from "../../../src/health/fact.ts";
import type { Facts } from "../../../src/health/facts.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { location, minio } = sample;
const inCluster = (options: object) => declared({ type: "InCluster", in_cluster_options: options });
const external = (options: object) => declared({ type: "External", external_options: options });
const declared = (storage_provider: object) =>
  known(
    interpret(
      { spec: { version: "v4.1.0", backup: { enabled: true, storage_provider } } },
      { kind: "MkeConfig", namespace: "mke", name: "mke" },
    ),
  );
const outside = (bucket: string, config: Record<string, string>) => ({
  locations: known([location({}, { objectStorage: { bucket }, config })]),
  objectStore: known(undefined),
});
const bucket = { bucket: "backups", region: "eu-west-1", credentials_file_path: "/c", credentials_file_profile: "mke" };

/** Of four pods, minio-2 is ready and minio-3 is not; the drives of these hosts are offline. */
const degraded = (...hosts: string[]): Partial<Facts> => ({
  configuration: inCluster({ distributed: true }),
  objectStore: known(
    minio({
      kind: "StatefulSet",
      wanted: 4,
      ready: 3,
      persistent: true,
      pods: [
        sample.pod({ name: "minio-2", ready: true }),
        sample.pod({ name: "minio-3", ready: false, trouble: "CrashLoopBackOff" }),
      ],
    }),
  ),
  thorough: sample.thorough({
    minio: known({
      drives: hosts.map((host) => ({
        endpoint: `http://${host}:9000/data`,
        state: "offline",
        total: 1000,
        available: 500,
      })),
    }),
  }),
});

testRules({
  "MKE declares another storage than Velero uses": {
    facts: { configuration: external({ bucket: "b", region: "eu-west-1" }) },
    found: ["warn config.not-applied"],
  },
  "what is declared of an external bucket is what runs": {
    facts: { configuration: external(bucket), ...outside("backups", { region: "eu-west-1", profile: "mke" }) },
    found: [],
  },
  "bucket, region and profile are others": {
    facts: { configuration: external(bucket), ...outside("other", { region: "us-east-1" }) },
    found: ["warn config.drift"],
    evidence:
      /^MkeConfig mke\/mke: bucket is backups, but location default has other; region is eu-west-1, but location default has us-east-1; credentials_file_profile is mke, but location default has default\.$/,
  },
  "distributed is declared, one pod runs": {
    facts: { configuration: inCluster({ distributed: true }) },
    found: ["warn config.drift"],
    evidence: /distributed is true, but MinIO runs in 1 pod of Deployment minio\.$/,
  },
  "distributed is declared and runs": {
    facts: {
      configuration: inCluster({ distributed: true }),
      objectStore: known(minio({ kind: "StatefulSet", wanted: 4, ready: 4, persistent: true })),
    },
    found: [],
  },
  "one pod of a distributed MinIO is not ready": {
    facts: degraded(),
    found: ["warn storage.degraded"],
    evidence: /has 3 of 4 pods ready \(CrashLoopBackOff\)/,
    next: "kubectl -n mke describe pod minio-3",
  },
  "the drives of a pod that is not ready, and of one that is not there, are told of with the pod": {
    facts: degraded("minio-1", "minio-3.minio-headless"),
    found: ["warn storage.degraded"],
  },
  "a drive of a pod that is ready is told of, whatever the others": {
    facts: degraded("minio-2.minio-headless", "minio-3.minio-headless"),
    found: ["warn storage.degraded", "warn storage.drives"],
  },
  "exposed is set, but the Service is of the cluster alone": {
    facts: { configuration: inCluster({ exposed: true }), thorough: sample.thorough() },
    found: ["warn config.drift"],
    evidence: /exposed is true, but Service minio is a ClusterIP\.$/,
  },
  "not exposed, but a NodePort": {
    facts: {
      configuration: inCluster({ exposed: false }),
      thorough: sample.thorough({
        services: known([{ metadata: { name: "minio", namespace: "mke" }, spec: { type: "NodePort" } }]),
      }),
    },
    found: ["warn config.drift"],
  },
  "the console has no Ingress": {
    facts: { configuration: inCluster({ enable_ui: true }), thorough: sample.thorough({ ingresses: known([]) }) },
    found: ["warn config.drift"],
    evidence: /enable_ui is true, but no Ingress leads to MinIO\.$/,
  },
  "the console is off, but an Ingress leads there": {
    facts: { configuration: inCluster({ enable_ui: false }), thorough: sample.thorough() },
    found: ["warn config.drift"],
  },
});
