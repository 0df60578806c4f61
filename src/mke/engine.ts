import { hasReason } from "../core/failure.ts";
import { compareText } from "../core/order.ts";
import { deployments, type KubeObject, type ResourceKind, resourceName, type Workload } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ServedKind } from "../kube/discovery.ts";
import { storageLocations } from "../velero/kinds.ts";
import { isVeleroServer } from "../velero/server.ts";
import { storeOf } from "../velero/storage-location.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import { textAt, timeOf } from "./at.ts";
import { conditionsOf } from "./conditions.ts";
import { mkeNamespace, readable } from "./mke-config.ts";
import { type Era, eraOf, mkeGroup, servedAs } from "./served.ts";

/** A namespace that holds a Velero server, locations of one, or both. */
export interface VeleroFound {
  readonly namespace: string;
  /** Undefined: no Deployment there is Velero's. */
  readonly server: { readonly name: string; readonly ready: number; readonly wanted: number } | undefined;
  readonly locations: readonly {
    readonly name: string;
    /** The endpoint where one is named, and bucket/prefix: the same in two places is one store. */
    readonly store: string;
    readonly lastValidation: Date | undefined;
  }[];
}

/** The records of MKE's own backups, which hold etcd and the configuration. */
export interface NativeBackups {
  readonly resource: string;
  readonly count: number;
  readonly failed: number;
  readonly newest: NativeBackup | undefined;
}

export interface NativeBackup {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly created: Date | undefined;
  /** The record's own word, where it has one: Completed, Failed. */
  readonly state: string | undefined;
  readonly failed: boolean;
  /** Client: written where mkectl ran; Node: on the controllers. */
  readonly location: string | undefined;
}

/** What takes backups in this cluster, as far as its objects tell. */
export interface EngineFound {
  /** Undefined where the served kinds were not asked for, or tell nothing. */
  readonly era: Era | undefined;
  /** MKE's own namespace first, k0rdent's last. */
  readonly veleros: readonly VeleroFound[];
  /** Undefined where such records are not served, or were not asked for. */
  readonly native: NativeBackups | undefined;
  /** What must not be seen: list deployments.apps in every namespace. */
  readonly unseen: readonly string[];
}

/** k0rdent brings a Velero of its own, without a location until somebody makes one for the management of k0rdent. */
export const k0rdentNamespace = "k0rdent";

export const isUsable = ({ server, locations }: VeleroFound): boolean => server !== undefined && locations.length > 0;

export interface EngineOptions {
  /** Velero's, looked into on its own where the whole cluster must not be listed. */
  readonly namespace: string;
  /** What is served; undefined leaves out what only that can tell: the era and MKE's own backups. */
  readonly served: Promise<readonly ServedKind[] | undefined> | undefined;
  readonly signal?: AbortSignal;
}

/** Looks for every Velero in the cluster and for MKE's own backups, in two round trips; a third where listing is forbidden. */
export async function readEngine(cluster: Cluster, options: EngineOptions): Promise<EngineFound> {
  const { namespace, signal } = options;
  const [byComponent, byName, locations, served, native] = await Promise.all([
    // Helm's chart sets both labels, `velero install` the first; a mirrored chart may rename what the second one says.
    everywhere(cluster, deployments, { ...options, labelSelector: "component=velero" }),
    everywhere(cluster, deployments, { ...options, labelSelector: "app.kubernetes.io/name=velero" }),
    everywhere(cluster, storageLocations, options),
    options.served,
    options.served?.then((kinds) => kinds && nativeBackups(cluster, kinds, signal)),
  ]);
  const servers = [...byComponent.objects, ...byName.objects].filter(isVeleroServer);
  return {
    era: served && eraOf(served),
    veleros: velerosIn(servers, locations.objects, namespace),
    native: native?.value,
    unseen: [...new Set([byComponent, byName, locations, native].flatMap((seen) => seen?.unseen ?? []))],
  };
}

interface Seen<T> {
  readonly objects: readonly T[];
  readonly unseen: readonly string[];
}

