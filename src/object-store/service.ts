import type { Duplex } from "node:stream";
import { Failure } from "../core/failure.ts";
import { pods, services } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";

export interface ServiceName {
  readonly name: string;
  readonly namespace: string;
}

export const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === "https:" ? 443 : 80));

/** minio.mke.svc, minio.mke.svc.cluster.local: the Service behind a cluster-internal name. */
export function serviceOf(hostname: string): ServiceName | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/.exec(hostname) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

/** A byte stream to a port of a Service: to a pod of it that is ready, through the API server. */
export async function connectToService(
  cluster: Cluster,
  { name, namespace }: ServiceName,
  port: number,
  signal: AbortSignal,
): Promise<Duplex> {
  const service = await cluster.get(services, { namespace, name }, signal);
  const labelSelector = Object.entries(service.spec?.selector ?? {})
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
  const candidates = labelSelector === "" ? [] : await cluster.list(pods, { namespace, labelSelector, signal });
  const ready = candidates.find(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  if (ready === undefined) {
    throw new Failure("failed", `Service ${name} in namespace ${namespace} has no pod that is ready`, {
      reason: "Unreachable",
    });
  }
  const target = service.spec?.ports?.find((entry) => entry.port === port)?.targetPort ?? port;
  const named = ready.spec?.containers?.flatMap(({ ports = [] }) => ports).find((entry) => entry.name === target);
  const podPort = typeof target === "number" ? target : (named?.containerPort ?? port);
  return cluster.connect({ namespace, name: ready.metadata.name, port: podPort }, signal);
}
