import { ask, run } from "./command.ts";
import { logFile } from "./layout.ts";
import { progress, step } from "./step.ts";

const packages = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "busybox-static",
  "iptables",
  "conntrack",
  "iproute2",
  "dnsmasq-base",
  "openssl",
];

/** A sentence that says why this machine cannot run the cluster; undefined when it can. */
export async function missingRequirement(): Promise<string | undefined> {
  if (process.platform !== "linux") {
    return `The test cluster runs containers directly on Linux; this is ${process.platform}. Use a Linux machine.`;
  }
  if (process.getuid?.() !== 0) {
    return "The test cluster needs root: it makes network bridges, mounts and cgroups. Run it as root (sudo).";
  }
  if ((await ask("go", ["version"])) === undefined) {
    return "The test cluster is built from Go modules and needs Go 1.26 or newer on PATH: see https://go.dev/dl.";
  }
  if ((await ask("apt-get", ["--version"])) === undefined) {
    return "The test cluster takes containerd and its kin from Debian packages, and finds no apt-get on this machine.";
  }
  return undefined;
}

/** Installs the Debian packages that are missing. */
export async function installPackages(): Promise<void> {
  // One line a package: its name, a colon and the architecture for some, a tab, "install".
  const selections = (await ask("dpkg", ["--get-selections"])) ?? "";
  const installed = new Set(selections.split("\n").flatMap((line) => /^([^:\t]+).*\tinstall$/.exec(line)?.[1] ?? []));
  const missing = packages.filter((name) => !installed.has(name));
  if (missing.length === 0) return progress("Debian packages", "installed");
  const log = logFile("packages");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await step({ title: `Debian packages: ${missing.join(" ")}`, limit: 600, log }, async (signal) => {
    await run("apt-get", ["update"], { env, log, signal });
    await run("apt-get", ["install", "-y", "--no-install-recommends", ...missing], { env, log, signal });
  });
}
