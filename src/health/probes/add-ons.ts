import { configMaps } from "../../core/resource.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ServedKind } from "../../kube/discovery.ts";
import type { AddOn } from "../../mke/add-on.ts";
import { readAddOns } from "../../mke/add-ons.ts";
import { ask, type Fact, known } from "../fact.ts";
import type { EngineProbe } from "./engine.ts";

/** What MKE's controllers say about Velero and MinIO; none where MKE has none. Never throws for what could not be seen. */
export async function probeAddOns(
  cluster: Cluster,
  { signal, limit, served }: Omit<EngineProbe, "served"> & { readonly served: Promise<readonly ServedKind[]> },
): Promise<Fact<readonly AddOn[]>> {
  const asked = await ask({
    verb: "list",
    kind: configMaps,
    signal,
    limit,
    read: async (end) => readAddOns(cluster, await served, end),
  });
  if (asked.state !== "known") return asked;
  const { addOns, unseen } = asked.value;
  // One source is enough: they tell of the same services.
  return addOns.length === 0 && unseen.length > 0 ? { state: "forbidden", sentence: unseen.join(", ") } : known(addOns);
}
