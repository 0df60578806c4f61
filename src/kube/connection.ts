import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";
import { type ClusterEntry, type Kubeconfig, readKubeconfig, type UserEntry } from "./kubeconfig.ts";

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
  /** Milliseconds for one request; 0 = no limit. */
  readonly requestTimeout?: number | undefined;
}

/** One cluster and one user, ready to connect. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
  /** Milliseconds for one request; 0 = no limit. */
  readonly requestTimeout: number;
}

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Decides which cluster and which user the flags, the environment and the kubeconfig files mean. Reads files, connects to nothing. */
export function resolveConnection(flags: ConnectionFlags, env: NodeJS.ProcessEnv): Connection {
  const requestTimeout = flags.requestTimeout ?? 30_000;
  const config = readKubeconfig(flags.kubeconfig, env);
  const name = flags.context ?? config.currentContext;
  if (config.clusters.size === 0 && flags.server === undefined) {
    const pod = inPod(env);
    if (pod !== undefined && flags.kubeconfig === undefined) return { ...pod, requestTimeout };
    throw nothingConfigured(config, env);
  }
  const context = config.contexts.get(name);
  if (context === undefined && (name !== "" || flags.server === undefined)) throw unknownContext(config, name, env);
  const clusterName = flags.cluster ?? context?.cluster ?? "";
  const userName = flags.user ?? context?.user ?? "";
  const cluster = config.clusters.get(clusterName) ?? {};
  const known = config.users.get(userName);
  if (flags.user !== undefined && known === undefined)
    throw new Failure("failed", `auth info "${userName}" does not exist`);
  const server = flags.server ?? cluster.server ?? "";
  if (server === "") {
    throw new Failure(
      "failed",
      clusterName === ""
        ? `context "${name}" names no cluster`
        : `cluster "${clusterName}" does not exist, or has no server`,
    );
  }
  return {
    context: name,
    server: server.replace(/\/+$/, ""),
    cluster: clusterWith(cluster, flags),
    user: userWith(known ?? {}, flags),
    requestTimeout,
  };
}

function clusterWith(cluster: ClusterEntry, flags: ConnectionFlags): ClusterEntry {
  const authority = flags["certificate-authority"];
  const { "certificate-authority-data": data, ...rest } = cluster;
  return {
    ...rest,
    // A CA named on the command line replaces the data of the kubeconfig, which would win otherwise.
    ...(authority === undefined
      ? data === undefined
        ? {}
        : { "certificate-authority-data": data }
      : { "certificate-authority": authority }),
    ...(flags["insecure-skip-tls-verify"] === undefined
      ? {}
      : { "insecure-skip-tls-verify": flags["insecure-skip-tls-verify"] }),
    ...(flags["tls-server-name"] === undefined ? {} : { "tls-server-name": flags["tls-server-name"] }),
  };
}

function userWith(user: UserEntry, flags: ConnectionFlags): UserEntry {
  if (
    (flags["as-group"] !== undefined || flags["as-uid"] !== undefined) &&
    flags.as === undefined &&
    user.as === undefined
  ) {
    throw new Failure("usage", "--as-group and --as-uid need --as: they say more about the user who is impersonated");
  }
  const own: UserEntry = flags.token === undefined ? user : { token: flags.token };
  return {
    ...own,
    ...(flags["client-certificate"] === undefined
      ? {}
      : { "client-certificate": flags["client-certificate"], "client-certificate-data": "" }),
    ...(flags["client-key"] === undefined ? {} : { "client-key": flags["client-key"], "client-key-data": "" }),
    ...(flags.as === undefined ? {} : { as: flags.as }),
    ...(flags["as-group"] === undefined ? {} : { "as-groups": flags["as-group"] }),
    ...(flags["as-uid"] === undefined ? {} : { "as-uid": flags["as-uid"] }),
  };
}

function inPod(env: NodeJS.ProcessEnv): Omit<Connection, "requestTimeout"> | undefined {
  const [host, port] = [env["KUBERNETES_SERVICE_HOST"], env["KUBERNETES_SERVICE_PORT"]];
  if (!host || !port || !existsSync(join(serviceAccount, "token"))) return undefined;
  return {
    context: "",
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    cluster: { "certificate-authority": join(serviceAccount, "ca.crt") },
    user: { tokenFile: join(serviceAccount, "token") },
  };
}

function mkeHint(env: NodeJS.ProcessEnv): string[] {
  const file = join(env["HOME"] ?? homedir(), ".mke", "mke.kubeconf");
  return existsSync(file) ? [`export KUBECONFIG=${file}`] : [];
}

function nothingConfigured(config: Kubeconfig, env: NodeJS.ProcessEnv): Failure {
  const hints = mkeHint(env);
  return new Failure("failed", "no cluster is configured: neither KUBECONFIG nor ~/.kube/config names one", {
    next: hints.length > 0 || config.contexts.size > 0 ? hints : ["kubectl mkebackup status --kubeconfig FILE"],
  });
}

function unknownContext(config: Kubeconfig, name: string, env: NodeJS.ProcessEnv): Failure {
  const known = [...config.contexts.keys()];
  const message =
    name === "" ? "the kubeconfig has no current context" : `context was not found for specified context: ${name}`;
  const next =
    known.length > 0 ? [`kubectl config use-context ${known[0]}        (contexts: ${known.join(", ")})`] : mkeHint(env);
  return new Failure("failed", message, { next });
}
