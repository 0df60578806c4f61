// The kubeconfig of a world, and changed copies of it.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

type Entry = Record<string, unknown>;

interface Kubeconfig {
  readonly "current-context": string;
  readonly contexts: readonly { name: string; context: { cluster: string; user: string } }[];
  readonly clusters: readonly { name: string; cluster: Entry }[];
  readonly users: readonly { name: string; user: Entry }[];
}

/** The current cluster and user of a kubeconfig, with certificates as PEM. */
export interface Upstream {
  readonly server: string;
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

function current(file: string): { cluster: Entry; user: Entry } {
  const config = parse(readFileSync(file, "utf8")) as Kubeconfig;
  const context = config.contexts.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  if (cluster === undefined) throw new Error(`${file} has no current cluster`);
  return { cluster, user: config.users.find(({ name }) => name === context?.user)?.user ?? {} };
}

export function readUpstream(file: string): Upstream {
  const { cluster, user } = current(file);
  const material = (entry: Entry, field: string): Buffer | undefined => {
    const [data, path] = [entry[`${field}-data`], entry[field]];
    if (typeof data === "string") return Buffer.from(data, "base64");
    return typeof path === "string" ? readFileSync(path) : undefined;
  };
  return {
    server: String(cluster["server"]),
    ca: material(cluster, "certificate-authority"),
    cert: material(user, "client-certificate"),
    key: material(user, "client-key"),
  };
}

/** Writes a kubeconfig of one context. */
export function writeKubeconfig(file: string, cluster: Entry, user: Entry): string {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "mke",
    contexts: [{ name: "mke", context: { cluster: "mke", user: "admin" } }],
    clusters: [{ name: "mke", cluster }],
    users: [{ name: "admin", user }],
  };
  // JSON is YAML, for kubectl too.
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** Writes a copy whose cluster entry has other fields beside its own; undefined takes one away. */
export function changeCluster(from: string, to: string, changes: Entry): string {
  const { cluster, user } = current(from);
  return writeKubeconfig(to, { ...cluster, ...changes }, user);
}
