import type { Duplex } from "node:stream";
import { setImmediate as breathe } from "node:timers/promises";
import { apiVersionOf, type KubeObject, pods, type ResourceKind, resourceName } from "../core/resource.ts";
import { timestamp } from "../core/timestamp.ts";
import type { Cluster, ListQuery, ObjectReference } from "./cluster.ts";
import { type ConnectionFlags, resolveConnection } from "./connection.ts";
import { openCredentials } from "./credentials.ts";
import { type DiscoveryDocument, discoveryMediaTypes, servedKinds } from "./discovery.ts";
import type { LoginEdge } from "./login.ts";
import { type NameDocument, namesIn, tableMediaTypes } from "./names.ts";
import { type AskPage, eachPage, type ObjectList, wholeList } from "./pager.ts";
import { routeTo } from "./route.ts";
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

const fieldManager = "kubectl-mkebackup";

/** Reads the kubeconfig and returns the cluster; the first request connects. Closing it waits for the last words. */
export async function openCluster(options: OpenClusterOptions): Promise<Cluster & { close(): Promise<void> }> {
  const connection = await resolveConnection(options.flags, options.env);
  const credentials = await openCredentials(connection, options);
  const { server, context, requestTimeout } = connection;
  const { userAgent, signal, log } = options;
  const proxyUrl = connection.cluster["proxy-url"];
  const route = await routeTo({ server, proxyUrl, tls: credentials.tls }, options);
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

  const lastWords = new Set<Promise<unknown>>();

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
    patch: (kind, reference, change, abort, { dryRun } = {}) => {
      const query = { fieldManager, dryRun: dryRun ? "All" : undefined };
      const path = pathOf(kind, reference.namespace, reference.name, query);
      const effect = dryRun ? undefined : effectOf("changed", kind, reference);
      return transport.json({ method: "PATCH", path, body: change, kind, effect, signal: abort });
    },
    async delete(kind, reference, abort, { lastWord } = {}): Promise<void> {
      const path = pathOf(kind, reference.namespace, reference.name);
      const effect = lastWord ? undefined : effectOf("deleted", kind, reference);
      const deletion = transport.json({ method: "DELETE", path, kind, effect, signal: abort, lastWord });
      if (lastWord) {
        const told: Promise<unknown> = deletion.catch(() => undefined).finally(() => lastWords.delete(told));
        lastWords.add(told);
      }
      await deletion;
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
    logs({ namespace, pod, name }, { follow, since, previous, last, signal: abort } = {}) {
      const path = `${pathOf(pods, namespace, pod)}/log`;
      const query = new URLSearchParams({
        container: name,
        timestamps: "true",
        ...(follow ? { follow: "true" } : {}),
        ...(previous ? { previous: "true" } : {}),
        ...(last === undefined ? {} : { tailLines: String(last) }),
        ...(since === undefined ? {} : { sinceTime: timestamp(since) }),
      });
      const request = { method: "GET", path: `${path}?${query}`, kind: pods, signal: abort } as const;
      return transport.stream(request, { limited: !follow });
    },
    async close() {
      // What was interrupted side by side has its last words in the same moment, not all before the command hears of it.
      if (signal.aborted) await breathe();
      while (lastWords.size > 0) await Promise.all(lastWords);
      transport.close();
    },
  };
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
