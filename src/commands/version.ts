import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import { version } from "../core/version.ts";
import { mkeVersion } from "../mke/installed.ts";
import { untriedTogether } from "../velero/compatibility.ts";
import { askServer } from "../velero/server.ts";
import { type Context, defineCommand } from "./command.ts";

interface ServerVersions {
  readonly namespace: string;
  readonly velero?: string;
  readonly plugins?: readonly { readonly name: string; readonly kind: string }[];
  readonly kubernetes?: string;
  readonly mke?: string;
  /** What could not be learned, and why. */
  readonly problems: readonly string[];
}

interface Versions {
  readonly client: { readonly version: string; readonly node: string; readonly platform: string };
  readonly server?: ServerVersions;
}

export const command = defineCommand({
  flags: { server: { type: "switch", describe: "Ask Velero, Kubernetes and MKE for their versions too" } },
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 0,
  examples: [
    ["kubectl mkebackup version", "This program's version"],
    ["kubectl mkebackup version --server -o yaml", "With the servers' versions and Velero's plugins"],
  ],
  async run(args, context): Promise<Versions> {
    const client = { version, node: process.version, platform: `${process.platform}/${process.arch}` };
    if (!args.server) return { client };
    const server = await serverVersions(context);
    const warning = untriedTogether(server.velero, server.mke);
    if (warning !== undefined) context.tell(`Warning: ${warning}`);
    return { client, server };
  },
  text: ({ client, server }) => {
    const rows: [string, string][] = [["Client", `${client.version} (Node ${client.node}, ${client.platform})`]];
    if (server !== undefined) {
      rows.push([
        "Velero",
        server.velero === undefined ? "unknown" : `${server.velero} in namespace ${server.namespace}`,
      ]);
      rows.push(["Kubernetes", server.kubernetes ?? "unknown"], ["MKE", server.mke ?? "unknown"]);
      rows.push(["Plugins", pluginsText(server)]);
    }
    return rows.map(([name, value]) => `${`${name}:`.padEnd(12)}${value}`).join("\n");
  },
  document: ({ client, server }) => ({
    apiVersion: "mkebackup/v1",
    kind: "Versions",
    client,
    ...(server === undefined ? {} : { server }),
  }),
  verdict: ({ server }) => {
    if (server === undefined || server.problems.length === 0) return undefined;
    return new Failure("incomplete", server.problems.join("\nerror: "), { next: ["kubectl mkebackup status"] });
  },
});

function pluginsText({ plugins, velero }: ServerVersions): string {
  if (plugins === undefined) return "unknown";
  const names = [...new Set(plugins.map(({ name }) => name))].filter((name) => !isBuiltIn(name, velero));
  return names.length === 0 ? "none but Velero's own" : names.join(", ");
}

/** velero.io/pod, velero.io/service-account, …: actions inside the server's own binary; those for CSI since 1.14. */
function isBuiltIn(name: string, velero = ""): boolean {
  if (/^velero\.io\/csi-/.test(name)) return !/^v1\.1[0-3]\./.test(velero);
  return /^velero\.io\/(?!aws|azure|gcp|vsphere|openstack)/.test(name);
}

async function serverVersions(context: Context): Promise<ServerVersions> {
  const [cluster, { name: namespace }] = [await context.cluster(), await context.velero()];
  const { signal } = context;
  const [velero, kubernetes, mke] = await Promise.allSettled([
    askServer(cluster, namespace, { signal }),
    cluster.version(signal),
    mkeVersion(cluster, signal),
  ]);
  signal.throwIfAborted();
  const problems = [velero, kubernetes, mke]
    .filter((outcome) => outcome.status === "rejected")
    .filter(({ reason }) => !hasReason(reason, "NoSuchKind"))
    .map(({ reason }) => sentenceOf(reason));
  return {
    namespace,
    ...(velero.status === "fulfilled"
      ? { velero: velero.value.serverVersion ?? "unknown", plugins: velero.value.plugins ?? [] }
      : {}),
    ...(kubernetes.status === "fulfilled" ? { kubernetes: kubernetes.value } : {}),
    ...(mke.status === "fulfilled" && mke.value !== undefined ? { mke: mke.value } : {}),
    problems,
  };
}
