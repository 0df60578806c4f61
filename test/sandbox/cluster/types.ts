// The kinds that the sandbox's controllers and kubelet bring to life.
import type { KubernetesObject, ObjectMeta, ResourceType } from "../api/objects.ts";
import type { LabelSelector } from "../api/selectors.ts";

export interface Volume {
  name: string;
  emptyDir?: object;
  hostPath?: object;
  secret?: object;
  projected?: object;
  persistentVolumeClaim?: { claimName: string };
}

export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  resources?: { limits?: { memory?: string } };
  ports?: { name?: string; containerPort: number }[];
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  serviceAccountName?: string;
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
}

export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: { waiting?: { reason: string; message?: string }; running?: { startedAt: string } };
  lastState: { terminated?: { reason: string; exitCode: number; startedAt: string; finishedAt: string } };
}

export interface Condition {
  type: string;
  status: "True" | "False";
  lastTransitionTime: string;
  reason?: string;
  message?: string;
}

export interface Pod extends KubernetesObject {
  spec: PodSpec;
  status?: {
    phase: "Pending" | "Running" | "Succeeded" | "Failed";
    startTime?: string;
    hostIP?: string;
    podIP?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface Workload extends KubernetesObject {
  spec: {
    replicas?: number;
    selector: LabelSelector;
    template: { metadata: Partial<ObjectMeta>; spec: PodSpec };
  };
  status?: Record<string, unknown>;
}

export interface ApiService extends KubernetesObject {
  spec: { service?: { namespace: string; name: string } };
  status?: { conditions: Condition[] };
}

export const apiServices: ResourceType<ApiService> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  plural: "apiservices",
  kind: "APIService",
  namespaced: false,
};

export const pods: ResourceType<Pod> = {
  group: "",
  version: "v1",
  plural: "pods",
  kind: "Pod",
  namespaced: true,
  shortNames: ["po"],
};

const apps = { group: "apps", version: "v1", namespaced: true };
export const deployments: ResourceType<Workload> = {
  ...apps,
  plural: "deployments",
  kind: "Deployment",
  shortNames: ["deploy"],
};
export const replicaSets: ResourceType<Workload> = {
  ...apps,
  plural: "replicasets",
  kind: "ReplicaSet",
  shortNames: ["rs"],
};
export const daemonSets: ResourceType<Workload> = {
  ...apps,
  plural: "daemonsets",
  kind: "DaemonSet",
  shortNames: ["ds"],
};

export const workloadTypes: readonly ResourceType[] = [pods, deployments, replicaSets, daemonSets, apiServices];
