import type { KubeObject, ObjectMeta } from "../../../src/core/resource.ts";

type Values = Record<string, unknown>;
type Meta = ObjectMeta & { readonly generation: number };

/** A Deployment as an API server returns it. */
export const deployment = (changes: Values = {}, metadata: Values = {}): KubeObject & Values => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "web",
    namespace: "shop",
    uid: "one",
    resourceVersion: "7",
    generation: 3,
    creationTimestamp: "2026-11-24T02:00:00Z",
    managedFields: [{ manager: "kubectl" }],
    annotations: { "deployment.kubernetes.io/revision": "3" },
    ...metadata,
  } as Meta,
  spec: {
    replicas: 2,
    template: {
      metadata: { creationTimestamp: null, labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "nginx:1", args: ["-a", "-b"] }] },
    },
    ...changes,
  },
  status: { replicas: 2 },
});

/** The same object as another server would return it: nothing that a person wrote is different. */
export const madeAnew = (manifest: KubeObject & Values): KubeObject & Values => ({
  ...manifest,
  metadata: {
    ...manifest.metadata,
    uid: "another",
    resourceVersion: "70001",
    generation: 1,
    creationTimestamp: "2026-11-25T02:00:00Z",
    managedFields: [{ fieldsType: "FieldsV1", manager: "velero-server", operation: "Update" } as never],
    labels: { ...manifest.metadata.labels, "velero.io/backup-name": "b", "velero.io/restore-name": "r" },
    annotations: { ...manifest.metadata.annotations, "deployment.kubernetes.io/revision": "1" },
  } as Meta,
  status: { replicas: 0, conditions: [{ type: "Available" }] },
});
