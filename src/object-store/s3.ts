// The one door to @aws-sdk/client-s3, opened only where the server cannot sign a link or too many would be needed.
import type { Readable } from "node:stream";
import { GetObjectCommand, paginateListObjectsV2, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { Failure } from "../core/failure.ts";
import { continued, type Part } from "./continued.ts";
import type { Bucket, BucketKeys, BucketSettings } from "./object-store.ts";
import type { Road } from "./road.ts";
import { reasonOf, unreachable } from "./store-failure.ts";

/** A bucket of S3 or of a store that speaks like it. */
export function openBucket(settings: BucketSettings, keys: BucketKeys, road: Road): Bucket & { close(): void } {
  let made: Promise<S3Client> | undefined;
  const client = () => (made ??= openClient(settings, keys, road));

  async function ask(key: string, from: number, etag: string | undefined, signal: AbortSignal): Promise<Part> {
    const command = new GetObjectCommand({
      Bucket: settings.bucket,
      Key: key,
      ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
      ...(etag === undefined ? {} : { IfMatch: etag }),
    });
    try {
      return await road.inTurn(signal, async () => {
        const answer = await (await client()).send(command, { abortSignal: signal });
        const [, begin = "0", total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? "") ?? [];
        return {
          from: Number(begin),
          size: total === undefined ? answer.ContentLength : Number(total),
          etag: answer.ETag,
          content: answer.Body as Readable,
        };
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw refusal(`read ${key} from`, settings, cause);
    }
  }

  return {
    async open(key, { signal, from = 0, etag }) {
      const first = await ask(key, from, etag, signal);
      const again = (at: number, same: string | undefined) => ask(key, at, same, signal);
      const content = continued(first, { what: key, from, signal, again });
      return { size: first.size, etag: first.etag, content, way: road.way };
    },
    async *list(prefix, signal) {
      try {
        const query = { Bucket: settings.bucket, Prefix: prefix };
        for await (const page of paginateListObjectsV2({ client: await client() }, query, { abortSignal: signal })) {
          for (const { Key: key = "", Size: size = 0, LastModified: modified } of page.Contents ?? [])
            yield { key, size, modified: modified?.toISOString() };
        }
      } catch (cause) {
        signal.throwIfAborted();
        throw refusal("list", settings, cause);
      }
    },
    close() {
      made?.then(
        (opened) => opened.destroy(),
        () => undefined,
      );
    },
  };
}

async function openClient(settings: BucketSettings, keys: BucketKeys, road: Road): Promise<S3Client> {
  const { agent } = await road.agent();
  const config: S3ClientConfig = {
    region: settings.region,
    credentials: keys,
    forcePathStyle: settings.forcePathStyle,
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    // The road's agent connects, whatever the protocol. A tunnel takes a few requests to the API server first.
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: 20_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    },
    // The files carry checksums of their own (gzip's).
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 3,
  };
  return new S3Client(config);
}

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function refusal(doing: string, { bucket, endpoint }: BucketSettings, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const { name, $metadata } = cause as ServiceError;
  const status = $metadata?.httpStatusCode;
  if (status === undefined)
    return unreachable(endpoint === undefined ? "s3.amazonaws.com" : new URL(endpoint).host, cause);
  const code = /^(Error|\d+|Unknown\w*)?$/.test(name) ? undefined : name;
  const reason = reasonOf(code, status);
  if (reason === "Changed") return new Failure("failed", "the file changed while it was read", { reason, cause });
  return new Failure("failed", `cannot ${doing} bucket ${bucket}: ${code ?? `status ${status}`}`, { reason, cause });
}
