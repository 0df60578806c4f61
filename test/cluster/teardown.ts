import { existsSync } from "node:fs";
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, run } from "./command.ts";
import { kubeletFolder, nodeBridge, podBridge, runFolder } from "./layout.ts";
import { clusterProcesses, leftBehind, packetFilters, readMachine, readRules } from "./machine.ts";
import { restoreKernelSettings } from "./network.ts";
import { cgroupFolders } from "./node.ts";
import { kill, recordedServices, stopService } from "./processes.ts";
import { readState } from "./state.ts";
import { step } from "./step.ts";

/**
 * Takes the cluster down, whatever state it is in, and compares the machine with what it was before.
 * Returns what was left behind; an empty list is the normal end.
 */
export async function tearDown(): Promise<string[]> {
  const before = (await readState())?.machineBefore;
  if (!before) {
    // Nothing was started yet: the state is written before anything else but logs.
    await rm(runFolder, { recursive: true, force: true });
    return [];
  }
  await step({ title: "services stopped", limit: 60 }, stopServices);
  await step({ title: "containers stopped", limit: 60 }, stopContainers);
  await step({ title: "mounts removed", limit: 60 }, unmount);
  await step({ title: "network removed", limit: 60 }, removeNetwork);
  await step({ title: "cgroups removed", limit: 30 }, removeCgroups);
  await step({ title: "kernel settings restored", limit: 10 }, () => restoreKernelSettings(before.kernelSettings));
  await step({ title: "files removed", limit: 120 }, async () => {
    const folders = (await readMachine()).folders.filter((folder) => !before.folders.includes(folder));
    for (const folder of folders) {
      if (folder !== runFolder) await rm(folder, { recursive: true, force: true });
    }
    // Last, because the state file in it is what makes a second try possible.
    await rm(runFolder, { recursive: true, force: true });
  });
  return leftBehind(before, await readMachine());
}

/** The kubelet first, so that it does not start pods again. By force: what they would save is thrown away. */
async function stopServices(): Promise<void> {
  const names = await recordedServices();
  await stopService("kubelet", 0);
  await Promise.all(names.map((name) => stopService(name, 0)));
}

/** Containers and their shims live on without containerd; they are found by cgroup and by socket. */
async function stopContainers(signal: AbortSignal): Promise<void> {
  for (;;) {
    const processes = await clusterProcesses();
    if (processes.length === 0) return;
    for (const { pid } of processes) if (pid !== process.pid) kill(pid, "SIGKILL");
    await sleep(100, undefined, { signal });
  }
}

async function unmount(): Promise<void> {
  const ours = await clusterMounts();
  // Deepest first; lazily, because a dying process may still hold one for a moment.
  for (const target of ours.toReversed()) await run("umount", ["-l", target]);
}

async function clusterMounts(): Promise<string[]> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  const before = new Set((await readState())?.machineBefore.mounts.map((line) => line.split(" ")[1]));
  return mounts.filter((target) => {
    // The kubelet mounts its root on itself, so that mounts below it propagate into pods.
    if ([runFolder, kubeletFolder].some((folder) => `${target}/`.startsWith(`${folder}/`))) return true;
    return target.startsWith("/run/netns/cni-") && !before.has(target);
  });
}

async function removeNetwork(): Promise<void> {
  const before = new Set((await readState())?.machineBefore.rules);
  for (const filter of packetFilters) await removeRules(filter, before);
  for (const namespace of await readdir("/run/netns").catch(() => [])) {
    if (namespace.startsWith("cni-")) await rm(`/run/netns/${namespace}`, { force: true });
  }
  for (const link of [podBridge.name, nodeBridge.name]) {
    if (await ask("ip", ["link", "show", link])) await run("ip", ["link", "delete", link]);
  }
}

/** Deletes the rules and chains that came with the cluster: jumps first, a chain in use cannot be deleted. */
async function removeRules(filter: string, before: ReadonlySet<string>): Promise<void> {
  const added = (await readRules(filter)).filter((rule) => !before.has(rule));
  if (added.length === 0) return;
  const tables = new Set(added.map((rule) => rule.split(" ")[1] ?? ""));
  for (const table of tables) {
    const inTable = added.map((rule) => rule.split(" ")).filter((words) => words[1] === table);
    const chains = inTable.flatMap((words) => (words[2]?.startsWith(":") ? [words[2].slice(1)] : []));
    const jumps = inTable.filter((words) => words[2] === "-A" && !chains.includes(words[3] ?? ""));
    const deletions = jumps.map((words) => words.slice(2).join(" ").replace(/^-A/, "-D"));
    const flushes = chains.flatMap((chain) => [`-F ${chain}`]);
    const removals = chains.map((chain) => `-X ${chain}`);
    const input = [`*${table}`, ...deletions, ...flushes, ...removals, "COMMIT", ""].join("\n");
    await run(`${filter}-restore`, ["--noflush"], { input });
  }
}

async function removeCgroups(): Promise<void> {
  for (const root of await cgroupFolders()) {
    if (!existsSync(root)) continue;
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => `${entry.parentPath}/${entry.name}`);
    const deepestFirst = folders.toSorted((a, b) => b.length - a.length);
    for (const folder of [...deepestFirst, root]) await rmdir(folder);
  }
}
