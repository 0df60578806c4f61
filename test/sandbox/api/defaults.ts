// What the API server fills in before it stores an object.
import type { KubernetesObject } from "./objects.ts";

interface Secret extends KubernetesObject {
  stringData?: Record<string, string>;
  data?: Record<string, string>;
}

interface Service extends KubernetesObject {
  spec: { type?: string; clusterIP?: string; clusterIPs?: string[] };
}

interface Namespace extends KubernetesObject {
  spec?: { finalizers?: string[] };
  status?: { phase: string };
}

let lastAddress = 10;

const defaultsOf: Readonly<Record<string, (object: KubernetesObject) => void>> = {
  Secret(object: Secret) {
    const { stringData = {} } = object;
    for (const [key, value] of Object.entries(stringData)) {
      object.data = { ...object.data, [key]: Buffer.from(value).toString("base64") };
    }
    delete object.stringData;
  },
  Service(object) {
    const { spec } = object as Service;
    lastAddress = (lastAddress + 1) % 250;
    spec.type ??= "ClusterIP";
    spec.clusterIP ??= `10.96.14.${lastAddress}`;
    spec.clusterIPs = [spec.clusterIP];
  },
  Namespace(object: Namespace) {
    const { metadata } = object;
    metadata.labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
    object.spec = { finalizers: ["kubernetes"] };
    object.status = { phase: "Active" };
  },
};

/** Changes the object itself. */
export function setDefaults(object: KubernetesObject): void {
  defaultsOf[object.kind]?.(object);
}
