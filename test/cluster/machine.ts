import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { ask } from "./command.ts";
import { containerdSocket, kubeletFolder, runFolder } from "./layout.ts";
import { type KernelSettings, readKernelSettings } from "./network.ts";
import { cgroupFolders } from "./node.ts";

/** What a cluster changes on the machine, as sets of lines that can be compared. */
export interface Machine {
  mounts: string[];
  links: string[];
  namespaces: string[];
  addressesAndRoutes: string[];
  rules: string[];
  folders: string[];
  processes: string[];
  kernelSettings: KernelSettings;
}

/** Files and folders that containerd, runc, CNI plugins and the kubelet may make, wherever they are told to keep their data. */
const folders = [
  ...[runFolder, kubeletFolder, "/var/lib/cni", "/etc/cni", "/var/lib/containerd", "/run/containerd", "/run/runc"],
  ...["/var/log/containers", "/var/log/pods", "/run/netns", "/var/lib/dockershim", "/opt/cni", "/run/nri"],
  ...["/etc/kubernetes", "/usr/libexec/kubernetes", "/var/lib/calico", "/run/flannel", "/run/xtables.lock"],
];

export const packetFilters = ["iptables", "ip6tables"];

/** Looks at the machine. Cheap enough to be taken before `up` and after `down`. */
export async function readMachine(): Promise<Machine> {
  const lines = (text: string | undefined): string[] => (text ?? "").split("\n").filter((line) => line !== "");
  const mounts = lines(await readFile("/proc/self/mounts", "utf8")).map((line) =>
    line.split(" ").slice(0, 3).join(" "),
  );
  const links = lines(await ask("ip", ["-o", "link", "show"])).map((line) =>
    (line.split(": ")[1] ?? "").replace(/@.*/, ""),
  );
  const routes = lines(await ask("ip", ["route", "show", "table", "all"]));
  // Sockets of containerd's helpers: their place is fixed, and another containerd has its own there.
  const sockets = (await readdir("/run/containerd/s").catch(() => [])).map((name) => `/run/containerd/s/${name}`);
  const present = [...folders, ...(await cgroupFolders()), ...sockets].filter((folder) => existsSync(folder));
  return {
    mounts,
    links,
    namespaces: lines(await ask("ip", ["netns", "list"])),
    addressesAndRoutes: routes.map((line) => line.replaceAll(/\s+/g, " ").trim()),
    rules: (await Promise.all(packetFilters.map(readRules))).flat(),
    folders: present,
    processes: (await clusterProcesses()).map(({ pid, command }) => `${pid} ${command}`),
    kernelSettings: await readKernelSettings(),
  };
}

/** What is there now and was not before, as sentences. Empty when nothing was left behind. */
export function leftBehind(before: Machine, now: Machine): string[] {
  const kinds = ["mounts", "links", "namespaces", "addressesAndRoutes", "rules", "folders", "processes"] as const;
  const added = kinds.flatMap((kind) => {
    const known = new Set(before[kind]);
    return now[kind].filter((line) => !known.has(line)).map((line) => `${kind}: ${line}`);
  });
  const settings = Object.entries(before.kernelSettings)
    .filter(([name, value]) => now.kernelSettings[name] !== value)
    .map(([name, value]) => `kernel setting ${name}: ${now.kernelSettings[name]} instead of ${value}`);
  return [...added, ...settings];
}

/** Rules and chains of one packet filter, each with its table in front; without counters and comments. */
export async function readRules(filter: string): Promise<string[]> {
  const saved = await ask(`${filter}-save`, []);
  const rules: string[] = [];
  let table = "";
  for (const line of (saved ?? "").split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    // Built-in chains appear with the table itself, and an empty table changes nothing.
    else if (line.startsWith("-A") || /^:\S+ - /.test(line)) {
      rules.push(`${filter} ${table} ${line.replace(/ \[\d+:\d+\]$/, "")}`);
    }
  }
  return rules;
}

interface Process {
  pid: number;
  command: string;
}

/** Every process that belongs to the cluster: its command line names the run folder, or it runs in the cgroup. */
export async function clusterProcesses(): Promise<Process[]> {
  const inCgroup = new Set<number>();
  for (const folder of await cgroupFolders()) {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = found.filter((entry) => entry.name === "cgroup.procs");
    for (const file of files) {
      const text = await readFile(`${file.parentPath}/${file.name}`, "utf8").catch(() => "");
      for (const line of text.split("\n")) if (line) inCgroup.add(Number(line));
    }
  }
  const processes: Process[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const command = (await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "")).split("\0").join(" ").trim();
    // Containerd's helpers outlive it, and they name its socket.
    if (inCgroup.has(pid) || command.includes(containerdSocket) || command.includes(`${runFolder}/`)) {
      processes.push({ pid, command });
    }
  }
  return processes;
}
