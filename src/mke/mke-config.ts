import { type Failure, hasReason } from "../core/failure.ts";
import type { KubeObject, ResourceKind } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";

/** The object that mkectl writes and mke-operator follows. Read-only here: MKE reverts what others change in its objects. */
export type MkeConfig = KubeObject & { readonly spec?: unknown };

const mkeConfigs: ResourceKind<MkeConfig> = {
  group: "mke.mirantis.com",
  version: "v1alpha1",
  plural: "mkeconfigs",
  kind: "MkeConfig",
};

/** MKE's own namespace, and the name that its configuration has unless the administrator gave it another. */
export const mkeNamespace = "mke";
const usualName = "mke";

export interface MkeConfigFound {
  readonly object: MkeConfig | undefined;
  /** Names of the others, where there are several. */
  readonly others: readonly string[];
  /** The server's refusal, when it may be there but must not be read. */
  readonly refusal: string | undefined;
}

const nowhere: MkeConfigFound = { object: undefined, others: [], refusal: undefined };

/** Finds the cluster's MkeConfig: in `mke`, else anywhere. What the user may not read counts as not found. */
export async function findMkeConfig(cluster: Cluster, signal?: AbortSignal): Promise<MkeConfigFound> {
  try {
    const own = await readable(cluster.list(mkeConfigs, { namespace: mkeNamespace, signal }));
    if (own.value !== undefined && own.value.length > 0) return preferred(own.value);
    if (own.refusal !== undefined) {
      // A role may name the one object it lets people read.
      const named = await readable(cluster.get(mkeConfigs, { namespace: mkeNamespace, name: usualName }, signal));
      if (named.value !== undefined) return preferred([named.value]);
    }
    const all = await readable(cluster.list(mkeConfigs, { signal }));
    const found = preferred(all.value ?? []);
    return { ...found, refusal: found.object === undefined ? (own.refusal ?? all.refusal) : undefined };
  } catch (error) {
    if (hasReason(error, "NoSuchKind")) return nowhere;
    throw error;
  }
}

function preferred(objects: readonly MkeConfig[]): MkeConfigFound {
  const object = objects.find(({ metadata }) => metadata.name === usualName) ?? objects[0];
  const others = objects
    .filter((other) => other !== object)
    .map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);
  return { object, others, refusal: undefined };
}

export interface Readable<T> {
  readonly value: T | undefined;
  readonly refusal: string | undefined;
}

/** A missing or forbidden object is an answer here, not an error. */
export async function readable<T>(request: Promise<T>): Promise<Readable<T>> {
  try {
    return { value: await request, refusal: undefined };
  } catch (error) {
    if (hasReason(error, "NotFound")) return { value: undefined, refusal: undefined };
    if (hasReason(error, "Forbidden")) return { value: undefined, refusal: (error as Failure).message };
    throw error;
  }
}
