// What kube-controller-manager and the scheduler do for the kinds that matter here.
import { createHash } from "node:crypto";
import {
  apiVersionOf,
  configMaps,
  type KubernetesObject,
  namespaces,
  nodes,
  type ObjectMeta,
  type ResourceType,
  serviceAccounts,
  services,
} from "../api/objects.ts";
import { matchesLabels } from "../api/selectors.ts";
import { type Store, timestamp } from "../api/store.ts";
import type { Clock } from "../clock.ts";
import {
  type ApiService,
  apiServices,
  daemonSets,
  deployments,
  type Pod,
  pods,
  replicaSets,
  type Workload,
} from "./types.ts";

export interface ControllersOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Every kind served, to empty a namespace. */
  readonly types: () => readonly ResourceType[];
}

/** Brings the cluster towards what its objects ask for, after every change. */
export function startControllers(options: ControllersOptions): void {
  const { store } = options;
  let pending = false;
  const watched = new Set(["pods", "namespaces", "deployments.apps", "replicasets.apps", "daemonsets.apps"]).add(
    "apiservices.apiregistration.k8s.io",
  );
  const reconcile = () => {
    pending = false;
    for (const { metadata } of store.list(namespaces)) reconcileNamespace(options, metadata);
    for (const deployment of store.list(deployments)) reconcileDeployment(store, deployment);
    for (const replicaSet of store.list(replicaSets)) reconcileReplicaSet(store, replicaSet);
    for (const daemonSet of store.list(daemonSets)) reconcileDaemonSet(store, daemonSet);
    for (const apiService of store.list(apiServices)) reconcileApiService(store, apiService);
  };
  const soon = () => {
    if (pending) return;
    pending = true;
    options.clock.after(1, reconcile);
  };
  store.watch(({ type, resource }) => {
    // What is gone may be what its namespace waited for.
    if (watched.has(resource) || type === "DELETED") soon();
  });
  soon();
}

/** The aggregator's own finding; one that has no service is the API server's. */
function reconcileApiService(store: Store, { metadata, spec }: ApiService): void {
  const { service } = spec;
  if (service === undefined || store.get(services, service.namespace, service.name) !== undefined) return;
  const message = `service/${service.name} in "${service.namespace}" is not present`;
  store.update(apiServices, undefined, metadata.name, (draft) => {
    if (draft.status !== undefined) return;
    const lastTransitionTime = timestamp(store.now());
    draft.status = {
      conditions: [{ type: "Available", status: "False", reason: "ServiceNotFound", message, lastTransitionTime }],
    };
  });
}

function reconcileNamespace({ store, clock, types }: ControllersOptions, metadata: ObjectMeta): void {
  const { name, deletionTimestamp } = metadata;
  if (deletionTimestamp === undefined) {
    const created = { metadata: { name: "default", namespace: name }, apiVersion: "v1", kind: "ServiceAccount" };
    if (store.get(serviceAccounts, name, "default") === undefined) store.create(serviceAccounts, created);
    const annotations = {
      "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver.",
    };
    const authority = {
      metadata: { name: "kube-root-ca.crt", namespace: name, annotations },
      apiVersion: "v1",
      kind: "ConfigMap",
    };
    if (store.get(configMaps, name, "kube-root-ca.crt") !== undefined) return;
    store.create(configMaps, { ...authority, data: { "ca.crt": "-----BEGIN CERTIFICATE-----\n" } });
    return;
  }
  store.update(namespaces, undefined, name, (draft) => {
    draft.status = { phase: "Terminating" };
  });
  for (const type of types().filter(({ namespaced }) => namespaced)) {
    for (const object of store.list(type, name)) store.delete(type, name, object.metadata.name);
  }
  const left = types().filter((type) => type.namespaced && store.list(type, name).length > 0);
  // A client that watches sees the namespace Terminating for a moment, as in a real cluster.
  if (left.length === 0) clock.after(200, () => store.remove(namespaces, undefined, name));
}

/** Objects that the selector finds and nobody else owns; those without an owner are adopted. */
function ownedBy<T extends KubernetesObject>(store: Store, owner: Workload, type: ResourceType<T>): T[] {
  const { uid, namespace } = owner.metadata;
  const selected = store.list(type, namespace).filter(({ metadata }) => {
    const controller = metadata.ownerReferences?.find((reference) => reference.controller);
    return (controller === undefined || controller.uid === uid) && matchesLabels(owner.spec.selector, metadata.labels);
  });
  return selected
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((object) => adopt(store, owner, type, object) ?? object);
}

function adopt<T extends KubernetesObject>(store: Store, owner: Workload, type: ResourceType<T>, object: T) {
  if (object.metadata.ownerReferences !== undefined) return object;
  return store.update(type, object.metadata.namespace, object.metadata.name, ({ metadata }) => {
    metadata.ownerReferences = [controllerReference(owner)];
  });
}

