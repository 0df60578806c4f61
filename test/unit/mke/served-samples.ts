import type { ServedKind } from "../../../src/kube/discovery.ts";

/** "addons.blueprint.mirantis.com/v1alpha1 Addon" as discovery tells it. */
export const served = (...words: readonly string[]): ServedKind[] =>
  words.map((word) => {
    const [, plural = "", group = "", version = "", kind = ""] = /^(\w+)\.([^/]+)\/(\w+) (\w+)$/.exec(word) ?? [];
    return { group, version, plural, kind, namespaced: kind !== "MultiClusterService", verbs: ["get", "list"] };
  });

/** Everything that MKE has served in one release or another. */
export const allServed = served(
  "addons.blueprint.mirantis.com/v1alpha1 Addon",
  "helmreleases.helm.toolkit.fluxcd.io/v2 HelmRelease",
  "servicesets.k0rdent.mirantis.com/v1beta1 ServiceSet",
  "multiclusterservices.k0rdent.mirantis.com/v1beta1 MultiClusterService",
  "clusterdeployments.k0rdent.mirantis.com/v1beta1 ClusterDeployment",
  "mkebackups.mke.mirantis.com/v1alpha1 MkeBackup",
);
