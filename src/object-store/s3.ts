// The one door to @aws-sdk/client-s3, opened only when the server cannot sign a link.
import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { GetObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { usualAuthorities } from "../core/authorities.ts";
import { Failure } from "../core/failure.ts";
import type { BucketKeys, BucketSettings } from "./object-store.ts";

export interface BucketAccess {
  readonly settings: BucketSettings;
  readonly keys: BucketKeys;
  /** Makes the socket where the endpoint is a name of the cluster's own network. */
  readonly connect: (() => Promise<Duplex>) | undefined;
}

/** Reads one object. Throws a Failure with reason NotFound when there is none; no message holds a key of the account. */
export async function readObject(
  access: BucketAccess,
  key: string,
  options: { signal: AbortSignal; mostBytes: number },
): Promise<Buffer> {
  const { settings } = access;
  const client = new S3Client(clientConfig(access));
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: settings.bucket, Key: key }), {
      abortSignal: options.signal,
    });
    const body = await answer.Body?.transformToByteArray();
    if (body === undefined || body.length > options.mostBytes)
      throw new Failure("failed", `${key} in bucket ${settings.bucket} has no readable content`);
    return Buffer.from(body);
  } catch (cause) {
    options.signal.throwIfAborted();
    throw cause instanceof Failure ? cause : refusal(settings, key, cause);
  } finally {
    client.destroy();
  }
}

function clientConfig({ settings, keys, connect }: BucketAccess): S3ClientConfig {
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
      httpAgent: connect === undefined ? new http.Agent() : new TunnelAgent(connect),
      httpsAgent: new https.Agent(tls),
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

function refusal({ bucket }: BucketSettings, key: string, cause: unknown): Failure {
  const { name = "", message = "" } = cause as { name?: string; message?: string };
  // Without the right to list, S3 says "forbidden" of an object that does not exist.
  const reason = ["NoSuchKey", "NotFound", "AccessDenied", "Forbidden"].includes(name) ? "NotFound" : "Unreachable";
  return new Failure(
    "failed",
    `cannot read ${key} from bucket ${bucket}: ${name === "Error" || name === "" ? message : name}`,
    { reason, cause },
  );
}
