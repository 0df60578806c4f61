import type { Duplex } from "node:stream";
import { apiVersionOf, type KubeObject, type ResourceKind, resourceName } from "../core/resource.ts";
import type { Cluster, ListQuery, ObjectReference } from "./cluster.ts";
import { type Connection, type ConnectionFlags, resolveConnection } from "./connection.ts";
import { keepAlive } from "./connections.ts";
import { type Credentials, openCredentials } from "./credentials.ts";
import { type DiscoveryDocument, discoveryMediaTypes, servedKinds } from "./discovery.ts";
import type { LoginEdge } from "./login.ts";
import { type NameDocument, namesIn, tableMediaTypes } from "./names.ts";
import { type AskPage, eachPage, type ObjectList, wholeList } from "./pager.ts";
import type { ProxyRoute } from "./proxy.ts";
import type { Effect } from "./server-failure.ts";
import { openTransport, type RequestLog } from "./transport.ts";

export interface OpenClusterOptions {
  readonly flags: ConnectionFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** The user's terminal, for logins that ask there. */
  readonly terminal?: LoginEdge["terminal"];
  onWarning(sentence: string): void;
  readonly log?: RequestLog | undefined;
}

const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
const fieldManager = "kubectl-mkebackup";

/** Reads the kubeconfig and returns the cluster; the first request connects. */
export async function openCluster(options: OpenClusterOptions): Promise<Cluster & { close(): void }> {
  const connection = await resolveConnection(options.flags, options.env);
  const credentials = await openCredentials(connection, options);
  const { server, context, requestTimeout } = connection;
  const { userAgent, signal, log } = options;
  const route = await routeTo(connection, credentials, options);
  const transport = await openTransport({
    server,
    credentials,
    userAgent,
    timeout: requestTimeout,
    signal,
    log,
    route,
    onWarning: options.onWarning,
  });

  /** Asks for pages of objects that say their kind, which the server leaves out of a list. */
  const pagesOf =
    <T extends KubeObject>(kind: ResourceKind<T>, query: ListQuery): AskPage<T> =>
    async ({ limit, continue: next }) => {
      const path = pathOf(kind, query.namespace, undefined, {
        limit: limit === undefined ? undefined : String(limit),
        labelSelector: query.labelSelector,
        fieldSelector: query.fieldSelector,
        continue: next,
      });
      const page = await transport.json<ObjectList<T>>({ method: "GET", path, kind, signal: query.signal });
      const named = (page.items ?? []).map((item) => ({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...item }));
      return { ...page, items: named };
    };

  return {
    context,
    server,
    pages: (kind, query = {}) => eachPage(pagesOf(kind, query)),
    list: (kind, query = {}) => wholeList(pagesOf(kind, query)),
    get: (kind, { namespace, name }: ObjectReference, abort) =>
      transport.json({ method: "GET", path: pathOf(kind, namespace, name), kind, signal: abort }),
    create: (kind, object, { dryRun, fleeting, signal: abort } = {}) => {
      const path = pathOf(kind, object.metadata.namespace, undefined, {
        fieldManager,
        dryRun: dryRun ? "All" : undefined,
      });
      const body = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object };
      const effect = dryRun || fleeting ? undefined : effectOf("created", kind, object.metadata);
      return transport.json({ method: "POST", path, body, kind, effect, signal: abort });
    },
    async delete(kind, reference, abort): Promise<void> {
      const path = pathOf(kind, reference.namespace, reference.name);
      const effect = effectOf("deleted", kind, reference);
      await transport.json({ method: "DELETE", path, kind, effect, signal: abort });
    },
    async version(abort): Promise<string> {
      return (await transport.json<{ gitVersion: string }>({ method: "GET", path: "/version", signal: abort }))
        .gitVersion;
    },
    async names(kind, { namespace, signal: abort } = {}) {
      // Version 0 is what the server has in its memory.
      const path = pathOf(kind, namespace, undefined, { includeObject: "None", resourceVersion: "0" });
      const accept = tableMediaTypes;
      return namesIn(await transport.json<NameDocument>({ method: "GET", path, accept, kind, signal: abort }));
    },
    async kinds(abort) {
      const ask = (path: string) =>
        transport.json<DiscoveryDocument>({ method: "GET", path, accept: discoveryMediaTypes, signal: abort });
      return (await Promise.all([ask("/api"), ask("/apis")])).flatMap(servedKinds);
    },
    async connect(pod, abort): Promise<Duplex> {
      const { openTunnel } = await import("./tunnel.ts");
      const end = abort === undefined ? signal : AbortSignal.any([signal, abort]);
      // A tunnel never goes by the agent that makes a proxy forward single requests.
      const agent = await transport.connections.tunnelAgent();
      return openTunnel(server, pod, { credentials, agent, timeout: requestTimeout, signal: end });
    },
    close: () => transport.close(),
  };
}

/** The way through a proxy, where one is named; its code is loaded only then. */
async function routeTo(
  { server, cluster }: Connection,
  { tls }: Credentials,
  { env, log }: OpenClusterOptions,
): Promise<ProxyRoute | undefined> {
  if (!cluster["proxy-url"] && !proxyVariables.some((name) => env[name])) return undefined;
  const { chooseProxy } = await import("./proxy-choice.ts");
  const proxy = chooseProxy(server, cluster["proxy-url"], env);
  if (proxy === undefined) return undefined;
  const { openProxyRoute } = await import("./proxy.ts");
  const url = `${new URL(server).host} through proxy ${proxy.label} (${proxy.source})`;
  const onConnect = (status: number | string, milliseconds: number) =>
    log?.({ method: "CONNECT", url, status, milliseconds });
  return openProxyRoute({ server, proxy, tls, keepAlive, onConnect });
}

function effectOf(done: string, kind: ResourceKind, { namespace, name }: Partial<ObjectReference>): Effect {
  const resource = resourceName(kind);
  const place = namespace === undefined ? "" : ` -n ${namespace}`;
  // A name that the server makes is not known yet.
  if (!name) return { done: `one of ${resource} was ${done}`, look: `kubectl get ${resource}${place}` };
  return { done: `${resource} "${name}" was ${done}`, look: `kubectl get ${resource} ${name}${place}` };
}

function pathOf(
  kind: ResourceKind,
  namespace: string | undefined,
  name?: string,
  query: Record<string, string | undefined> = {},
): string {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.clusterScoped || namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  return `${root}${scope}/${kind.plural}${object}${search}`;
}
