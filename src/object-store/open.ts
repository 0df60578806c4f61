import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { usualAuthorities } from "../core/authorities.ts";
import { Failure, sentenceOf } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { Bucket, BucketKeys, BucketSettings, ObjectStore, StoredObject } from "./object-store.ts";
import { connectToService, portOf, serviceOf } from "./service.ts";

/** Opens the bucket, by signed URLs or by keys. They name the host Velero uses, which is often a Service that only pods can reach. */
export function openObjectStore(cluster: Cluster): ObjectStore {
  const opened: (() => void)[] = [];
  return {
    async open(url, trust, { signal, from = 0 }) {
      const service = serviceOf(url.hostname);
      const socket = service === undefined ? undefined : await connectToService(cluster, service, portOf(url), signal);
      const response = await get(url, socket, { signal, from, insecure: trust.insecureSkipTlsVerify });
      const status = response.statusCode ?? 0;
      if (status === 200 || status === 206) return stored(response);
      throw await refusal(url, response, status);
    },
    bucket: (settings, keys) => lateBucket(cluster, settings, keys, (close) => opened.push(close)),
    close() {
      for (const close of opened) close();
    },
  };
}

/** A bucket whose S3 client is loaded when the first object is asked for. */
function lateBucket(
  cluster: Cluster,
  settings: BucketSettings,
  keys: BucketKeys,
  onOpen: (close: () => void) => void,
): Bucket {
  let opened: Promise<Bucket> | undefined;
  const open = async (): Promise<Bucket> => {
    const { openBucket } = await import("./s3.ts");
    const endpoint = settings.endpoint === undefined ? undefined : new URL(settings.endpoint);
    const service = endpoint === undefined ? undefined : serviceOf(endpoint.hostname);
    const connect =
      endpoint !== undefined && service !== undefined
        ? (signal: AbortSignal) => connectToService(cluster, service, portOf(endpoint), signal)
        : undefined;
    const made = openBucket({ settings, keys, connect });
    onOpen(made.close);
    return made;
  };
  const bucket = () => (opened ??= open());
  return {
    open: async (key, options) => (await bucket()).open(key, options),
    async *list(prefix, signal) {
      yield* (await bucket()).list(prefix, signal);
    },
  };
}

function stored(response: http.IncomingMessage): StoredObject {
  const length = response.headers["content-length"];
  const total = /\/(\d+)$/.exec(response.headers["content-range"] ?? "")?.[1] ?? length;
  return {
    size: total === undefined ? undefined : Number(total),
    etag: response.headers.etag,
    content: response,
  };
}

/** Answers of a store are short; more of one says nothing more. */
const longestRefusal = 64 * 1024;

async function refusal(url: URL, response: http.IncomingMessage, status: number): Promise<Failure> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > longestRefusal) break;
  }
  const reason = status === 404 || status === 403 ? "NotFound" : "Unreachable";
  const code = /<Code>(\w+)<\/Code>/.exec(Buffer.concat(chunks).toString("utf8"))?.[1] ?? `status ${status}`;
  return new Failure("failed", `the object store at ${url.host} answered ${code}`, { reason });
}

function get(
  url: URL,
  socket: Duplex | undefined,
  { signal, from, insecure }: { signal: AbortSignal; from: number; insecure: boolean },
): Promise<http.IncomingMessage> {
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
        headers: { Host: url.host, ...(from > 0 ? { Range: `bytes=${from}-` } : {}) },
        ...(url.protocol === "https:" ? { ca: usualAuthorities(), rejectUnauthorized: !insecure } : {}),
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
