// The objects of a backup's archive on their way back into the cluster.
import { isDeepStrictEqual } from "node:util";
import { apiVersionOf, type KubernetesObject, namespaces, type ResourceType, resourceName } from "../api/objects.ts";
import { mergePatch } from "../api/verbs.ts";
import { restoreWait } from "../cluster/kubelet.ts";
import type { Pod } from "../cluster/types.ts";
import { type Item, includesNamespace, includesResource, matchesSelectors } from "./items.ts";
import type { Backup, BackupStorageLocation, PodVolumeBackup, PodVolumeRestore, Restore } from "./kinds.ts";
import type { Log } from "./log.ts";
import { backupNameLabel, labelValue, restoreNameLabel } from "./names.ts";
import { ensureRepository } from "./repositories.ts";
import { createVolumeRestore } from "./volumes.ts";
import type { World } from "./world.ts";

export interface Source {
  readonly world: World;
  readonly restore: Restore;
  readonly backup: Backup;
  readonly location: BackupStorageLocation;
  readonly archive: ReadonlyMap<string, readonly KubernetesObject[]>;
  /** The volumes that the backup holds. */
  readonly volumes: readonly PodVolumeBackup[];
  readonly log: Log;
}

type Outcome = "created" | "updated" | "skipped" | "failed";

/** What others build on comes first; everything not named here follows by its name. */
const order = [
  ...["customresourcedefinitions.apiextensions.k8s.io", "namespaces", "persistentvolumes", "persistentvolumeclaims"],
  ...["clusterroles.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io", "serviceaccounts"],
  ...["clusterrolebindings.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io"],
  ...["secrets", "configmaps", "pods", "replicasets.apps", "endpoints", "services"],
];

export class RestoredItems {
  readonly #source: Source;
  readonly #items: readonly Item[];
  /** Per kind, `namespace/name(created)`. */
  readonly outcomes: Record<string, string[]> = {};
  /** Pods held back until their volumes are filled. */
  readonly waitingPods: { pod: Pod; volumes: PodVolumeRestore[] }[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#items = selectItems(source);
  }

  get total(): number {
    return this.#items.length;
  }

  selected(): readonly Item[] {
    return this.#items;
  }

  async restore({ type, object }: Item, signal: AbortSignal): Promise<void> {
    const { world, restore, backup } = this.#source;
    const item = forNewCluster(cleaned(object));
    const source = item.metadata.namespace;
    if (source !== undefined) {
      item.metadata.namespace = restore.spec.namespaceMapping?.[source] ?? source;
      await this.#ensureNamespace(source, item.metadata.namespace, signal);
    }
    item.metadata.labels = {
      ...item.metadata.labels,
      [backupNameLabel]: labelValue(backup.metadata.name),
      [restoreNameLabel]: labelValue(restore.metadata.name),
    };
    const existing = world.store.get(type, item.metadata.namespace, item.metadata.name);
    if (existing === undefined) this.#create(type, item, object);
    else this.#note(type, item, this.#reconcile(type, existing, item, existing.metadata.uid === object.metadata.uid));
  }

