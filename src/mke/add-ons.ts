import { compareText } from "../core/order.ts";
import type { KubeObject, ResourceKind } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ServedKind } from "../kube/discovery.ts";
import type { AddOn, Service } from "./add-on.ts";
import { blueprintAddOn } from "./add-ons-blueprint.ts";
import { helmRelease } from "./add-ons-helm.ts";
import { k0rdentServices } from "./add-ons-k0rdent.ts";
import { readable } from "./mke-config.ts";
import { blueprintGroups, k0rdentGroup, servedAs } from "./served.ts";

export interface AddOnsFound {
  readonly addOns: readonly AddOn[];
  /** Kinds that are served but must not be listed: list addons.blueprint.mirantis.com. */
  readonly unseen: readonly string[];
}

interface Source {
  readonly kind: ResourceKind | undefined;
  read(object: KubeObject, kind: ResourceKind): readonly AddOn[];
}

/** Reads what each of MKE's controllers says about Velero and MinIO: of those kinds that are served, all at once. */
export async function readAddOns(
  cluster: Cluster,
  served: readonly ServedKind[],
  signal?: AbortSignal,
): Promise<AddOnsFound> {
  const sources: readonly Source[] = [
    ...blueprintGroups.map((group) => ({ kind: servedAs(served, group, "Addon"), read: blueprintAddOn })),
    { kind: servedAs(served, "helm.toolkit.fluxcd.io", "HelmRelease"), read: helmRelease },
    ...["ServiceSet", "MultiClusterService", "ClusterDeployment"].map((kind) => ({
      kind: servedAs(served, k0rdentGroup, kind),
      read: k0rdentServices,
    })),
  ];
  const asked = sources.flatMap(({ kind, read }) =>
    kind === undefined
      ? []
      : readable(cluster.list(kind, { signal })).then(({ value = [], refusal }) => ({
          addOns: value.flatMap((object) => read(object, kind)),
          unseen: refusal === undefined ? [] : [`list ${kind.plural}.${kind.group}`],
        })),
  );
  const found = await Promise.all(asked);
  return {
    addOns: found.flatMap(({ addOns }) => addOns).toSorted(byService),
    unseen: found.flatMap(({ unseen }) => unseen),
  };
}

/** Velero first; of one service, objects in the order in which the sources are read. */
const byService = (a: AddOn, b: AddOn): number => compareText(order(a.service), order(b.service));
const order = (service: Service): string => String(["velero", "minio", "backup"].indexOf(service));