function controllerReference({ apiVersion, kind, metadata }: KubernetesObject) {
  const { name, uid = "" } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

function reconcileDeployment(store: Store, deployment: Workload): void {
  const { metadata, spec } = deployment;
  if (metadata.deletionTimestamp !== undefined) return;
  const { replicas = 1 } = spec;
  const hash = hashOf(spec.template);
  const all = ownedBy(store, deployment, replicaSets);
  const replicaSet =
    all.find((one) => one.metadata.name === `${metadata.name}-${hash}`) ?? createReplicaSet(store, deployment);
  const former = all.filter((one) => one.metadata.name !== replicaSet.metadata.name);
  for (const one of former)
    store.update(replicaSets, metadata.namespace, one.metadata.name, (draft) => {
      draft.spec.replicas = 0;
    });
  // Strategy Recreate: nothing new runs beside the old.
  if (former.some((one) => podsOf(store, one).length > 0)) return;
  store.update(replicaSets, metadata.namespace, replicaSet.metadata.name, (draft) => {
    draft.spec.replicas = replicas;
  });
  const running = podsOf(store, replicaSet).length;
  const ready = podsOf(store, replicaSet).filter(isReady).length;
  const available = ready >= replicas;
  const condition = (type: string, met: boolean, reason: string, message: string) => {
    const before = (deployment.status?.["conditions"] ?? []) as {
      type: string;
      status: string;
      lastUpdateTime: string;
    }[];
    const status = met ? "True" : "False";
    const same = before.find((known) => known.type === type && known.status === status);
    const time = same?.lastUpdateTime ?? timestamp(store.now());
    return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
  };
  store.update(deployments, metadata.namespace, metadata.name, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, "deployment.kubernetes.io/revision": "1" };
    draft.spec.replicas = replicas;
    draft.status = {
      observedGeneration: metadata.generation,
      ...counted({ replicas: running, updatedReplicas: running, readyReplicas: ready, availableReplicas: ready }),
      ...counted({ unavailableReplicas: Math.max(0, replicas - ready) }),
      conditions: [
        available
          ? condition("Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
          : condition(
              "Available",
              false,
              "MinimumReplicasUnavailable",
              "Deployment does not have minimum availability.",
            ),
        condition(
          "Progressing",
          true,
          "NewReplicaSetAvailable",
          `ReplicaSet "${replicaSet.metadata.name}" has successfully progressed.`,
        ),
      ],
    };
  });
}

function hashOf(template: Workload["spec"]["template"]): string {
  const digest = createHash("sha256").update(JSON.stringify(template)).digest();
  return [...digest.subarray(0, 9)].map((byte) => "bcdfghjklmnpqrstvwxz2456789"[byte % 27]).join("");
}

function createReplicaSet(store: Store, deployment: Workload): Workload {
  const { metadata, spec } = deployment;
  const hash = hashOf(spec.template);
  const labels = { ...spec.template.metadata.labels, "pod-template-hash": hash };
  return store.create(replicaSets, {
    apiVersion: apiVersionOf(replicaSets),
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: spec.replicas ?? 1,
      selector: { matchLabels: { ...spec.selector.matchLabels, "pod-template-hash": hash } },
      template: { metadata: { labels }, spec: spec.template.spec },
    },
  });
}

const podsOf = (store: Store, owner: Workload) => ownedBy(store, owner, pods);

const isReady = ({ status }: Pod) =>
  status?.conditions?.some(({ type, status: met }) => type === "Ready" && met === "True") ?? false;

/** Go leaves zeros out. */
const counted = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));

function reconcileReplicaSet(store: Store, replicaSet: Workload): void {
  const { metadata, spec } = replicaSet;
  if (metadata.deletionTimestamp !== undefined) return;
  const replicas = spec.replicas ?? 1;
  const found = podsOf(store, replicaSet);
  for (const { metadata: surplus } of found.slice(replicas)) store.delete(pods, surplus.namespace, surplus.name);
  for (let count = found.length; count < replicas; count += 1) createPod(store, replicaSet);
  const ready = found.slice(0, replicas).filter(isReady).length;
  store.update(replicaSets, metadata.namespace, metadata.name, (draft) => {
    const total = Math.min(found.length, replicas);
    draft.status = {
      replicas: total,
      ...counted({ fullyLabeledReplicas: total, readyReplicas: ready, availableReplicas: ready }),
      observedGeneration: metadata.generation,
    };
  });
}

function createPod(store: Store, owner: Workload, more: Record<string, string> = {}): void {
  const { metadata, spec } = owner;
  // A namespace on its way out gets nothing new.
  if (store.get(namespaces, undefined, metadata.namespace ?? "")?.metadata.deletionTimestamp !== undefined) return;
  const account = spec.template.spec.serviceAccountName ?? "default";
  store.create(pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "",
      generateName: `${metadata.name}-`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: { ...spec.template.metadata.labels, ...more },
      ownerReferences: [controllerReference(owner)],
    },
    spec: {
      ...structuredClone(spec.template.spec),
      serviceAccountName: account,
    },
  });
}

function partition<T>(list: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [list.filter(isFirst), list.filter((item) => !isFirst(item))];
}

function reconcileDaemonSet(store: Store, daemonSet: Workload): void {
  const { metadata } = daemonSet;
  if (metadata.deletionTimestamp !== undefined) return;
  const selector = daemonSet.spec.template.spec.nodeSelector ?? {};
  const wanted = store
    .list(nodes)
    .filter((node) => matchesLabels({ matchLabels: selector }, node.metadata.labels)).length;
  const revision = { "controller-revision-hash": hashOf(daemonSet.spec.template) };
  const [found, outdated] = partition(podsOf(store, daemonSet), (pod) =>
    matchesLabels({ matchLabels: revision }, pod.metadata.labels),
  );
  for (const { metadata: former } of outdated) store.delete(pods, former.namespace, former.name);
  for (let count = found.length; count < wanted; count += 1) createPod(store, daemonSet, revision);
  for (const { metadata: surplus } of found.slice(wanted)) store.delete(pods, surplus.namespace, surplus.name);
  const ready = found.slice(0, wanted).filter(isReady).length;
  store.update(daemonSets, metadata.namespace, metadata.name, (draft) => {
    draft.status = {
      currentNumberScheduled: found.length,
      desiredNumberScheduled: wanted,
      numberMisscheduled: 0,
      numberReady: ready,
      ...counted({ numberAvailable: ready, numberUnavailable: wanted - ready }),
      observedGeneration: metadata.generation,
      updatedNumberScheduled: found.length,
    };
  });
}