/** The objects of all namespaces; of the usual ones where that is forbidden. */
async function everywhere<T extends KubeObject>(
  cluster: Cluster,
  kind: ResourceKind<T>,
  { namespace, labelSelector, signal }: EngineOptions & { readonly labelSelector?: string },
): Promise<Seen<T>> {
  const query = { signal, ...(labelSelector === undefined ? {} : { labelSelector }) };
  const all = await readable(listed(cluster, kind, query));
  if (all.refusal === undefined) return { objects: all.value ?? [], unseen: [] };
  const usual = [...new Set([namespace, mkeNamespace, "velero", k0rdentNamespace])];
  const found = await Promise.all(usual.map((each) => readable(listed(cluster, kind, { ...query, namespace: each }))));
  return {
    objects: found.flatMap(({ value }) => value ?? []),
    unseen: [`list ${resourceName(kind)} in every namespace`],
  };
}

/** A kind that is not served has no objects. */
async function listed<T extends KubeObject>(
  cluster: Cluster,
  kind: ResourceKind<T>,
  query: Parameters<Cluster["list"]>[1],
): Promise<T[]> {
  try {
    return await cluster.list(kind, query);
  } catch (error) {
    if (hasReason(error, "NoSuchKind")) return [];
    throw error;
  }
}

function velerosIn(
  servers: readonly Workload[],
  locations: readonly BackupStorageLocation[],
  own: string,
): VeleroFound[] {
  const placeOf = ({ metadata }: KubeObject) => metadata.namespace ?? "";
  const names = [...new Set([...servers, ...locations].map(placeOf))];
  return names
    .toSorted((a, b) => rank(a, own) - rank(b, own) || compareText(a, b))
    .map((namespace) => {
      const server = servers.find((each) => placeOf(each) === namespace);
      return {
        namespace,
        server: server && {
          name: server.metadata.name,
          ready: server.status?.readyReplicas ?? 0,
          wanted: server.spec?.replicas ?? 1,
        },
        locations: locations
          .filter((each) => placeOf(each) === namespace)
          .map((each) => ({
            name: each.metadata.name,
            store: storeOf(each),
            lastValidation: timeOf(each.status?.lastValidationTime),
          })),
      };
    });
}

function rank(namespace: string, own: string): number {
  if (namespace === own) return 0;
  if (namespace === mkeNamespace) return 1;
  return namespace === k0rdentNamespace ? 3 : 2;
}

const nothing = { value: undefined, unseen: [] } as const;

async function nativeBackups(
  cluster: Cluster,
  served: readonly ServedKind[],
  signal: AbortSignal | undefined,
): Promise<{ readonly value: NativeBackups | undefined; readonly unseen: readonly string[] }> {
  const kind = servedAs(served, mkeGroup, "MkeBackup");
  if (kind === undefined) return nothing;
  const resource = resourceName(kind);
  const { value, refusal } = await readable(cluster.list(kind, { signal }));
  if (refusal !== undefined || value === undefined) return { value: undefined, unseen: [`list ${resource}`] };
  const all = value.map(describeNative).toSorted((a, b) => (b.created?.getTime() ?? 0) - (a.created?.getTime() ?? 0));
  return {
    value: { resource, count: all.length, failed: all.filter(({ failed }) => failed).length, newest: all[0] },
    unseen: [],
  };
}

/** Where such a record says how it went is not documented: a phase, a state, or a condition, as objects of this kind do. */
function describeNative(object: KubeObject): NativeBackup {
  const conditions = conditionsOf(object, "status", "conditions");
  const state = textAt(object, "status", "phase") ?? textAt(object, "status", "state");
  const failedAs = conditions.find(({ type, status }) => /^Failed$/i.test(type) && status === "True");
  return {
    namespace: object.metadata.namespace,
    name: object.metadata.name,
    created: timeOf(object.metadata.creationTimestamp),
    state: state ?? failedAs?.type,
    failed: failedAs !== undefined || /^(fail|error)/i.test(state ?? ""),
    location: textAt(object, "status", "location"),
  };
}
