import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { usualAuthorities } from "../core/authorities.ts";
import { Failure, sentenceOf } from "../core/failure.ts";
import { pods, services } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ObjectStore } from "./object-store.ts";

/** Opens the bucket, by signed URLs or by keys. They name the host Velero uses, which is often a Service that only pods can reach. */
export function openObjectStore(cluster: Cluster): ObjectStore {
  return {
    async readWithKeys(settings, keys, key, options) {
      const { readObject } = await import("./s3.ts");
      const endpoint = settings.endpoint === undefined ? undefined : new URL(settings.endpoint);
      const service = endpoint === undefined ? undefined : serviceOf(endpoint.hostname);
      const inside =
        endpoint !== undefined && service !== undefined
          ? () => connectToService(cluster, service, portOf(endpoint), options.signal)
          : undefined;
      return readObject({ settings, keys, connect: inside }, key, options);
    },
    async read(url, { signal, mostBytes }) {
      const service = serviceOf(url.hostname);
      const socket = service === undefined ? undefined : await connectToService(cluster, service, portOf(url), signal);
      const response = await get(url, socket, signal);
      const body = await collect(response, mostBytes, url);
      const status = response.statusCode ?? 0;
      if (status === 200) return body;
      const reason = status === 404 || status === 403 ? "NotFound" : "Unreachable";
      const code = /<Code>(\w+)<\/Code>/.exec(body.toString("utf8"))?.[1] ?? `status ${status}`;
      throw new Failure("failed", `the object store at ${url.host} answered ${code}`, { reason });
    },
  };
}

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === "https:" ? 443 : 80));

/** minio.mke.svc, minio.mke.svc.cluster.local: the Service behind a cluster-internal name. */
export function serviceOf(hostname: string): { name: string; namespace: string } | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/.exec(hostname) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

async function connectToService(
  cluster: Cluster,
  { name, namespace }: { name: string; namespace: string },
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

function get(url: URL, socket: Duplex | undefined, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { request } = url.protocol === "https:" && socket === undefined ? https : http;
  if (url.protocol === "https:" && socket !== undefined) {
    socket.destroy();
    throw new Failure(
      "failed",
      `the object store ${url.host} speaks TLS inside the cluster, which this version cannot tunnel`,
    );
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      // The host is part of the signature, so it stays even though the bytes go through a tunnel.
      {
        method: "GET",
        signal,
        headers: { Host: url.host },
        ...(url.protocol === "https:" ? { ca: usualAuthorities() } : {}),
        ...(socket === undefined ? {} : { createConnection: () => socket }),
      },
      resolve,
    );
    outgoing.on("error", (error) => {
      const failure = new Failure("failed", `cannot reach the object store ${url.host}: ${sentenceOf(error)}`, {
        reason: "Unreachable",
        cause: error,
      });
      reject(signal.aborted ? signal.reason : failure);
    });
    outgoing.end();
  });
}

async function collect(response: http.IncomingMessage, mostBytes: number, url: URL): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Failure("failed", `the object store ${url.host} sent more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
