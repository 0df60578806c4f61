import { Readable } from "node:stream";
import { Failure } from "../../src/core/failure.ts";
import { type KubeObject, type ResourceKind, resourceName } from "../../src/core/resource.ts";
import type { Cluster, ListQuery, ObjectReference } from "../../src/kube/cluster.ts";
import type { ServedKind } from "../../src/kube/discovery.ts";

type Verb = "get" | "list" | "create" | "patch" | "delete";

export interface Request {
  readonly verb: Verb;
  readonly kind: ResourceKind;
  readonly namespace: string | undefined;
  readonly name?: string;
  /** What a patch changes. */
  readonly change?: object;
  readonly dryRun?: boolean;
}

type Logs = Cluster["logs"];

interface LogsAsked {
  readonly key: string;
  readonly follow: boolean;
  readonly since: Date | undefined;
}

export interface FakeClusterOptions {
  /** By POD/CONTAINER, and `POD/CONTAINER (previous)`: its text, the bytes as they come, or why it cannot be had. */
  readonly logs?: Readonly<
    Record<string, string | Failure | ((options: NonNullable<Parameters<Logs>[1]>) => AsyncIterable<Buffer>)>
  >;
  readonly objects?: readonly KubeObject[];
  readonly kinds?: readonly ServedKind[];
  /** The reason to answer a request with (Forbidden, NoSuchKind, Unreachable, …); undefined = as the objects are. */
  refuse?(request: Request): string | undefined;
}

/** A cluster of plain objects that remembers what it was asked. */
export function fakeCluster({
  objects = [],
  kinds = [],
  logs = {},
  refuse,
}: FakeClusterOptions): Cluster & { readonly requests: Request[]; readonly logsAsked: LogsAsked[] } {
  const logsAsked: LogsAsked[] = [];
  const held = [...objects];
  const requests: Request[] = [];
  const asked = (request: Request): void => {
    requests.push(request);
    const reason = refuse?.(request);
    if (reason !== undefined) throw refusal(reason, request);
  };
  const find = (kind: ResourceKind, { namespace, name }: ObjectReference) =>
    held.findIndex((object) => isOf(object, kind, namespace) && object.metadata.name === name);
  async function list<T extends KubeObject>(kind: ResourceKind<T>, query: ListQuery = {}): Promise<T[]> {
    asked({ verb: "list", kind, namespace: query.namespace });
    return held.filter((object): object is T => isOf(object, kind, query.namespace));
  }
  return {
    context: "fake",
    server: "https://fake.invalid",
    requests,
    logsAsked,
    list,
    async *pages(kind, query) {
      const all = await list(kind, query);
      for (let at = 0; at === 0 || at < all.length; at += 500) yield all.slice(at, at + 500);
    },
    async get<T extends KubeObject>(kind: ResourceKind<T>, { namespace, name }: ObjectReference): Promise<T> {
      const request: Request = { verb: "get", kind, namespace, name };
      asked(request);
      const found = held[find(kind, { namespace, name })];
      if (found === undefined) throw refusal("NotFound", request);
      return found as T;
    },
    async create(kind, object, { dryRun } = {}) {
      asked({ verb: "create", kind, namespace: object.metadata.namespace, name: object.metadata.name });
      if (!dryRun) held.push({ ...object, kind: kind.kind });
      return object;
    },
    async patch<T extends KubeObject>(
      kind: ResourceKind<T>,
      { namespace, name }: ObjectReference,
      change: object,
      _signal?: AbortSignal,
      { dryRun }: { dryRun?: boolean } = {},
    ): Promise<T> {
      const request: Request = { verb: "patch", kind, namespace, name, change, ...(dryRun ? { dryRun } : {}) };
      asked(request);
      const at = find(kind, { namespace, name });
      if (at === -1) throw refusal("NotFound", request);
      const changed = merged(held[at], change) as T;
      if (!dryRun) held[at] = changed;
      return changed;
    },
    async delete(kind, { namespace, name }) {
      const request: Request = { verb: "delete", kind, namespace, name };
      asked(request);
      const at = find(kind, { namespace, name });
      if (at === -1) throw refusal("NotFound", request);
      held.splice(at, 1);
    },
    names: async (kind, query) => (await list(kind, query)).map(({ metadata: { name } }) => ({ name, age: "3d" })),
    version: async () => "v1.34.4",
    kinds: async () => [...kinds],
    async logs({ pod, name }, options = {}) {
      const { follow, previous, since } = options;
      const key = `${pod}/${name}${previous ? " (previous)" : ""}`;
      logsAsked.push({ key, follow: follow === true, since });
      const written = logs[key];
      if (written instanceof Failure) throw written;
      if (written === undefined) throw new Failure("failed", `pods "${pod}" not found`, { reason: "NotFound" });
      return typeof written === "function" ? written(options) : Readable.from([Buffer.from(written)]);
    },
    connect: () => Promise.reject(new Error("a fake cluster has no pods to connect to")),
  };
}

/** JSON merge patch. */
function merged(target: unknown, change: unknown): unknown {
  if (!isRecord(change)) return change;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isOf = (object: KubeObject, kind: ResourceKind, namespace: string | undefined): boolean =>
  object.kind === kind.kind && (namespace === undefined || object.metadata.namespace === namespace);

function refusal(reason: string, { verb, kind, namespace, name }: Request): Failure {
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const sentences: Record<string, string> = {
    Forbidden: `${resourceName(kind)} is forbidden: User "jane" cannot ${verb} resource "${kind.plural}" ${where}`,
    NotFound: `${resourceName(kind)} "${name}" not found`,
    NoSuchKind: `the server doesn't have a resource type "${kind.plural}"`,
  };
  return new Failure("failed", sentences[reason] ?? reason, { reason });
}
