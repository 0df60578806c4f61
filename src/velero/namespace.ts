import { Failure, hasReason } from "../core/failure.ts";
import { compareText } from "../core/order.ts";
import type { Cluster } from "../kube/cluster.ts";
import { storageLocations } from "./kinds.ts";
import type { BackupStorageLocation } from "./types.ts";

/** MKE's own namespace, and the ones to look into when listing across the cluster is forbidden. */
export const mkeNamespace = "mke";
const usualNamespaces = [mkeNamespace, "velero", "k0rdent"];

export interface VeleroNamespace {
  readonly name: string;
  /** The locations seen while looking; undefined when the namespace was named and nobody looked. */
  readonly locations: readonly BackupStorageLocation[] | undefined;
}

/**
 * Finds the namespace that Velero works in: the one named, else `mke` when it holds a BackupStorageLocation, else the one
 * namespace that does. A CustomResourceDefinition alone proves nothing: other products bring Velero's without using it.
 */
export async function findVeleroNamespace(cluster: Cluster, named: string | undefined): Promise<VeleroNamespace> {
  if (named) return { name: named, locations: undefined };
  const inMke = await cluster.list(storageLocations, { namespace: mkeNamespace }).catch((error: unknown) => {
    if (hasReason(error, "Forbidden")) return [];
    throw error;
  });
  if (inMke.length > 0) return { name: mkeNamespace, locations: inMke };
  const everywhere = await locationsEverywhere(cluster);
  const holders = [...new Set(everywhere.map(({ metadata }) => metadata.namespace ?? ""))].sort(byRank);
  const [only] = holders;
  if (only === undefined) {
    throw new Failure("failed", "no Velero found: no namespace that you may look into holds a BackupStorageLocation", {
      reason: "NoVelero",
      next: [
        "kubectl mkebackup status -n NAMESPACE        (where Velero runs)",
        "kubectl mkebackup doctor                     (what takes backups in this cluster)",
      ],
    });
  }
  if (holders.length > 1) {
    throw new Failure("usage", `several namespaces hold a Velero: ${holders.join(", ")}`, {
      // For the verbs that look into a backup, -n is a namespace in it.
      next: [`say which one is meant: export MKEBACKUP_NAMESPACE=${only}`],
    });
  }
  return { name: only, locations: everywhere };
}

async function locationsEverywhere(cluster: Cluster): Promise<BackupStorageLocation[]> {
  try {
    return await cluster.list(storageLocations);
  } catch (error) {
    if (!hasReason(error, "Forbidden")) throw error;
    const found = await Promise.all(
      usualNamespaces.map((namespace) =>
        cluster.list(storageLocations, { namespace }).catch((inner: unknown) => inner as Error),
      ),
    );
    const lists = found.filter((list) => Array.isArray(list));
    // Nothing may be listed anywhere: the refusal itself says more than "not found" would.
    if (lists.length === 0) throw withHint(found[0] ?? error);
    return lists.flat();
  }
}

function withHint(error: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  const next = [
    `name the namespace that Velero works in, then it need not be looked for: export MKEBACKUP_NAMESPACE=${mkeNamespace}`,
  ];
  return new Failure(error.kind, error.message, {
    heading: error.heading,
    reason: error.reason ?? "",
    next,
    cause: error,
  });
}

function byRank(a: string, b: string): number {
  const rank = (name: string) => (usualNamespaces.includes(name) ? usualNamespaces.indexOf(name) : 1.5);
  return rank(a) - rank(b) || compareText(a, b);
}

/** The locations of a namespace, read again only when nobody has. */
export async function locationsIn(
  cluster: Cluster,
  namespace: VeleroNamespace,
): Promise<readonly BackupStorageLocation[]> {
  return namespace.locations ?? cluster.list(storageLocations, { namespace: namespace.name });
}
