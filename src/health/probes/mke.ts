import type { Cluster } from "../../kube/cluster.ts";
import type { Facts } from "../facts.ts";
import { probeAddOns } from "./add-ons.ts";
import { probeEngine } from "./engine.ts";
import type { ProbeOptions } from "./thorough.ts";

/** What MKE, k0rdent and others have brought into the cluster, in one look at what is served. */
export async function lookAtMke(cluster: Cluster, options: ProbeOptions): Promise<Pick<Facts, "engine" | "addOns">> {
  const served = cluster.kinds(options.signal);
  // Without it the engine is still worth a look.
  const servedIfKnown = served.catch(() => undefined);
  const [engine, addOns] = await Promise.all([
    probeEngine(cluster, { ...options, served: servedIfKnown }),
    probeAddOns(cluster, { ...options, served }),
  ]);
  return { engine, addOns };
}
