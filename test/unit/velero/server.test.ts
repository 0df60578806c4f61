import assert from "node:assert/strict";
import { test } from "node:test";
import type { Workload } from "../../../src/core/resource.ts";
import { serverStatusRequests } from "../../../src/velero/kinds.ts";
import { askServer, checkServerRuns, isVeleroServer } from "../../../src/velero/server.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import { fakeTime } from "../fake-time.ts";
import { stagedCluster } from "./staged-cluster.ts";

const now = new Date("2026-11-24T09:00:00Z");

function deployment(
  name: string,
  {
    labels = {},
    container = "velero",
    replicas,
    ready = 1,
  }: {
    labels?: Record<string, string>;
    container?: string;
    replicas?: number;
    ready?: number;
  } = {},
): Workload {
  return {
    kind: "Deployment",
    metadata: { name, namespace: "mke", labels },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      template: { spec: { containers: [{ name: container }] } },
    },
    status: { readyReplicas: ready },
  };
}

const servers: [what: string, deployment: Workload, is: boolean][] = [
  ["velero install's", deployment("velero", { labels: { component: "velero" } }), true],
  [
    "a chart's, named after its release",
    deployment("backup", { labels: { "app.kubernetes.io/name": "velero" } }),
    true,
  ],
  ["one of k0rdent", deployment("x", { labels: { "app.kubernetes.io/name": "kcm-velero" } }), true],
  ["one without labels, by its name", deployment("my-velero"), true],
  ["velero-ui", deployment("velero-ui", { container: "ui", labels: { component: "velero" } }), false],
  ["another Deployment with a container called velero", deployment("tool"), false],
];
for (const [what, object, is] of servers) {
  test(`${what} is ${is ? "" : "not "}taken for the server`, () => assert.equal(isVeleroServer(object), is));
}

const checked = (lastValidationTime?: string): BackupStorageLocation => ({
  metadata: { name: "default", namespace: "mke" },
  ...(lastValidationTime === undefined ? {} : { status: { lastValidationTime } }),
});
const check = (options: FakeClusterOptions, ...locations: BackupStorageLocation[]) =>
  checkServerRuns(fakeCluster(options), "mke", locations, now);

test("a server with a ready pod runs, however old its traces", async () => {
  await check({ objects: [deployment("velero")] }, checked("2026-01-01T00:00:00Z"));
});

test("a server that is scaled to 0 is said to be, with the command that scales it up", async () => {
  await assert.rejects(check({ objects: [deployment("velero", { replicas: 0, ready: 0 })] }, checked()), {
    kind: "failed",
    message: "the Velero server is not running: it is scaled to 0 (Deployment velero in namespace mke)",
    next: ["kubectl -n mke scale deployment velero --replicas=1"],
  });
});

test("a server whose pods are not ready is not running, even when its last traces are fresh", async () => {
  await assert.rejects(check({ objects: [deployment("velero", { ready: 0 })] }, checked("2026-11-24T08:59:30Z")), {
    message: /0 of 1 pods are ready/,
    next: ["kubectl mkebackup status"],
  });
});

const unseen: [what: string, options: FakeClusterOptions][] = [
  ["Deployments may not be listed", { refuse: () => "Forbidden" }],
  ["the server runs outside the cluster", { objects: [deployment("minio", { container: "minio" })] }],
];
for (const [what, options] of unseen) {
  test(`where ${what}, a location that was checked lately proves a server`, async () => {
    await check(options, checked("2026-01-01T00:00:00Z"), checked("2026-11-24T08:55:01Z"));
  });
  test(`where ${what}, locations that nobody checks prove that there is none`, async () => {
    const refusal = { message: /^no Velero server seems to run for namespace mke/ };
    await assert.rejects(check(options, checked("2026-11-24T08:55:00Z")), refusal);
    await assert.rejects(check(options, checked()), refusal);
    await assert.rejects(check(options), refusal);
  });
}

test("any other trouble of listing Deployments is passed on", async () => {
  await assert.rejects(check({ refuse: () => "Unreachable" }), { reason: "Unreachable" });
});

test("the server is asked for its version until it has answered", async (t) => {
  fakeTime(t);
  const metadata = { name: "mkebackup-1", namespace: "mke" };
  const status = { phase: "Processed", serverVersion: "v1.13.0" };
  const cluster = stagedCluster([[serverStatusRequests, { metadata }, { metadata }, { metadata, status } as never]]);
  assert.deepEqual(await askServer(cluster, "mke", { signal: new AbortController().signal }), status);
});

test("a server that never answers is given up after five seconds", async (t) => {
  const time = fakeTime(t);
  const cluster = stagedCluster([[serverStatusRequests, { metadata: { name: "mkebackup-1" } }]]);
  await assert.rejects(askServer(cluster, "mke", { signal: new AbortController().signal }), {
    kind: "timeout",
    message: "timed out waiting for the Velero server to say its version",
  });
  assert.equal(time.now, 5000);
});
