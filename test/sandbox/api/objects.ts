// What the API server stores, and how a kind is found by it.

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** A kind the API server serves; T is the type of its objects. */
export interface ResourceType<T extends KubernetesObject = KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  /** Defined by a CustomResourceDefinition; its schema, when it has one. */
  readonly custom?: { readonly schema: Schema | undefined };
  /** Carries T for the compiler; never set. */
  readonly objects?: T;
}

/** The part of an OpenAPI v3 schema that the sandbox checks. */
export interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

export interface CustomResourceDefinition extends KubernetesObject {
  spec: {
    group: string;
    scope: "Namespaced" | "Cluster";
    names: { plural: string; singular: string; kind: string; listKind: string; shortNames?: string[] };
    versions: { name: string; served: boolean; storage: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

/** backups.velero.io, pods: how the API server names a kind in its sentences. */
export const resourceName = ({ plural, group }: Pick<ResourceType, "plural" | "group">): string =>
  group === "" ? plural : `${plural}.${group}`;

export const apiVersionOf = ({ group, version }: Pick<ResourceType, "version" | "group">): string =>
  group === "" ? version : `${group}/${version}`;

const core = { group: "", version: "v1", namespaced: true };
const apps = { group: "apps", version: "v1", namespaced: true };
const rbac = { group: "rbac.authorization.k8s.io", version: "v1", namespaced: true };

export interface Namespace extends KubernetesObject {
  spec?: { finalizers?: string[] };
  status?: { phase: "Active" | "Terminating" };
}
export const namespaces: ResourceType<Namespace> = {
  ...core,
  plural: "namespaces",
  kind: "Namespace",
  namespaced: false,
  shortNames: ["ns"],
};
export const secrets: ResourceType<KubernetesObject & { data?: Record<string, string> }> = {
  ...core,
  plural: "secrets",
  kind: "Secret",
};
export const configMaps: ResourceType<KubernetesObject & { data?: Record<string, string> }> = {
  ...core,
  plural: "configmaps",
  kind: "ConfigMap",
  shortNames: ["cm"],
};
export const serviceAccounts: ResourceType = {
  ...core,
  plural: "serviceaccounts",
  kind: "ServiceAccount",
  shortNames: ["sa"],
};
export const services: ResourceType<KubernetesObject & { spec: { clusterIP?: string; clusterIPs?: string[] } }> = {
  ...core,
  plural: "services",
  kind: "Service",
  shortNames: ["svc"],
};
export const nodes: ResourceType = { ...core, plural: "nodes", kind: "Node", namespaced: false, shortNames: ["no"] };

export const roles: ResourceType<Role> = { ...rbac, plural: "roles", kind: "Role" };
export const roleBindings: ResourceType<RoleBinding> = { ...rbac, plural: "rolebindings", kind: "RoleBinding" };
export const clusterRoles: ResourceType<Role> = {
  ...rbac,
  plural: "clusterroles",
  kind: "ClusterRole",
  namespaced: false,
};
export const clusterRoleBindings: ResourceType<RoleBinding> = {
  ...rbac,
  plural: "clusterrolebindings",
  kind: "ClusterRoleBinding",
  namespaced: false,
};

export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}
export interface Role extends KubernetesObject {
  rules?: PolicyRule[] | null;
}
export interface RoleBinding extends KubernetesObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string; apiGroup?: string }[];
}

export const customResourceDefinitions: ResourceType<CustomResourceDefinition> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
  shortNames: ["crd", "crds"],
};

/** Kinds that exist without a CustomResourceDefinition; those with behaviour in the sandbox are declared where it is. */
export const plainTypes: readonly ResourceType[] = [
  namespaces,
  secrets,
  configMaps,
  serviceAccounts,
  services,
  nodes,
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
  customResourceDefinitions,
  { ...core, plural: "endpoints", kind: "Endpoints", shortNames: ["ep"] },
  { ...core, plural: "events", kind: "Event", shortNames: ["ev"] },
  { ...core, plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim", shortNames: ["pvc"] },
  { ...core, plural: "persistentvolumes", kind: "PersistentVolume", namespaced: false, shortNames: ["pv"] },
  { ...apps, plural: "statefulsets", kind: "StatefulSet", shortNames: ["sts"] },
  {
    group: "networking.k8s.io",
    version: "v1",
    namespaced: true,
    plural: "ingresses",
    kind: "Ingress",
    shortNames: ["ing"],
  },
  { group: "batch", version: "v1", namespaced: true, plural: "jobs", kind: "Job" },
  { group: "batch", version: "v1", namespaced: true, plural: "cronjobs", kind: "CronJob", shortNames: ["cj"] },
];
