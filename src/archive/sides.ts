import { Failure, hasReason } from "../core/failure.ts";
import type { KubeObject, ResourceKind } from "../core/resource.ts";
import { sideBySide } from "../core/side-by-side.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ServedKind } from "../kube/discovery.ts";
import type { Backup } from "../velero/types.ts";
import type { Archive } from "./archive.ts";
import { type Compared, keyOf, type NotCompared, type Side } from "./comparison.ts";
import { sameText } from "./fields.ts";
import { type Scope, scopeOf } from "./scope.ts";
import { type Item, type ItemPath, manifests } from "./tarball.ts";

/** A backup as one side of a comparison; the other is another backup, or the cluster. */
export function backupSide(
  archive: Archive,
  { metadata, spec }: Backup,
  { other, signal }: { other: Backup | undefined; signal: AbortSignal },
): Side {
  const scope = scopeOf(spec);
  // What others need (volumes of claims, roles of accounts) is in a backup when something in it needed it: that can be told only of
  // backups that were to hold the same.
  const isAlike = other !== undefined && filtersOf(spec) === filtersOf(other.spec);
  return {
    comesSecond: false,
    async read(take, { wanted }) {
      for await (const item of manifests(archive, metadata.name, { signal, wanted })) take(item);
      return [];
    },
    async again(take, objects) {
      const wanted = new Set(objects.map(keyOf));
      const asked = { signal, wanted: (path: ItemPath) => wanted.delete(keyOf(path)) };
      let left = wanted.size;
      for await (const item of manifests(archive, metadata.name, asked)) {
        take(item);
        left -= 1;
        if (left === 0) break;
      }
    },
    wouldHold: (object) => {
      const kind = scope.kind({ resource: object.resource, namespaced: object.namespace !== undefined });
      return isAlike || (kind === "all" && scope.object(object));
    },
  };
}

function filtersOf(spec: Backup["spec"] = {}): string {
  const { ttl: _t, storageLocation: _l, csiSnapshotTimeout: _c, itemOperationTimeout: _i, ...filters } = spec;
  return sameText(filters);
}

