// What MKE's controllers keep in a cluster, era by era, as far as it is public: definitions that take any content, and objects.
import type { Api } from "./api.ts";
import { eventually } from "./world.ts";

interface Definition {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly versions: readonly string[];
  readonly clusterWide?: boolean;
}

const k0rdent = { group: "k0rdent.mirantis.com", versions: ["v1beta1", "v1alpha1"] };

/** Blueprint Operator's Addon, and the HelmRelease that Flux makes of it. */
export const blueprintEra: readonly Definition[] = [
  { group: "blueprint.mirantis.com", kind: "Addon", plural: "addons", versions: ["v1alpha1"] },
  { group: "helm.toolkit.fluxcd.io", kind: "HelmRelease", plural: "helmreleases", versions: ["v2", "v2beta1"] },
];
export const boundless: Definition = { ...blueprintEra[0], group: "boundless.mirantis.com" } as Definition;
export const k0rdentEra: readonly Definition[] = [
  { ...k0rdent, kind: "ClusterDeployment", plural: "clusterdeployments" },
  { ...k0rdent, kind: "MultiClusterService", plural: "multiclusterservices", clusterWide: true },
  { ...k0rdent, kind: "ServiceSet", plural: "servicesets" },
];
export const mkeBackup: Definition = {
  group: "mke.mirantis.com",
  kind: "MkeBackup",
  plural: "mkebackups",
  versions: ["v1alpha1"],
};

const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

function definitionOf({ group, kind, plural, versions, clusterWide }: Definition): object {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: clusterWide ? "Cluster" : "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: versions.map((name, index) => ({ name, served: true, storage: index === 0, schema })),
    },
  };
}

/** Makes kinds known to the API server; returns what takes them away again, with all of their objects. */
export async function serve(api: Api, ...definitions: readonly Definition[]): Promise<() => Promise<void>> {
  for (const definition of definitions) await api.post(definitionsPath, definitionOf(definition));
  for (const definition of definitions) {
    await eventually(
      `serving ${definition.plural}`,
      async () => (await api.request("GET", pathOf(definition))).status,
      (status) => status === 200,
    );
  }
  return async () => {
    for (const { group, plural } of definitions) await api.delete(`${definitionsPath}/${plural}.${group}`);
    for (const definition of definitions) {
      await eventually(
        `the end of ${definition.plural}`,
        async () => (await api.request("GET", pathOf(definition))).status,
        (status) => status === 404,
      );
    }
  };
}

export function pathOf({ group, versions, plural }: Definition, namespace?: string): string {
  const place = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `/apis/${group}/${versions[0]}${place}/${plural}`;
}

/** Without conditions, and with an `enabled` that says nothing. */
export const addon = (name: string, type: string, told: { reason: string; message: string; since: string }) => ({
  apiVersion: "blueprint.mirantis.com/v1alpha1",
  kind: "Addon",
  metadata: { name, namespace: "blueprint-system" },
  spec: {
    name,
    namespace: "mke",
    kind: "chart",
    enabled: false,
    dryRun: false,
    chart: { name, repo: "https://vmware-tanzu.github.io/helm-charts", version: "6.0.0" },
  },
  status: { type, reason: told.reason, message: told.message, lastTransitionTime: told.since },
});

export const helmRelease = (name: string, conditions: readonly object[]) => ({
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: { name, namespace: "blueprint-system" },
  spec: { targetNamespace: "mke", releaseName: name, chart: { spec: { chart: name, version: "6.0.0" } } },
  status: { conditions, history: [{ name, namespace: "mke", chartName: name, chartVersion: "6.0.0" }] },
});

export const condition = (type: string, status: string, reason: string, message: string, since: string) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: since,
});

const declared = (names: readonly string[]) =>
  names.map((name) => ({ name, namespace: "mke", template: `mirrored-chart-${name}-6-0-0` }));

/** Up to KCM 1.2: a list of conditions for each cluster. */
export const olderServices = (conditions: readonly object[]) => ({
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "MultiClusterService",
  metadata: { name: "mke-services" },
  spec: { serviceSpec: { provider: { selfManagement: true }, services: declared(["velero", "minio"]) } },
  status: { services: [{ clusterName: "mgmt", clusterNamespace: "mgmt", conditions }] },
});

/** From KCM 1.3 on: an entry with a state for each service. */
export const newerServices = (
  states: Readonly<Record<string, { state: string; since: string; message?: string }>>,
) => ({
  apiVersion: "k0rdent.mirantis.com/v1beta1",
  kind: "ServiceSet",
  metadata: { name: "mke-services-5c8d", namespace: "k0rdent" },
  spec: {
    cluster: "",
    multiClusterService: "mke-services",
    provider: { name: "ksm-projectsveltos", selfManagement: true },
    services: declared(Object.keys(states)),
  },
  status: {
    deployed: Object.values(states).every(({ state }) => state === "Deployed"),
    services: Object.entries(states).map(([name, { state, since, message }]) => ({
      ...{ type: "Helm", name, namespace: "mke", template: `mirrored-chart-${name}-6-0-0`, version: "6.0.0", state },
      ...{ lastStateTransitionTime: since, conditions: [], ...(message && { failureMessage: message }) },
    })),
  },
});

export const nativeBackup = (name: string, status: object) => ({
  apiVersion: "mke.mirantis.com/v1alpha1",
  kind: "MkeBackup",
  metadata: { name, namespace: "mke" },
  status,
});

/** A Velero as k0rdent's chart brings it: without a location, and here without a pod. */
export const veleroServer = (namespace: string, name = "velero") => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace, labels: { component: "velero", "app.kubernetes.io/name": "velero" } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { name: "velero" } },
    template: {
      metadata: { labels: { name: "velero", component: "velero" } },
      spec: { containers: [{ name: "velero", image: "velero/velero:v1.15.2" }] },
    },
  },
});
