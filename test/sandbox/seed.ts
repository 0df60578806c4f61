// What the cluster holds when it starts: the same objects as the real test cluster.

import { minio, mkeConfig, mkeConfigDefinition, namespaceOf, systemNamespace, workload } from "../cluster/manifests.ts";
import { velero } from "../cluster/velero-manifests.ts";
import {
  clusterRoleBindings,
  clusterRoles,
  customResourceDefinitions,
  type KubernetesObject,
  namespaces,
  nodes,
  type ResourceType,
} from "./api/objects.ts";
import type { Store } from "./api/store.ts";
import { nodeName } from "./cluster/kubelet.ts";
import { type VeleroVersion, veleroDefinitions } from "./velero/definitions.ts";

const blobBytes = 20 * 1024 * 1024;

const node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name: nodeName,
    labels: { "kubernetes.io/hostname": nodeName, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" },
  },
  spec: {},
  status: {
    nodeInfo: { kubeletVersion: "v1.34.4", operatingSystem: "linux", architecture: "amd64" },
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }],
  },
};

const role = (name: string, rule: object) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name },
  rules: [rule],
});

/** Puts the seed into the store; `typeOf` finds the kind that serves an object. */
export function seed(store: Store, version: VeleroVersion, typeOf: (object: KubernetesObject) => ResourceType): void {
  for (const definition of veleroDefinitions(version)) store.create(customResourceDefinitions, definition);
  store.create(customResourceDefinitions, mkeConfigDefinition as never);
  for (const name of ["default", "kube-node-lease", "kube-public", "kube-system", systemNamespace]) {
    store.create(namespaces, namespaceOf(name));
  }
  store.create(nodes, node);
  store.create(clusterRoles, role("cluster-admin", { verbs: ["*"], apiGroups: ["*"], resources: ["*"] }) as never);
  store.create(clusterRoleBindings, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "cluster-admin" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "Group", name: "system:masters", apiGroup: "rbac.authorization.k8s.io" }],
  });
  const objects = [
    ...minio({ image: "minio:test" }),
    ...velero({ image: `velero:${version}`, kubeletFolder: "/var/lib/kubelet" }),
    ...workload({ image: "base:test", bytes: blobBytes }),
    mkeConfig,
  ];
  for (const object of objects) store.create(typeOf(object), object);
}
