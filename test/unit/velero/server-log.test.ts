import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import { pods } from "../../../src/core/resource.ts";
import { followServerLines, serverLines } from "../../../src/velero/server-log.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const since = new Date("2026-11-24T07:00:00Z");
const signal = new AbortController().signal;

const pod = (
  name: string,
  { created = "2026-11-24T06:00:00Z", restarted = false, labels = {}, owner = "ReplicaSet" } = {},
) => ({
  kind: pods.kind,
  metadata: {
    name,
    namespace: "mke",
    uid: name,
    creationTimestamp: created,
    labels: { component: "velero", ...labels },
    ownerReferences: [{ kind: owner, name: "x", uid: "x" }],
  },
  spec: { containers: [{ name: "velero" }] },
  status: {
    containerStatuses: [
      {
        name: "velero",
        ready: true,
        restartCount: restarted ? 1 : 0,
        ...(restarted ? { lastState: { terminated: { finishedAt: "2026-11-24T07:30:00Z" } } } : {}),
      },
    ],
  },
});

const at = (second: number, text: string) => `2026-11-24T07:00:${String(second).padStart(2, "0")}.5Z ${text}\n`;
const cluster = (options: FakeClusterOptions) => fakeCluster(options);

test("all server pods are read, the oldest first, the container before a restart too; jobs and agents are not", async () => {
  const fake = cluster({
    objects: [
      pod("velero-new", { created: "2026-11-24T07:10:00Z" }),
      pod("velero-old", { restarted: true }),
      pod("velero-upgrade-crds", { owner: "Job" }),
      { ...pod("node-agent"), spec: { containers: [{ name: "node-agent" }] } },
    ],
    logs: {
      "velero-old/velero (previous)": at(1, "before"),
      "velero-old/velero": at(2, "after"),
      "velero-new/velero": at(3, "new"),
    },
  });
  const lines = (await Array.fromAsync(serverLines(fake, "mke", { since, signal }))).flat();
  assert.deepEqual(lines, ["before", "after", "new"]);
});

test("a pod that has not begun has written nothing; a missing right is told", async () => {
  const waiting = new Failure("failed", "is waiting to start", { reason: "BadRequest" });
  const objects = [pod("velero-1")];
  const none = cluster({ objects, logs: { "velero-1/velero": waiting } });
  assert.deepEqual(await Array.fromAsync(serverLines(none, "mke", { since, signal })), []);
  const forbidden = new Failure("failed", "cannot get pods/log", { reason: "Forbidden" });
  const refused = cluster({ objects, logs: { "velero-1/velero": forbidden } });
  await assert.rejects(Array.fromAsync(serverLines(refused, "mke", { since, signal })), { reason: "Forbidden" });
});

test("following takes a broken stream up where it broke, and ends with its last words", async () => {
  const end = new AbortController();
  let opened = 0;
  const fake = cluster({
    objects: [pod("velero-1")],
    logs: {
      async *"velero-1/velero"({ follow, signal: ends }) {
        opened += 1;
        if (opened === 1) {
          yield Buffer.from(at(1, "one") + at(2, "two").slice(0, 8));
          yield Buffer.from(at(2, "two").slice(8));
          throw new Failure("failed", "the connection broke", { reason: "Unreachable" });
        }
        if (!follow) {
          yield Buffer.from(at(3, "three") + at(4, "four"));
          return;
        }
        yield Buffer.from(at(1, "one") + at(2, "two") + at(3, "three"));
        setTimeout(() => end.abort(), 5);
        await new Promise((_, reject) => ends?.addEventListener("abort", () => reject(ends.reason)));
      },
    },
  });
  const lines = (await Array.fromAsync(followServerLines(fake, "mke", { since, signal, end: end.signal }))).flat();
  assert.deepEqual(lines, ["one", "two", "three", "four"]);
  assert.deepEqual(
    fake.logsAsked.map((asked) => [asked.follow, asked.since?.toISOString()]),
    [
      [true, since.toISOString()],
      [true, "2026-11-24T07:00:02.500Z"],
      [false, "2026-11-24T07:00:03.500Z"],
    ],
  );
});

test("following ends with what will not pass, and with the command", async () => {
  const forbidden = new Failure("failed", "cannot get pods/log", { reason: "Forbidden" });
  const fake = cluster({ objects: [pod("velero-1")], logs: { "velero-1/velero": forbidden } });
  const end = new AbortController().signal;
  await assert.rejects(Array.fromAsync(followServerLines(fake, "mke", { since, signal, end })), {
    reason: "Forbidden",
  });
  const stop = new AbortController();
  const idle = cluster({});
  setTimeout(() => stop.abort(new Failure("interrupted", "interrupted")), 20);
  await assert.rejects(Array.fromAsync(followServerLines(idle, "mke", { since, signal: stop.signal, end })), {
    kind: "interrupted",
  });
});
