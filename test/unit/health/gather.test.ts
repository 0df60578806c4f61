import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../../src/core/resource.ts";
import { checkEstablished } from "../../../src/health/established.ts";
import { type GatherOptions, gather } from "../../../src/health/gather.ts";
import type { Cluster } from "../../../src/kube/cluster.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";
import * as sample from "./samples.ts";

const options: GatherOptions = {
  namespace: "mke",
  named: true,
  locations: undefined,
  signal: new AbortController().signal,
  now: sample.now,
  limit: 2000,
  askServer: true,
};

const labels = { "app.kubernetes.io/name": "velero" };
const server = (readyReplicas: number): KubeObject => ({
  kind: "Deployment",
  metadata: { name: "velero", namespace: "mke", labels },
  ...{
    spec: {
      replicas: 1,
      selector: { matchLabels: { name: "velero" } },
      template: { spec: { containers: [{ name: "velero", image: "velero/velero:v1.13.0" }] } },
    },
    status: { readyReplicas },
  },
});
const serverPod: KubeObject = {
  kind: "Pod",
  metadata: { name: "velero-1", namespace: "mke", labels: { name: "velero" } },
  ...{
    status: {
      conditions: [
        { type: "PodScheduled", status: "True" },
        { type: "Ready", status: "False", lastTransitionTime: sample.stamp(1000) },
      ],
      initContainerStatuses: [{ name: "aws", state: { waiting: { reason: "ImagePullBackOff" } } }],
      containerStatuses: [{ name: "velero", restartCount: 2, state: { waiting: { reason: "PodInitializing" } } }],
    },
  },
};
const otherPod: KubeObject = {
  kind: "Pod",
  metadata: { name: "calico-1", namespace: "mke", labels: { name: "calico" } },
};
const location: KubeObject = { kind: "BackupStorageLocation", ...sample.location() };
const running: KubeObject = { kind: "Backup", ...sample.running("b1", 60_000, "InProgress") };

/** A fake whose server answers a ServerStatusRequest at once. */
function cluster({ objects, refuse }: FakeClusterOptions): Cluster & { requests: readonly { verb: string }[] } {
  const fake = fakeCluster({
    objects: objects ?? [server(1), serverPod, otherPod, location, running],
    ...(refuse && { refuse }),
  });
  return {
    ...fake,
    create: (kind, object) =>
      fake.create(kind, { ...object, ...{ status: { phase: "Processed", serverVersion: "v1.13.0" } } }),
  };
}

test("everything known, with the pods of each workload and the volumes of what runs", async () => {
  const facts = await gather(cluster({}), options);
  assert.equal(facts.answer?.state === "known" && facts.answer.value.serverVersion, "v1.13.0");
  assert.ok(facts.server.state === "known" && facts.server.value !== undefined);
  const { selector, pods } = facts.server.value;
  assert.equal(selector, "name=velero");
  assert.deepEqual(
    pods?.map(({ name, trouble, restarts }) => [name, trouble, restarts]),
    [["velero-1", "ImagePullBackOff", 2]],
  );
  assert.deepEqual([...facts.volumes.keys()], ["backup/b1"]);
});

test("one probe that is forbidden, missing or fails spoils no other", async () => {
  const refusals: Record<string, string> = {
    schedules: "Forbidden",
    serverstatusrequests: "Forbidden",
    daemonsets: "InternalError",
  };
  const facts = await gather(cluster({ refuse: ({ kind }) => refusals[kind.plural] }), options);
  assert.deepEqual(facts.schedules, { state: "forbidden", sentence: "list schedules.velero.io" });
  assert.deepEqual(facts.answer, { state: "forbidden", sentence: "create serverstatusrequests.velero.io" });
  assert.equal(facts.nodeAgents.state, "failed");
  assert.ok(facts.backups.state === "known" && facts.backups.value.length === 1);
});

test("a probe that hangs ends at its limit, while the others have long ended", async () => {
  const fake = cluster({});
  const slow: Cluster = {
    ...fake,
    list: (kind, query) => (kind.plural === "restores" ? new Promise(() => {}) : fake.list(kind, query)),
  };
  const facts = await gather(slow, { ...options, limit: 60 });
  assert.deepEqual(facts.restores, { state: "timed out", milliseconds: 60 });
  assert.equal(facts.backups.state, "known");
});

test("probes run side by side", async () => {
  const fake = cluster({});
  const far: Cluster = {
    ...fake,
    list: async (kind, query) => {
      await sleep(50);
      return fake.list(kind, query);
    },
  };
  const began = performance.now();
  await gather(far, options);
  const took = performance.now() - began;
  assert.ok(took < 250, `one list after the other would take 500 ms and more: ${took}`);
});

test("a server without a ready pod is not waited for", async () => {
  const fake = fakeCluster({ objects: [server(0), location] });
  const began = performance.now();
  const facts = await gather(fake, options);
  assert.ok(performance.now() - began < 1000);
  assert.deepEqual(facts.answer, { state: "failed", sentence: "no server pod is ready" });
});

test("nothing is left in a namespace without Velero", async () => {
  const fake = fakeCluster({ objects: [] });
  await gather(fake, options);
  assert.ok(fake.requests.every(({ verb }) => verb !== "create"));
});

test("the server is not asked when it should not be", async () => {
  const fake = cluster({});
  assert.equal((await gather(fake, { ...options, askServer: false })).answer, undefined);
  assert.ok(fake.requests.every(({ verb }) => verb !== "create"));
});

test("Ctrl-C ends it all", async () => {
  const interrupt = new AbortController();
  const hanging: Cluster = { ...cluster({}), list: () => new Promise(() => {}) };
  const gathered = gather(hanging, { ...options, signal: interrupt.signal });
  interrupt.abort(new Error("interrupted"));
  await assert.rejects(gathered, /interrupted/);
});

for (const [name, given, sentence] of [
  ["a namespace that holds nothing of Velero", { objects: [] }, /no Velero found in namespace mke/],
  ["a cluster without Velero's kinds", { refuse: () => "NoSuchKind" }, /doesn't have a resource type/],
  ["a cluster that cannot be reached", { refuse: () => "Unreachable" }, /Unreachable/],
  ["a user who may see nothing", { refuse: () => "Forbidden" }, /no permission to see anything of Velero/],
] satisfies [string, FakeClusterOptions, RegExp][]) {
  test(`${name} has no status`, async () => {
    const facts = await gather(fakeCluster({ objects: [location], ...given }), options);
    assert.throws(() => checkEstablished(facts), sentence);
  });
}

test("one thing that can be seen is a status", async () => {
  const refuse: FakeClusterOptions["refuse"] = ({ kind }) => (kind.plural === "backups" ? undefined : "Forbidden");
  checkEstablished(await gather(cluster({ refuse }), options));
});
