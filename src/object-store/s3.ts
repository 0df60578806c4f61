// The one door to @aws-sdk/client-s3, opened only where the server cannot sign a link or too many would be needed.
import http from "node:http";
import https from "node:https";
import type { Duplex, Readable } from "node:stream";
import { GetObjectCommand, paginateListObjectsV2, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { usualAuthorities } from "../core/authorities.ts";
import { Failure } from "../core/failure.ts";
import type { Bucket, BucketKeys, BucketSettings } from "./object-store.ts";

export interface BucketAccess {
  readonly settings: BucketSettings;
  readonly keys: BucketKeys;
  /** Makes the socket where the endpoint is a name of the cluster's own network. */
  readonly connect: ((signal: AbortSignal) => Promise<Duplex>) | undefined;
}

/** A bucket of S3 or of a store that speaks like it. */
export function openBucket(access: BucketAccess): Bucket & { close(): void } {
  const { settings } = access;
  const end = new AbortController();
  const client = new S3Client(clientConfig(access, end.signal));
  return {
    async open(key, { signal, from = 0, etag }) {
      const command = new GetObjectCommand({
        Bucket: settings.bucket,
        Key: key,
        ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
        ...(etag === undefined ? {} : { IfMatch: etag }),
      });
      try {
        const answer = await client.send(command, { abortSignal: signal });
        const total = /\/(\d+)$/.exec(answer.ContentRange ?? "")?.[1];
        return {
          size: total === undefined ? answer.ContentLength : Number(total),
          etag: answer.ETag,
          content: answer.Body as Readable,
        };
      } catch (cause) {
        signal.throwIfAborted();
        throw refusal(`read ${key} from`, settings, cause);
      }
    },
    async *list(prefix, signal) {
      try {
        const query = { Bucket: settings.bucket, Prefix: prefix };
        for await (const page of paginateListObjectsV2({ client }, query, { abortSignal: signal })) {
          for (const { Key: key = "", Size: size = 0, LastModified: modified } of page.Contents ?? [])
            yield { key, size, modified: modified?.toISOString() };
        }
      } catch (cause) {
        signal.throwIfAborted();
        throw refusal("list", settings, cause);
      }
    },
    close() {
      end.abort();
      client.destroy();
    },
  };
}

function clientConfig({ settings, keys, connect }: BucketAccess, end: AbortSignal): S3ClientConfig {
  const tls = {
    rejectUnauthorized: !settings.insecureSkipTlsVerify,
    ca: settings.ca ?? usualAuthorities(),
  };
  return {
    region: settings.region,
    credentials: keys,
    forcePathStyle: settings.forcePathStyle,
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    requestHandler: {
      httpAgent: connect === undefined ? new http.Agent({ keepAlive: true }) : new TunnelAgent(() => connect(end)),
      httpsAgent: new https.Agent({ ...tls, keepAlive: true }),
      connectionTimeout: 10_000,
    },
    maxAttempts: 2,
  };
}

/** An agent whose sockets are tunnels into the cluster. */
class TunnelAgent extends http.Agent {
  readonly #connect: () => Promise<Duplex>;

  constructor(connect: () => Promise<Duplex>) {
    super();
    this.#connect = connect;
  }

  override createConnection(_options: object, done?: (error: Error | null, socket: Duplex) => void): null {
    this.#connect().then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
    return null;
  }
}

function refusal(doing: string, { bucket }: BucketSettings, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const { name = "", message = "" } = cause as { name?: string; message?: string };
  // Without the right to list, S3 says "forbidden" of an object that does not exist.
  const reason = ["NoSuchKey", "NotFound", "AccessDenied", "Forbidden"].includes(name) ? "NotFound" : "Unreachable";
  return new Failure(
    "failed",
    `cannot ${doing} bucket ${bucket}: ${name === "Error" || name === "" ? message : name}`,
    {
      reason,
      cause,
    },
  );
}