export interface LiveOptions {
  readonly cluster: Cluster;
  /** The kinds that the cluster serves; none when it is too old to tell. */
  readonly kinds: readonly ServedKind[];
  /** Whether a kind is compared. */
  isAsked(kind: ServedKind): boolean;
  /** The other side's: what a backup was not to hold is not listed. */
  readonly spec: Backup["spec"];
  /** The one namespace that is asked for. */
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

/** Requests that are on their way at the same time. */
const most = 8;
/** From so many objects of a kind on, one list is quicker than asking for each. */
const manyNames = 20;

/** The cluster as it is now, as far as the backup on the other side was to hold it. Read behind that. */
export function liveSide({ cluster, kinds, isAsked, spec, namespace, signal }: LiveOptions): Side {
  const scope = scopeOf(spec);
  const served = (held: readonly Compared[]) =>
    kinds.length === 0 ? kindsOf(held) : kinds.filter((kind) => isBackedUp(kind) && !isSecondName(kind, held));
  return {
    comesSecond: true,
    wouldHold: () => true,
    read: (take, { wanted, held }) => {
      const tasks = served(held)
        .filter((kind) => isAsked(kind))
        .flatMap((kind) => tasksOf(kind, scope, { held, namespace }));
      const known = new Set(held.map(keyOf));
      return readTasks(cluster, tasks, signal, (item, kind) => {
        const { manifest, ...path } = item;
        const isExpected = () =>
          scope.kind(scoped(kind)) === "all" && scope.object({ ...path, labels: manifest.metadata.labels ?? {} });
        if (wanted(path) && (known.has(keyOf(path)) || isExpected())) take(item);
      });
    },
    async again(take, objects) {
      const wanted = new Set(objects.map(keyOf));
      const tasks = served(objects).flatMap((kind) => tasksByName(kind, objects));
      await readTasks(cluster, tasks, signal, (item) => {
        if (wanted.has(keyOf(item))) take(item);
      });
    },
  };
}

/** One list, or some objects by their names. */
interface Task {
  readonly kind: ServedKind;
  /** Every one when left out. */
  readonly namespace: string | undefined;
  readonly names?: readonly string[];
}

function tasksByName(kind: ServedKind, held: readonly ItemPath[]): Task[] {
  const resource = nameOf(kind);
  const byNamespace = Map.groupBy(
    held.filter((path) => path.resource === resource),
    ({ namespace }) => namespace,
  );
  return [...byNamespace].map(([namespace, paths]) => ({ kind, namespace, names: paths.map(({ name }) => name) }));
}

function tasksOf(
  kind: ServedKind,
  scope: Scope,
  { held, namespace }: { held: readonly ItemPath[]; namespace: string | undefined },
): Task[] {
  const byName = tasksByName(kind, held);
  if (scope.kind(scoped(kind)) !== "all") return byName;
  if (!kind.namespaced) {
    const isListed = nameOf(kind) !== "namespaces" || scope.namespaces === undefined;
    if (isListed) return [{ kind, namespace: undefined }];
    const names = new Set([...(scope.namespaces ?? []), ...byName.flatMap((task) => task.names ?? [])]);
    return [{ kind, namespace: undefined, names: [...names] }];
  }
  if (namespace !== undefined) return [{ kind, namespace }];
  if (scope.namespaces === undefined) return [{ kind, namespace: undefined }];
  const spaces = new Set([...scope.namespaces, ...byName.map((task) => task.namespace)]);
  return [...spaces].map((space) => ({ kind, namespace: space }));
}

async function readTasks(
  cluster: Cluster,
  tasks: readonly Task[],
  signal: AbortSignal,
  take: (item: Item, kind: ServedKind) => void,
): Promise<NotCompared[]> {
  const offer = (kind: ServedKind, manifest: KubeObject) => take({ ...pathIn(kind, manifest), manifest }, kind);
  const failed = await sideBySide(tasks, most, (task) => readTask(cluster, task, offer, signal));
  return grouped(failed.filter((one) => one !== undefined));
}

/** Undefined when all went well; else what could not be looked at. Throws when the cluster does not answer at all. */
async function readTask(
  cluster: Cluster,
  { kind: served, namespace, names }: Task,
  offer: (kind: ServedKind, manifest: KubeObject) => void,
  signal: AbortSignal,
): Promise<{ reason: string; resource: string } | undefined> {
  const kind = kindOf(served);
  try {
    if (names !== undefined && names.length <= manyNames) {
      for (const name of names) {
        const found = await cluster.get(kind, { namespace, name }, signal).catch(nothingWhenGone);
        if (found !== undefined) offer(served, found);
      }
    } else {
      for await (const page of cluster.pages(kind, { namespace, signal })) for (const one of page) offer(served, one);
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    // A kind may be out of reach while the cluster answers: for want of a right, or since what serves it is down.
    if (!(error instanceof Failure) || error.kind !== "failed" || isOfCluster(error)) throw error;
    const cannot =
      error.reason === "Forbidden" ? "you may not read them in the cluster" : "the cluster cannot list them";
    return { resource: nameOf(served), reason: cannot };
  }
}

/** Whether nothing else would be answered, either. */
const isOfCluster = ({ reason = "" }: Failure): boolean =>
  ["Unreachable", "Untrusted", "Unauthorized", "ProxyRefused", ""].includes(reason);

function nothingWhenGone(error: unknown): undefined {
  if (hasReason(error, "NotFound")) return undefined;
  throw error;
}

const nameOf = ({ plural, group }: Pick<ServedKind, "plural" | "group">): string =>
  group === "" ? plural : `${plural}.${group}`;

const scoped = (kind: ServedKind) => ({ resource: nameOf(kind), namespaced: kind.namespaced });

/** Velero takes only what can be listed and made again. */
const isBackedUp = ({ verbs }: ServedKind): boolean =>
  ["list", "get", "create", "delete"].every((verb) => verbs.includes(verb));

/** Events are served twice. Backups have them under one of the names. */
const isSecondName = (kind: ServedKind, held: readonly Compared[]): boolean =>
  nameOf(kind) === "events.events.k8s.io" && !held.some(({ resource }) => resource === nameOf(kind));

const kindOf = ({ group, version, plural, kind, namespaced }: ServedKind): ResourceKind => ({
  group,
  version,
  plural,
  kind,
  clusterScoped: !namespaced,
});

const pathIn = (kind: ServedKind, { metadata }: KubeObject): ItemPath => ({
  resource: nameOf(kind),
  namespace: kind.namespaced ? metadata.namespace : undefined,
  name: metadata.name,
});

/** What a backup's own objects tell of their kinds. */
function kindsOf(held: readonly Compared[]): ServedKind[] {
  const byResource = new Map(held.map((one) => [one.resource, one]));
  return [...byResource.values()].map(({ resource, namespace, apiVersion, kind }) => {
    const [plural = "", ...group] = resource.split(".");
    const version = apiVersion.slice(apiVersion.lastIndexOf("/") + 1);
    return { group: group.join("."), plural, kind, version, namespaced: namespace !== undefined, verbs: [] };
  });
}

function grouped(failed: readonly { reason: string; resource: string }[]): NotCompared[] {
  return [...Map.groupBy(failed, ({ reason }) => reason)].map(([reason, ones]) => ({
    reason,
    resources: [...new Set(ones.map(({ resource }) => resource))].toSorted(),
  }));
}
