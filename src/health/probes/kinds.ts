// Kinds of Kubernetes that only a thorough look reads, with the fields it reads of them.
import type { KubeObject, ResourceKind } from "../../core/resource.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface ApiService extends KubeObject {
  /** Undefined service: the API server serves it itself. */
  readonly spec?: {
    readonly group?: string;
    readonly version?: string;
    readonly service?: { readonly name?: string; readonly namespace?: string };
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** An OpenAPI schema, as far down as phases stand. */
export interface Schema {
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

export interface CustomResourceDefinition extends KubeObject {
  readonly spec?: {
    readonly versions?: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema?: Schema } }[];
  };
}

export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface Claim extends KubeObject {
  readonly spec?: { readonly volumeName?: string; readonly storageClassName?: string };
  readonly status?: { readonly phase?: string };
}

export interface Ingress extends KubeObject {
  readonly spec?: {
    readonly rules?: readonly {
      readonly http?: {
        readonly paths?: readonly { readonly backend?: { readonly service?: { readonly name?: string } } }[];
      };
    }[];
  };
}

const cluster = { clusterScoped: true } as const;

export const apiServices: ResourceKind<ApiService> = {
  ...cluster,
  group: "apiregistration.k8s.io",
  version: "v1",
  plural: "apiservices",
  kind: "APIService",
};
export const definitions: ResourceKind<CustomResourceDefinition> = {
  ...cluster,
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};
export const allNamespaces: ResourceKind<Namespace> = {
  ...cluster,
  group: "",
  version: "v1",
  plural: "namespaces",
  kind: "Namespace",
};
export const nodes: ResourceKind<Node> = { ...cluster, group: "", version: "v1", plural: "nodes", kind: "Node" };
export const claims: ResourceKind<Claim> = {
  group: "",
  version: "v1",
  plural: "persistentvolumeclaims",
  kind: "PersistentVolumeClaim",
};
export const ingresses: ResourceKind<Ingress> = {
  group: "networking.k8s.io",
  version: "v1",
  plural: "ingresses",
  kind: "Ingress",
};
