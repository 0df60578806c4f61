import type { Cluster } from "../kube/cluster.ts";
import { storageLocations } from "../velero/kinds.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { Context } from "./command.ts";
import { findNamed } from "./find-named.ts";

/** One location by its name, in Velero's namespace. Throws NotFound with the nearest names. */
export async function findLocation(
  name: string,
  context: Context,
): Promise<{ cluster: Cluster; namespace: string; location: BackupStorageLocation }> {
  const [cluster, { name: namespace }] = [await context.cluster(), await context.velero()];
  const how = { signal: context.signal, list: "kubectl mkebackup list locations" };
  return { cluster, namespace, location: await findNamed(cluster, storageLocations, { namespace, name }, how) };
}
