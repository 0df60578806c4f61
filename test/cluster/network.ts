import { readFile, writeFile } from "node:fs/promises";
import { ask, run } from "./command.ts";
import { nodeBridge } from "./layout.ts";

/** Kernel settings that the cluster needs, or that the kubelet and kube-proxy set by themselves. */
const wanted: Record<string, string | undefined> = {
  "net/ipv4/ip_forward": "1",
  "net/bridge/bridge-nf-call-iptables": "1",
  "net/ipv4/conf/all/route_localnet": undefined,
  "net/ipv4/vs/conntrack": undefined,
  "net/netfilter/nf_conntrack_max": undefined,
  "net/netfilter/nf_conntrack_tcp_timeout_established": undefined,
  "net/netfilter/nf_conntrack_tcp_timeout_close_wait": undefined,
  "net/netfilter/nf_conntrack_tcp_be_liberal": undefined,
  "vm/overcommit_memory": undefined,
  "vm/panic_on_oom": undefined,
  "kernel/panic": undefined,
  "kernel/panic_on_oops": undefined,
  "kernel/keys/root_maxkeys": undefined,
  "kernel/keys/root_maxbytes": undefined,
};

export type KernelSettings = Record<string, string>;

/** The present values of all kernel settings that a cluster touches; a setting this kernel lacks is left out. */
export async function readKernelSettings(): Promise<KernelSettings> {
  const settings: KernelSettings = {};
  for (const name of Object.keys(wanted)) {
    const value = await readFile(`/proc/sys/${name}`, "utf8").catch(() => undefined);
    if (value !== undefined) settings[name] = value.trim();
  }
  return settings;
}

/** Puts kernel settings back to what they were before the cluster. */
export async function restoreKernelSettings(before: KernelSettings): Promise<void> {
  const now = await readKernelSettings();
  for (const [name, value] of Object.entries(before)) {
    if (now[name] !== value) await writeFile(`/proc/sys/${name}`, value);
  }
}

/** Makes the bridge whose address is the node's: kubelet and API server refuse a loopback address. */
export async function prepareNetwork(): Promise<void> {
  const { name, address } = nodeBridge;
  if ((await ask("ip", ["link", "show", name])) === undefined) {
    await run("ip", ["link", "add", name, "type", "bridge"]);
  }
  await run("ip", ["address", "replace", `${address}/32`, "dev", name]);
  await run("ip", ["link", "set", name, "up"]);
  for (const [setting, value] of Object.entries(wanted)) {
    // Without br_netfilter the setting is missing, and kube-proxy's masquerading does its job.
    if (value !== undefined) await writeFile(`/proc/sys/${setting}`, value).catch(() => {});
  }
}
