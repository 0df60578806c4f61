import type { Duplex } from "node:stream";
import { Failure, hasReason } from "../core/failure.ts";
import { type Pod, pods, type Service, services } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";

export interface ServiceName {
  readonly name: string;
  readonly namespace: string;
}

export const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === "https:" ? 443 : 80));

/** minio.mke.svc, minio.mke.svc.cluster.local: the Service behind a cluster-internal name. */
export function serviceOf(hostname: string): ServiceName | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?\.?$/.exec(hostname) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

/** minio.mke, minio: the Service that pods mean by such a name, unless DNS knows it. A bare one is in the asking pod's namespace. */
export function shortServiceOf(hostname: string): { name: string; namespace: string | undefined } | undefined {
  const [, name, namespace] = /^([a-z][a-z0-9-]*)(?:\.([a-z0-9-]+))?$/.exec(hostname) ?? [];
  return name === undefined || name === "localhost" ? undefined : { name, namespace };
}

interface PodPort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** The ready pods behind a port of a Service. They are looked up once, and again when none of them can be reached any more. */
export class ServicePods {
  readonly #cluster: Cluster;
  readonly #service: ServiceName;
  readonly #port: number;
  #known: Promise<PodPort[]> | undefined;
  /** Those that refused a connection. */
  readonly #refusing = new Set<string>();

  constructor(cluster: Cluster, service: ServiceName, port: number) {
    this.#cluster = cluster;
    this.#service = service;
    this.#port = port;
  }

  /** Their names, without a connection. Throws as connect does, and where the Service has no such port. */
  async names(signal: AbortSignal): Promise<string[]> {
    const { namespace, name } = this.#service;
    const { spec } = await this.#cluster.get(services, this.#service, signal);
    const ports = (spec?.ports ?? []).map(({ port }) => port);
    if (!ports.includes(this.#port)) {
      const has = ports.length === 0 ? "none" : ports.join(", ");
      const sentence = `Service ${name} in namespace ${namespace} has no port ${this.#port}: it has ${has}`;
      throw new Failure("failed", sentence, { reason: "Unreachable" });
    }
    return (await this.#ready(signal)).map((pod) => pod.name);
  }

  get service(): ServiceName {
    return this.#service;
  }

  /** A byte stream to one of them, through the API server. Throws the API server's refusal, or reason Unreachable. */
  async connect(signal: AbortSignal): Promise<{ socket: Duplex; pod: string }> {
    for (let lookedUp = this.#known === undefined; ; lookedUp = true) {
      const known = await this.#ready(signal);
      let refused: unknown;
      for (const pod of known.filter(({ name }) => !this.#refusing.has(name))) {
        try {
          const socket = await this.#cluster.connect(pod, signal);
          // That nothing listens there is told only after the tunnel stands.
          socket.once("error", () => this.#refusing.add(pod.name));
          return { socket, pod: `${pod.namespace}/${pod.name}` };
        } catch (error) {
          if (signal.aborted || hasReason(error, "Forbidden")) throw error;
          this.#refusing.add(pod.name);
          refused = error;
        }
      }
      this.#known = undefined;
      this.#refusing.clear();
      if (lookedUp) throw refused;
    }
  }

  #ready(signal: AbortSignal): Promise<PodPort[]> {
    this.#known ??= this.#look(signal);
    return this.#known.catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    });
  }

  async #look(signal: AbortSignal): Promise<PodPort[]> {
    const { name, namespace } = this.#service;
    const service = await this.#cluster.get(services, { namespace, name }, signal);
    const labelSelector = Object.entries(service.spec?.selector ?? {})
      .map(([label, value]) => `${label}=${value}`)
      .join(",");
    const candidates = labelSelector === "" ? [] : await this.#cluster.list(pods, { namespace, labelSelector, signal });
    const ready = candidates.filter(isReady);
    if (ready.length === 0) {
      throw new Failure("failed", `Service ${name} in namespace ${namespace} has no pod that is ready`, {
        reason: "Unreachable",
        next: [`kubectl -n ${namespace} get pods${labelSelector === "" ? "" : ` -l ${labelSelector}`}`],
      });
    }
    return ready.map((pod) => ({ namespace, name: pod.metadata.name, port: portIn(pod, service, this.#port) }));
  }
}

const isReady = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");

/** The pod's port behind a port of the Service, which may name it. */
function portIn({ spec }: Pod, service: Service, port: number): number {
  const target = service.spec?.ports?.find((entry) => entry.port === port)?.targetPort ?? port;
  if (typeof target === "number") return target;
  const named = spec?.containers?.flatMap(({ ports = [] }) => ports).find(({ name }) => name === target);
  return named?.containerPort ?? port;
}