  #create(type: ResourceType, item: KubernetesObject, original: KubernetesObject): void {
    const { world, restore, location, log } = this.#source;
    const volumes = type.plural === "pods" ? this.#volumesOf(original) : [];
    if (volumes.length > 0) holdBack(item as Pod);
    const created = world.store.create(type, item);
    this.#note(type, item, "created");
    if (volumes.length === 0) return;
    const pod = created as Pod;
    const problem = ensureRepository(world, location, original.metadata.namespace ?? "");
    if (problem !== undefined) {
      log.error(problem, { namespace: pod.metadata.namespace ?? "" });
      return;
    }
    this.waitingPods.push({ pod, volumes: volumes.map((volume) => createVolumeRestore(world, restore, pod, volume)) });
  }

  #volumesOf({ metadata: { namespace, name } }: KubernetesObject): PodVolumeBackup[] {
    return this.#source.volumes.filter(
      ({ spec, status }) => spec.pod.namespace === namespace && spec.pod.name === name && status?.phase === "Completed",
    );
  }

  /**
   * Decides about an object that is there already. Velero compares managedFields too, so an object that was made anew
   * since the backup counts as changed even when it says the same.
   */
  #reconcile(type: ResourceType, existing: KubernetesObject, item: KubernetesObject, sameInstance: boolean): Outcome {
    const { world, restore, log } = this.#source;
    const { namespace, name } = item.metadata;
    const policy = restore.spec.existingResourcePolicy ?? "";
    const current = cleaned(existing);
    if (sameInstance && isDeepStrictEqual(unlabelled(current), unlabelled(item))) return "skipped";
    if (policy === "update" && unchangeable[type.plural] !== undefined) {
      log.warn(`${item.kind} "${name}" is invalid: ${unchangeable[type.plural]}`, { namespace: namespace ?? "" });
      return "failed";
    }
    if (type.plural === "serviceaccounts" || policy === "update") {
      world.store.update(type, namespace, name, (draft) => Object.assign(draft, mergePatch(draft, item)));
      return "updated";
    }
    const subject = policy === "none" ? `${item.kind} "${name}"` : `${item.kind}:${name}`;
    const message = `could not restore, ${subject} already exists. Warning: the in-cluster version is different than the backed-up version`;
    log.warn(message, { namespace: namespace ?? "" });
    // What is left with a warning counts as failed; skipped is what needed nothing.
    return "failed";
  }

  /** Makes the namespace, as it was, when it is missing; waits for one that is being deleted. */
  async #ensureNamespace(source: string, name: string, signal: AbortSignal): Promise<void> {
    const { world, archive } = this.#source;
    while (world.store.get(namespaces, undefined, name)?.metadata.deletionTimestamp !== undefined) {
      await world.clock.sleep(50, signal);
    }
    if (world.store.get(namespaces, undefined, name) !== undefined) return;
    const stored = archive.get("namespaces")?.find(({ metadata }) => metadata.name === source);
    const bare = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    const object = stored === undefined ? bare : cleaned(stored);
    world.store.create(namespaces, { ...object, metadata: { ...object.metadata, name } });
    this.#note(namespaces, object, "created");
    // The controllers put their own objects into a new namespace before Velero gets to them.
    await world.clock.sleep(20, signal);
  }

  #note(type: ResourceType, { metadata }: KubernetesObject, outcome: Outcome): void {
    const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
    const key = `${apiVersionOf(type)}/${type.kind}`;
    this.outcomes[key] = [...(this.outcomes[key] ?? []), `${name}(${outcome})`];
    this.#source.log.info(`Restored ${name}`, { resource: resourceName(type) });
  }
}

function selectItems({ world, restore, archive }: Source): Item[] {
  const { spec } = restore;
  const everywhere = (spec.includedNamespaces ?? ["*"]).includes("*") && (spec.excludedNamespaces ?? []).length === 0;
  const clusterScoped = spec.includeClusterResources ?? everywhere;
  const place = ({ type }: Item) => {
    const index = order.indexOf(resourceName(type));
    return index === -1 ? `z${resourceName(type)}` : String.fromCharCode(97 + index);
  };
  return world
    .types()
    .filter(
      (type) => includesResource(spec, type) && (type.namespaced || (clusterScoped && type.plural !== "namespaces")),
    )
    .flatMap((type) => (archive.get(resourceName(type)) ?? []).map((object) => ({ type, object })))
    .filter(({ type, object }) => !type.namespaced || includesNamespace(spec, object.metadata.namespace ?? ""))
    .filter(({ object }) => matchesSelectors(spec, object) && isWorthRestoring(object))
    .sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}

/** Pods that have ended stay away. */
function isWorthRestoring(object: KubernetesObject & { status?: { phase?: string } }): boolean {
  return object.kind !== "Pod" || !["Succeeded", "Failed"].includes(object.status?.phase ?? "");
}

/** The object without what belongs to the cluster it came from. */
function cleaned(object: KubernetesObject): KubernetesObject {
  const { name, namespace, labels, annotations } = object.metadata;
  const copy: KubernetesObject & { status?: unknown; spec?: Record<string, unknown> } = structuredClone(object);
  copy.metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
  };
  delete copy.status;
  return copy;
}

/** What keeps an existing object of a kind from being patched towards the one of the backup. */
const unchangeable: Readonly<Record<string, string>> = {
  pods: "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
  services: "spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset",
};

/** What Velero's own restore actions take away: addresses and nodes of the old cluster. */
function forNewCluster(object: KubernetesObject): KubernetesObject {
  const { spec } = object as { spec?: Record<string, unknown> };
  if (object.kind === "Service" && spec !== undefined && spec["clusterIP"] !== "None") {
    delete spec["clusterIP"];
    delete spec["clusterIPs"];
  }
  if (object.kind === "Pod" && spec !== undefined) {
    delete spec["nodeName"];
    spec["volumes"] = (object as Pod).spec.volumes?.filter(({ name }) => !name.startsWith("kube-api-access-"));
  }
  return object;
}

function unlabelled(object: KubernetesObject): KubernetesObject {
  const labels = { ...object.metadata.labels };
  delete labels[backupNameLabel];
  delete labels[restoreNameLabel];
  return { ...object, metadata: { ...object.metadata, labels } };
}

function holdBack(pod: Pod): void {
  const others = (pod.spec.initContainers ?? []).filter(({ name }) => name !== restoreWait);
  pod.spec.initContainers = [
    { name: restoreWait, image: "velero/velero:v1.18.1", command: ["/velero-restore-helper"] },
    ...others,
  ];
}
