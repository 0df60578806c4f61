/** What every Kubernetes object carries. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly { kind: string; name: string; uid: string }[];
  readonly managedFields?: readonly unknown[];
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** Where a kind lives in the API, and the type of its objects. */
export interface ResourceKind<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly clusterScoped?: boolean;
  /** Carries T for the compiler; never set. */
  readonly objects?: T;
}

/** backups.velero.io, pods: how the API server names a kind in its sentences. */
export const resourceName = ({ plural, group }: ResourceKind): string => (group === "" ? plural : `${plural}.${group}`);

/** backup.velero.io/nightly: what -o name prints. */
export function objectName(kind: ResourceKind, name: string): string {
  const singular = kind.kind.toLowerCase();
  return `${kind.group === "" ? singular : `${singular}.${kind.group}`}/${name}`;
}

export const apiVersionOf = ({ group, version }: ResourceKind): string =>
  group === "" ? version : `${group}/${version}`;

export interface Pod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly volumes?: readonly PodVolume[];
    readonly containers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly startTime?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface PodVolume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly secret?: { readonly secretName?: string };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly reason?: string };
  };
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly finishedAt?: string } };
}

export interface Workload extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template?: {
      readonly spec?: { readonly containers?: readonly Container[]; readonly volumes?: readonly PodVolume[] };
    };
  };
  readonly status?: {
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

export interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly targetPort?: number | string;
    }[];
  };
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Values are base64. */
export interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

export const pods: ResourceKind<Pod> = { group: "", version: "v1", plural: "pods", kind: "Pod" };
export const services: ResourceKind<Service> = { group: "", version: "v1", plural: "services", kind: "Service" };
export const secrets: ResourceKind<Secret> = { group: "", version: "v1", plural: "secrets", kind: "Secret" };
export const configMaps: ResourceKind<ConfigMap> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
};
export const namespaces: ResourceKind = {
  group: "",
  version: "v1",
  plural: "namespaces",
  kind: "Namespace",
  clusterScoped: true,
};
export const deployments: ResourceKind<Workload> = {
  group: "apps",
  version: "v1",
  plural: "deployments",
  kind: "Deployment",
};
export const daemonSets: ResourceKind<Workload> = {
  group: "apps",
  version: "v1",
  plural: "daemonsets",
  kind: "DaemonSet",
};
