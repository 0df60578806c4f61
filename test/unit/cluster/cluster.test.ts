import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cacheKey } from "../../cluster/build.ts";
import { leftBehind, type Machine } from "../../cluster/machine.ts";
import { StepFailed, step } from "../../cluster/step.ts";

const etcd = { name: "etcd", module: "etcd", package: "go.etcd.io/etcd/server/v3" };

test("a program is built again when its compiler, its package or a stamp changes, and only then", async () => {
  const key = await cacheKey(etcd, "go1.26");
  assert.equal(await cacheKey({ ...etcd }, "go1.26"), key);
  assert.notEqual(await cacheKey(etcd, "go1.27"), key);
  assert.notEqual(await cacheKey({ ...etcd, package: "go.etcd.io/etcd/client/v3" }, "go1.26"), key);
  assert.notEqual(await cacheKey({ ...etcd, stamps: { version: "1" } }, "go1.26"), key);
});

test("a step that takes too long fails with its title, the limit and the end of its log", async () => {
  const folder = await mkdtemp(join(tmpdir(), "step-"));
  const log = join(folder, "etcd.log");
  await writeFile(log, Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join(""));
  const never = step({ title: "etcd", limit: 0.05, log }, () => new Promise(() => {}));
  await assert.rejects(never, (error: unknown) => {
    assert.ok(error instanceof StepFailed);
    assert.match(error.message, /^etcd: not done within 0.05 s\n {2}The last lines of .*etcd\.log:\n {4}line 25\n/);
    assert.match(error.message, /line 39$/);
    return true;
  });
  await rm(folder, { recursive: true });
});

test("what a cluster leaves behind is named by kind, what was there before is not", () => {
  const before: Machine = {
    mounts: ["proc /proc proc"],
    links: ["lo"],
    namespaces: [],
    addressesAndRoutes: [],
    rules: [],
    folders: [],
    processes: [],
    kernelSettings: { "net/ipv4/ip_forward": "0" },
  };
  assert.deepEqual(leftBehind(before, before), []);
  const now = {
    ...before,
    links: ["lo", "mkebackup-pods"],
    rules: ["iptables nat :KUBE-SERVICES -"],
    kernelSettings: { "net/ipv4/ip_forward": "1" },
  };
  assert.deepEqual(leftBehind(before, now), [
    "links: mkebackup-pods",
    "rules: iptables nat :KUBE-SERVICES -",
    "kernel setting net/ipv4/ip_forward: 1 instead of 0",
  ]);
});
