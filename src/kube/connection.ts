import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";
import { type Kubeconfig, readKubeconfig } from "./kubeconfig.ts";
import type { ClusterEntry, ContextEntry, UserEntry } from "./kubeconfig-fields.ts";
import { userWith } from "./user-flags.ts";
import { invalidConfiguration } from "./validation.ts";

/** What the connection flags of the command line say; each overrides one field of the kubeconfig, as in kubectl. */
export interface ConnectionFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly "certificate-authority"?: string | undefined;
  readonly "insecure-skip-tls-verify"?: boolean | undefined;
  readonly "tls-server-name"?: string | undefined;
  readonly "client-certificate"?: string | undefined;
  readonly "client-key"?: string | undefined;
  readonly as?: string | undefined;
  readonly "as-group"?: readonly string[] | undefined;
  readonly "as-uid"?: string | undefined;
  /** key=value, each. */
  readonly "as-user-extra"?: readonly string[] | undefined;
  /** Milliseconds for one request; 0 = no limit. */
  readonly requestTimeout?: number | undefined;
}

/** One cluster and one user, ready to connect. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
  /** Where the user stands in the kubeconfig; undefined when no file has it. */
  readonly userOrigin?: { readonly file: string; readonly name: string } | undefined;
  /** Milliseconds for one request; 0 = no limit. */
  readonly requestTimeout: number;
}

/**
 * Decides which cluster and which user the flags, the environment and the kubeconfig files mean, by client-go's rules.
 * Reads files, connects to nothing. `podFolder` is where a pod finds its service account.
 */
export async function resolveConnection(
  flags: ConnectionFlags,
  env: NodeJS.ProcessEnv,
  podFolder = "/var/run/secrets/kubernetes.io/serviceaccount",
): Promise<Connection> {
  const requestTimeout = flags.requestTimeout ?? 30_000;
  const config = await readKubeconfig(flags.kubeconfig, env);
  const { name, context } = chooseContext(flags, config, env);
  const clusterName = flags.cluster || context.cluster || "";
  const userName = flags.user || context.user || "";
  if (flags.user && !config.users.has(userName)) throw new Failure("failed", `auth info "${userName}" does not exist`);
  if (flags.cluster && !config.clusters.has(clusterName))
    throw new Failure("failed", `cluster "${clusterName}" does not exist`);
  const found = config.clusters.get(clusterName) ?? {};
  const server = flags.server || found.server || env["KUBERNETES_MASTER"];
  const isDecided = server !== undefined || clusterName !== "" || flags.kubeconfig;
  const pod = isDecided ? undefined : inPod(env, podFolder);
  const address = pod?.server ?? server;
  if (!address) throw noServer(config, name, clusterName, env);
  const cluster = clusterWith(pod?.cluster ?? found, flags);
  const user = userWith(pod?.user ?? config.users.get(userName) ?? {}, flags);
  const wrong = invalidConfiguration({ clusterName, cluster, userName, user });
  if (wrong !== undefined) throw wrong;
  const file = config.userFiles.get(userName);
  return {
    context: pod === undefined ? name : "",
    server: addressOf(address),
    cluster,
    user,
    ...(file === undefined || pod !== undefined ? {} : { userOrigin: { file, name: userName } }),
    requestTimeout,
  };
}

function chooseContext(
  flags: ConnectionFlags,
  config: Kubeconfig,
  env: NodeJS.ProcessEnv,
): { name: string; context: ContextEntry } {
  const name = flags.context || config.currentContext;
  const context = config.contexts.get(name);
  if (context === undefined && flags.context) throw unknownContext(`context "${name}" does not exist`, config, env);
  if (context === undefined && name !== "")
    throw unknownContext(`context was not found for specified context: ${name}`, config, env);
  return { name, context: context ?? {} };
}

/** The address as requests use it: without a final slash; http:// where nothing is said, as kubectl understands it. */
function addressOf(server: string): string {
  const address = (/^https?:\/\//i.test(server) ? server : `http://${server}`)
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "");
  if (!URL.canParse(address))
    throw new Failure("failed", `${server} is not the address of a server: host must be a URL or a host:port pair`);
  return address;
}

function clusterWith(cluster: ClusterEntry, flags: ConnectionFlags): ClusterEntry {
  const {
    "certificate-authority": file,
    "certificate-authority-data": data,
    "insecure-skip-tls-verify": isUnchecked,
    "tls-server-name": serverName,
    ...rest
  } = cluster;
  const { "certificate-authority": authority, "insecure-skip-tls-verify": unchecked } = flags;
  // What the command line says of trust replaces all that the kubeconfig says of it; a new address leaves the old name.
  const isReplaced = Boolean(authority) || unchecked === true;
  return {
    ...rest,
    ...given("certificate-authority", isReplaced ? authority : file),
    ...given("certificate-authority-data", isReplaced ? undefined : data),
    ...given("insecure-skip-tls-verify", unchecked ?? (isReplaced ? undefined : isUnchecked)),
    ...given("tls-server-name", flags["tls-server-name"] || (flags.server ? undefined : serverName)),
  };
}

/** The field, when there is something to say in it. */
const given = <T>(name: string, value: T | undefined): Record<string, T> =>
  value === undefined || value === "" ? {} : { [name]: value };

function inPod(
  env: NodeJS.ProcessEnv,
  folder: string,
): { server: string; cluster: ClusterEntry; user: UserEntry } | undefined {
  const [host, port] = [env["KUBERNETES_SERVICE_HOST"], env["KUBERNETES_SERVICE_PORT"]];
  if (!host || !port || !existsSync(join(folder, "token"))) return undefined;
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    cluster: { "certificate-authority": join(folder, "ca.crt") },
    user: { tokenFile: join(folder, "token") },
  };
}

function mkeHint(env: NodeJS.ProcessEnv): string[] {
  const file = join(env["HOME"] ?? homedir(), ".mke", "mke.kubeconf");
  return existsSync(file) ? [`export KUBECONFIG=${file}`] : [];
}

/** kubectl would go on to http://localhost:8080 here, which nobody means. */
function noServer(config: Kubeconfig, context: string, cluster: string, env: NodeJS.ProcessEnv): Failure {
  if (cluster !== "") return new Failure("failed", `cluster "${cluster}" does not exist, or has no server`);
  if (context !== "") return new Failure("failed", `context "${context}" names no cluster`);
  if (config.contexts.size > 0) return unknownContext("the kubeconfig has no current context", config, env);
  const hints = mkeHint(env);
  const why =
    config.missing.length > 0
      ? `KUBECONFIG names no file that exists: ${config.missing.join(", ")}`
      : "neither KUBECONFIG nor ~/.kube/config names one";
  return new Failure("failed", `no cluster is configured: ${why}`, {
    next: hints.length > 0 ? hints : ["kubectl mkebackup status --kubeconfig FILE"],
  });
}

function unknownContext(message: string, config: Kubeconfig, env: NodeJS.ProcessEnv): Failure {
  const known = [...config.contexts.keys()];
  const next =
    known.length > 0 ? [`kubectl config use-context ${known[0]}        (contexts: ${known.join(", ")})`] : mkeHint(env);
  return new Failure("failed", message, { next });
}
