import type { Duplex } from "node:stream";
import { hasReason } from "../core/failure.ts";
import { apiVersionOf, type KubeObject, type ResourceKind } from "../core/resource.ts";
import type { Cluster, ListQuery, ObjectReference } from "./cluster.ts";
import { type ConnectionFlags, resolveConnection } from "./connection.ts";
import { openCredentials } from "./credentials.ts";
import { openTransport, type RequestLog } from "./transport.ts";

export interface OpenClusterOptions {
  readonly flags: ConnectionFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  onWarning(sentence: string): void;
  readonly log?: RequestLog | undefined;
}

/** kubectl's page size, and the one that large clusters are tuned for. */
const pageSize = 500;
const fieldManager = "kubectl-mkebackup";

interface ObjectList<T> {
  readonly items: T[] | null;
  readonly metadata?: { readonly continue?: string };
}

/** Reads the kubeconfig and returns the cluster; the first request connects. */
export async function openCluster(options: OpenClusterOptions): Promise<Cluster & { close(): void }> {
  const connection = resolveConnection(options.flags, options.env);
  const credentials = await openCredentials(connection);
  const { server, context, requestTimeout } = connection;
  const { userAgent, signal, log } = options;
  const transport = await openTransport({
    server,
    credentials,
    userAgent,
    timeout: requestTimeout,
    signal,
    log,
    onWarning: options.onWarning,
  });

  async function* pages<T extends KubeObject>(kind: ResourceKind<T>, query: ListQuery = {}): AsyncGenerator<T[]> {
    let next: string | undefined;
    do {
      const path = pathOf(kind, query.namespace, undefined, {
        limit: String(pageSize),
        labelSelector: query.labelSelector,
        fieldSelector: query.fieldSelector,
        continue: next,
      });
      const page: ObjectList<T> = await transport.json<ObjectList<T>>({
        method: "GET",
        path,
        kind,
        signal: query.signal,
      });
      yield (page.items ?? []).map((item) => ({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...item }));
      next = page.metadata?.continue;
    } while (next);
  }

  return {
    context,
    server,
    pages,
    async list<T extends KubeObject>(kind: ResourceKind<T>, query: ListQuery = {}): Promise<T[]> {
      try {
        return (await Array.fromAsync(pages(kind, query))).flat();
      } catch (error) {
        // The list grew older than the server remembers while it was paged: only a fresh one is consistent.
        if (!hasReason(error, "Expired")) throw error;
        return (await Array.fromAsync(pages(kind, query))).flat();
      }
    },
    get: (kind, { namespace, name }: ObjectReference, abort) =>
      transport.json({ method: "GET", path: pathOf(kind, namespace, name), kind, signal: abort }),
    create: (kind, object, { dryRun, signal: abort } = {}) => {
      const path = pathOf(kind, object.metadata.namespace, undefined, {
        fieldManager,
        dryRun: dryRun ? "All" : undefined,
      });
      const body = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object };
      return transport.json({ method: "POST", path, body, kind, signal: abort });
    },
    async delete(kind, { namespace, name }, abort): Promise<void> {
      await transport.json({ method: "DELETE", path: pathOf(kind, namespace, name), kind, signal: abort });
    },
    async version(abort): Promise<string> {
      return (await transport.json<{ gitVersion: string }>({ method: "GET", path: "/version", signal: abort }))
        .gitVersion;
    },
    async connect(pod): Promise<Duplex> {
      const { openTunnel } = await import("./tunnel.ts");
      return openTunnel(server, pod, credentials);
    },
    close: () => transport.close(),
  };
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
