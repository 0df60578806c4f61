import type { Cluster } from "../kube/cluster.ts";
import { versionOf } from "./interpret.ts";
import { findMkeConfig } from "./mke-config.ts";

/** The MKE version that the MkeConfig names, v4.1.0; undefined where there is none, or none that may be read. */
export async function mkeVersion(cluster: Cluster, signal?: AbortSignal): Promise<string | undefined> {
  const { object } = await findMkeConfig(cluster, signal);
  return versionOf(object);
}
