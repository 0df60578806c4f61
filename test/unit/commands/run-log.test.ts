import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { Context } from "../../../src/commands/command.ts";
import { openRunLog } from "../../../src/commands/run-log.ts";
import { Failure } from "../../../src/core/failure.ts";
import { pods } from "../../../src/core/resource.ts";
import type { ObjectStore } from "../../../src/object-store/object-store.ts";
import { downloadRequests } from "../../../src/velero/kinds.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const server = {
  kind: pods.kind,
  metadata: { name: "velero-1", namespace: "mke", uid: "v", labels: { component: "velero" } },
  spec: { containers: [{ name: "velero" }] },
};
const location = { kind: "BackupStorageLocation", metadata: { name: "default", namespace: "mke" }, spec: {} };
const backup = (status: object) => ({
  kind: "Backup",
  metadata: { name: "b1", namespace: "mke", creationTimestamp: "2026-11-24T07:00:00Z" },
  spec: { storageLocation: "default" },
  status,
});
const line = (message: string, name = "b1") =>
  `time="2026-11-24T07:00:01Z" level=info msg="${message}" backup=mke/${name}`;
const logs = {
  "velero-1/velero": [line("begun"), line("another", "b2"), "something else", line("goes on")]
    .map((text, second) => `2026-11-24T07:00:0${second}.5Z ${text}\n`)
    .join(""),
};

/** What a command may reach: a cluster whose server signs every link, and a store that gives this for it. */
async function open(
  options: FakeClusterOptions,
  stored: string | Failure = new Failure("failed", "no such file", { reason: "NotFound" }),
  follow = false,
) {
  const cluster = fakeCluster({ logs, ...options, objects: [server, location, ...(options.objects ?? [])] });
  const signing: typeof cluster = {
    ...cluster,
    create: async (kind, object, how) => {
      const status = kind.plural === downloadRequests.plural ? { downloadURL: "http://store/x" } : undefined;
      return cluster.create(kind, { ...object, status } as typeof object, how);
    },
  };
  const store = {
    async open() {
      if (stored instanceof Failure) throw stored;
      return { size: stored.length, etag: undefined, content: Readable.from([Buffer.from(stored)]) };
    },
    close: () => undefined,
  } as unknown as ObjectStore;
  const told: string[] = [];
  const context = {
    cluster: async () => signing,
    velero: async () => ({ name: "mke" }),
    store: async () => store,
    insecureSkipTlsVerify: false,
    tell: (sentence: string) => told.push(sentence),
    note: () => undefined,
    signal: new AbortController().signal,
  } as unknown as Context;
  const log = await openRunLog(context, { type: "backup", name: "b1" }, { follow });
  const read = async () => (await Array.fromAsync(log.batches)).flat();
  return { lines: await read(), told, verdict: log.verdict() };
}

test("a finished run's log is the stored one, and only -f judges the run", async () => {
  const failed = { objects: [backup({ phase: "PartiallyFailed" })] };
  assert.deepEqual(await open(failed, "one\ntwo\n"), { lines: ["one", "two"], told: [], verdict: undefined });
  assert.equal((await open(failed, "one\n", true)).verdict?.kind, "incomplete");
});

test("a run that goes on has what the server wrote about it", async () => {
  const { lines, told, verdict } = await open({ objects: [backup({ phase: "InProgress" })] });
  assert.deepEqual(lines, [line("begun"), line("goes on")]);
  assert.match(
    told.join("\n"),
    /^backup b1 is InProgress: this is its log so far\.\nnext {2}kubectl mkebackup logs backup\/b1 -f$/,
  );
  assert.equal(verdict, undefined);
});

test("a run that is being finished has the stored log already", async () => {
  const { lines, told } = await open({ objects: [backup({ phase: "Finalizing" })] }, "one\n");
  assert.deepEqual(lines, ["one"]);
  assert.match(told[0] ?? "", /^backup b1 is Finalizing/);
});

test("a run that has not begun has no log yet", async () => {
  for (const phase of ["", "New", "Queued", "ReadyToStart"])
    await assert.rejects(open({ objects: [backup({ phase })] }), {
      message: `backup b1 has no log yet: it is ${phase || "New"}`,
      next: ["kubectl mkebackup logs backup/b1 -f"],
    });
});

test("without a stored log: why, and what the server still has", async () => {
  const cases = [
    [{ phase: "Failed", failureReason: "no space" }, "backup b1 has no log: it ended Failed: no space"],
    [
      { phase: "FailedValidation", validationErrors: ["a", "b"] },
      "backup b1 has no log: the server refused it (FailedValidation): a; b",
    ],
    [{ phase: "Completed" }, "the log of backup b1 is not in its location: it never arrived, or was deleted there"],
  ] as const;
  for (const [status, message] of cases) {
    const { lines, told, verdict } = await open({ objects: [backup(status)] });
    assert.deepEqual(lines, [line("begun"), line("goes on")]);
    assert.deepEqual(told, ["These are the lines that the server's pod still has of it."]);
    assert.deepEqual([verdict?.kind, verdict?.message], ["failed", message]);
  }
});

test("a store that cannot be reached is told after what the server still has, and nothing else is", async () => {
  const down = new Failure("failed", "cannot reach the object store", { reason: "Unreachable" });
  const refuse: FakeClusterOptions["refuse"] = ({ kind }) => (kind.plural === "secrets" ? "Forbidden" : undefined);
  const { lines, verdict } = await open({ objects: [backup({ phase: "Completed" })], refuse }, down);
  assert.equal(lines.length, 2);
  assert.match(verdict?.message ?? "", /cannot reach the object store/);
  const blind = await open(
    {
      objects: [backup({ phase: "Completed" })],
      refuse: ({ kind }) => (kind.plural === pods.plural || kind.plural === "secrets" ? "Forbidden" : undefined),
    },
    down,
  );
  assert.deepEqual([blind.lines, blind.told], [[], []]);
  assert.match(blind.verdict?.message ?? "", /cannot reach the object store/);
});

test("there is no such run: told at once", async () => {
  await assert.rejects(open({}), { reason: "NotFound", message: 'backups.velero.io "b1" not found' });
});
