import { type Fact, known } from "../../../src/health/fact.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import { mkeConfigObject } from "../mke/samples.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

const { hour } = sample.units;
const timedOut: Fact<never> = { state: "timed out", milliseconds: 5000 };
const { location, minio, pod, stamp } = sample;
const unavailable = (message: string) => known([location({ phase: "Unavailable", message })]);
const repository = (creationTimestamp: string) => ({
  metadata: { name: "shop-default-kopia", creationTimestamp },
  spec: { volumeNamespace: "shop", backupStorageLocation: "default" },
  status: { phase: "Ready" },
});
const configuration = (document: object) =>
  known(interpret(document, { kind: "MkeConfig", namespace: "mke", name: "mke" }));

testRules({
  "MinIO is scaled to 0 and the location knows": {
    facts: {
      locations: unavailable(sample.refused),
      objectStore: known(sample.scaledDown(minio({ persistent: true }))),
    },
    found: ["fail storage.down"],
    evidence: /^MinIO is scaled to 0\. Velero says: dial tcp .*connection refused\.$/,
    next: "kubectl -n mke scale deployment minio --replicas=1",
  },
  "MinIO is down and the location does not know yet": {
    facts: { objectStore: known(sample.broken(minio({ persistent: true }))) },
    found: ["fail storage.down"],
    next: "kubectl -n mke describe pod minio-66869d94-8xx7c",
  },
  "a distributed MinIO is scaled to 0": {
    facts: { objectStore: known(sample.scaledDown(minio({ kind: "StatefulSet", persistent: true }))) },
    found: ["fail storage.down"],
    next: "kubectl -n mke scale statefulset minio --replicas=4",
  },
  "MinIO keeps its data in its pod": { facts: { objectStore: known(minio()) }, found: ["warn storage.ephemeral"] },
  "MinIO's pod is younger than the backups": {
    facts: { objectStore: known(minio({ pods: [pod({ created: sample.ago(hour) })] })) },
    found: ["warn storage.ephemeral", "warn backup.lost"],
  },
  "MinIO's pod is younger than a repository of volumes": {
    facts: {
      objectStore: known(minio({ pods: [pod({ created: sample.ago(hour) })] })),
      backups: known([]),
      repositories: known([repository(stamp(2 * hour))]),
    },
    found: ["fail repository.lost", "warn storage.ephemeral", "warn backup.none"],
    next: "kubectl -n mke delete backuprepositories.velero.io shop-default-kopia",
  },
  "a repository that was made after MinIO's pod": {
    facts: { objectStore: known(minio()), repositories: known([repository(stamp(hour))]) },
    found: ["warn storage.ephemeral"],
  },
  "MinIO lost its bucket": {
    facts: {
      locations: unavailable("rpc error: api error NoSuchBucket: The specified bucket does not exist"),
      objectStore: known(minio({ pods: [pod({ created: sample.ago(hour), started: sample.ago(hour) })] })),
      backups: known([]),
    },
    found: ["fail storage.lost", "warn storage.ephemeral", "warn backup.none"],
    evidence: /^MinIO lost its data when its pod was replaced/,
    next: "kubectl -n mke logs deployment/minio",
  },
  "a location names a bucket that never was": {
    facts: {
      locations: known([
        {
          ...location({ phase: "Unavailable", message: "api error NoSuchBucket: The specified bucket does not exist" }),
          metadata: { name: "default", namespace: "mke", creationTimestamp: stamp(hour) },
        },
      ]),
      objectStore: known(minio({ pods: [pod({ created: sample.ago(2 * hour) })] })),
      backups: known([]),
    },
    found: ["fail storage.bucket.missing", "warn storage.ephemeral", "warn backup.none"],
  },
  "the credentials are refused": {
    facts: { locations: unavailable("rpc error: api error AccessDenied: Access Denied.") },
    found: ["fail storage.denied"],
    evidence: /^Velero says: AccessDenied: Access Denied\. Allow them s3:ListBucket/,
    next: "kubectl mkebackup storage check default",
  },
  "nobody checks the location": {
    facts: { locations: known([location({ lastValidationTime: stamp(2 * hour) })]), answer: timedOut },
    found: ["fail location.stale", "warn server.silent"],
  },
  "the server answers, but no longer checks the location": {
    facts: { locations: known([location({ lastValidationTime: stamp(2 * hour) })]) },
    found: ["warn location.stale"],
  },
  "a location that is checked each day": {
    facts: {
      locations: known([location({ lastValidationTime: stamp(2 * hour) }, { validationFrequency: "24h" } as object)]),
    },
    found: [],
  },
  "a location that was never checked": {
    facts: { locations: known([{ ...location(), status: {} }]) },
    found: ["fail location.unchecked"],
  },
  "no location": { facts: { locations: known([]) }, found: ["fail location.missing"] },
  "no default location": {
    facts: { locations: known([location({}, { default: false }, "a"), location({}, { default: false }, "b")]) },
    found: ["warn location.no-default"],
  },
  "a default location for reading only": {
    facts: { locations: known([location({}, { accessMode: "ReadOnly" })]) },
    found: ["warn location.read-only"],
  },

  "two locations are the default one": {
    facts: { locations: known([location(), location({}, { default: true }, "other")]) },
    found: ["warn location.several-defaults"],
    next: "kubectl mkebackup location default NAME",
  },

  "MKE's configuration switches backups off": {
    facts: {
      configuration: configuration({ spec: { backup: { enabled: false, storage_provider: { type: "InCluster" } } } }),
    },
    found: ["warn config.disabled"],
  },
  "MKE's configuration has a value that MKE does not know": {
    facts: { configuration: configuration({ spec: { backup: { storage_provider: { type: "Somewhere" } } } }) },
    found: ["warn config.invalid"],
  },
  "two configurations differ": {
    facts: {
      configuration: known({
        ...interpret(mkeConfigObject, { kind: "ConfigMap", namespace: "mke", name: "mke-config", key: "mke4.yaml" }),
        conflict: {
          source: { kind: "MkeConfig", namespace: "mke", name: "mke" },
          fields: [{ path: "backup.enabled", value: true, other: false }],
        },
      }),
    },
    found: ["warn config.conflict"],
  },
});
