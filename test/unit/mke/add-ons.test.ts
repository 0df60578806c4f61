import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../../src/core/resource.ts";
import { serviceNamed } from "../../../src/mke/add-on.ts";
import { readAddOns } from "../../../src/mke/add-ons.ts";
import { addon, condition, helmRelease, newerServices, olderServices } from "../../scenarios/mke-objects.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { allServed, served } from "./served-samples.ts";

const since = "2026-11-24T08:00:00Z";
const at = new Date(since);

async function read(...objects: readonly unknown[]) {
  const cluster = fakeCluster({ objects: objects as KubeObject[] });
  const { addOns } = await readAddOns(cluster, allServed);
  return addOns.map(({ era, kind, service, state, reason, message, since: time, version, cluster: where }) => ({
    era,
    kind,
    service,
    state,
    reason,
    message,
    ...(time?.getTime() === at.getTime() ? {} : { since: time }),
    version,
    cluster: where,
  }));
}

const states = async (...objects: readonly unknown[]) =>
  (await read(...objects)).map(({ service, state }) => `${service} ${state}`);

test("an Addon tells its state beside, whatever its enabled says", async () => {
  const told = { reason: "UpgradeFailed", message: "Helm Chart velero upgrade failed", since };
  assert.deepEqual(await read(addon("velero", "Unhealthy", told)), [
    {
      ...{ era: "blueprint", kind: "Addon", service: "velero", state: "failed", reason: "UpgradeFailed" },
      ...{ message: told.message, version: "6.0.0", cluster: undefined },
    },
  ]);
  for (const [type, state] of Object.entries({
    Available: "ready",
    Ready: "ready",
    Progressing: "progressing",
    Degraded: "failed",
    "": "unknown",
    Strange: "unknown",
  })) {
    assert.deepEqual(await states(addon("minio", type, told)), [`minio ${state}`]);
  }
  assert.deepEqual(await states(addon("metallb", "Unhealthy", told)), []);
});

test("a HelmRelease of any version is as its conditions say", async () => {
  const release = (...conditions: readonly object[]) => helmRelease("velero", conditions);
  const ready = condition("Ready", "True", "UpgradeSucceeded", "Helm upgrade succeeded", since);
  const released = condition("Released", "False", "UpgradeFailed", "Helm upgrade failed: timed out", since);
  const cases: readonly [string, readonly object[]][] = [
    ["ready", [ready]],
    ["failed", [condition("Ready", "False", "UpgradeFailed", "", since), released]],
    ["failed", [condition("Ready", "False", "RetriesExceeded", "", since)]],
    ["failed", [condition("Ready", "False", "Unknown", "", since), condition("Stalled", "True", "X", "", since)]],
    ["progressing", [condition("Ready", "Unknown", "Progressing", "", since)]],
    ["progressing", [condition("Ready", "False", "DependencyNotReady", "", since)]],
    ["unknown", []],
  ];
  for (const [state, conditions] of cases) assert.deepEqual(await states(release(...conditions)), [`velero ${state}`]);
  const [failed] = await read(release(released));
  assert.equal(failed?.message, "Helm upgrade failed: timed out");
  assert.equal(failed?.version, "6.0.0");
  assert.equal(failed?.era, "blueprint");
});

test("up to KCM 1.2 each release has a condition", async () => {
  const releaseOf = (name: string, status: string, reason: string) =>
    condition(`mke.${name}/SveltosHelmReleaseReady`, status, reason, `Release mke/${name}`, since);
  const helm = (status: string, message: string) => condition("Helm", status, "Failed", message, since);
  const both = [releaseOf("velero", "True", "Managing"), releaseOf("minio", "True", "Managing")];
  assert.deepEqual(await states(olderServices([helm("True", ""), ...both])), ["velero ready", "minio ready"]);
  assert.deepEqual(
    await states(olderServices([releaseOf("velero", "False", "Conflict"), releaseOf("minio", "True", "Managing")])),
    ["velero failed", "minio ready"],
  );
  const failure = "failed to upgrade mke/velero: context deadline exceeded";
  assert.deepEqual(await states(olderServices([helm("False", failure), ...both])), ["velero failed", "minio ready"]);
  const other = "failed to upgrade mke/dex: context deadline exceeded";
  assert.deepEqual(await states(olderServices([helm("False", other), ...both])), ["velero ready", "minio ready"]);
  const [velero] = await read(olderServices(both));
  assert.equal(velero?.cluster, undefined, "mgmt/mgmt is this cluster");
  assert.deepEqual(await states(olderServices([])), ["velero unknown", "minio unknown"]);
});

test("a release that nobody declares any more is still told of", async () => {
  const object = {
    kind: "ClusterDeployment",
    metadata: { name: "child-1", namespace: "k0rdent" },
    status: {
      services: [
        {
          clusterName: "child-1",
          clusterNamespace: "k0rdent",
          conditions: [condition("mke.velero/SveltosHelmReleaseReady", "True", "Managing", "", since)],
        },
      ],
    },
  };
  const [found] = await read(object);
  assert.equal(found?.state, "ready");
  assert.equal(found?.cluster, "k0rdent/child-1");
});

test("from KCM 1.3 on each service has a state", async () => {
  const found = await read(
    newerServices({
      minio: { state: "Deployed", since },
      velero: { state: "Failed", since, message: "chart not found" },
    }),
  );
  assert.deepEqual(
    found.map(({ service, state, reason, message }) => [service, state, reason, message]),
    [
      ["velero", "failed", "Failed", "chart not found"],
      ["minio", "ready", "Deployed", undefined],
    ],
  );
  assert.equal(found[0]?.version, "6.0.0");
  assert.deepEqual(await states(newerServices({ velero: { state: "Provisioning", since } })), ["velero progressing"]);
});

test("what has backup in its name is MKE's where MKE installs it", () => {
  assert.equal(serviceNamed("backup-velero"), "velero");
  assert.equal(serviceNamed("backup", "mirrored-chart-velero-6-0-0"), "velero");
  assert.equal(serviceNamed("mke-backup"), "backup");
  assert.equal(serviceNamed("backupper", "dex"), undefined);
});

test("kinds that must not be listed are named, the others read", async () => {
  const cluster = fakeCluster({
    objects: [newerServices({ velero: { state: "Deployed", since } }) as unknown as KubeObject],
    refuse: ({ kind }) => (kind.kind === "Addon" ? "Forbidden" : undefined),
  });
  const found = await readAddOns(cluster, allServed);
  assert.deepEqual(found.unseen, ["list addons.blueprint.mirantis.com"]);
  assert.equal(found.addOns.length, 1);
  const asked = fakeCluster({});
  await readAddOns(asked, served("mkebackups.mke.mirantis.com/v1alpha1 MkeBackup"));
  assert.deepEqual(asked.requests, [], "what is not served is not asked for");
});
