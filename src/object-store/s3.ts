// A bucket of S3, or of a store that speaks like it, with the keys of its own account.
import { Failure } from "../core/failure.ts";
import type { Bucket, BucketKeys, BucketSettings, StoredEntry } from "./object-store.ts";
import type { Road } from "./road.ts";
import { encoded, signed } from "./signature.ts";
import { openLink } from "./signed-link.ts";

/** The most that a page of 1,000 names can be, in bytes: names have up to 1,024, each of which may be written as three. */
const longestPage = 8 * 1024 * 1024;

export function openBucket(settings: BucketSettings, keys: BucketKeys, road: Road): Bucket {
  const base = baseOf(settings);
  const link = (url: URL) => signed(url, keys, settings.region, { at: new Date(), seconds: 600 });
  return {
    async open(key, options) {
      const url = new URL(`${base}${key.split("/").map(encoded).join("/")}`);
      try {
        return await openLink(road, link(url), { ...options, renew: async () => link(url) });
      } catch (error) {
        throw told(`read ${key} from`, settings, error);
      }
    },
    async *list(prefix, signal) {
      for (let from: string | undefined = ""; from !== undefined; ) {
        const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", prefix });
        if (from !== "") query.set("continuation-token", from);
        const page = await openLink(road, link(new URL(`${base}?${query}`)), { signal }).then(
          async ({ content }) => pageOf(await contentOf(content), new URL(base).host),
          (error: unknown) => {
            throw told("list", settings, error);
          },
        );
        yield* entriesIn(page);
        from = /<IsTruncated>true</.test(page) ? tokenIn(page) : undefined;
      }
    },
  };
}

/** https://minio:9000/velero/ or https://velero.s3.eu-west-1.amazonaws.com/ */
export function baseOf({ endpoint, bucket, region, forcePathStyle }: BucketSettings): string {
  const host = endpoint?.replace(/\/+$/, "") ?? `https://s3.${region}.amazonaws.com`;
  // TLS certificates of buckets' hosts are good for names without dots alone.
  if (forcePathStyle || bucket.includes(".")) return `${host}/${encoded(bucket)}/`;
  return `${host.replace("://", `://${bucket}.`)}/`;
}

/** What a store answers, told of the bucket: nobody who has no link to it knows its host. */
function told(doing: string, { bucket }: BucketSettings, error: unknown): unknown {
  const code =
    error instanceof Failure ? /^the object store at \S+ answered (.+)$/.exec(error.message)?.[1] : undefined;
  if (!(error instanceof Failure) || code === undefined) return error;
  const details = { ...(error.reason === undefined ? {} : { reason: error.reason }), cause: error };
  return new Failure("failed", `cannot ${doing} bucket ${bucket}: ${code}`, details);
}

export async function contentOf(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > longestPage) throw new Error(`a page of names is larger than ${longestPage} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A page of a bucket's list. A store that looks for the bucket behind its host's name alone lists its buckets instead. */
export function pageOf(content: Buffer, host: string): string {
  const page = content.toString("utf8");
  if (page.includes("<ListBucketResult")) return page;
  const instead = page.includes("<ListAllMyBucketsResult")
    ? "a list of its buckets: it wants path style"
    : "status 200, and no word of S3";
  throw new Failure("failed", `the object store at ${host} answered ${instead}`, { reason: "Refused" });
}

/** S3 writes its lists plainly. Names are encoded as it was asked to, where it knows how. */
export function* entriesIn(page: string): Generator<StoredEntry> {
  const isEncoded = page.includes("<EncodingType>url<");
  for (const [, entry = ""] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const field = (name: string) => unescaped(new RegExp(`<${name}>([^<]*)</${name}>`).exec(entry)?.[1] ?? "");
    const key = isEncoded ? decodeURIComponent(field("Key").replaceAll("+", " ")) : field("Key");
    yield { key, size: Number(field("Size")), modified: field("LastModified") || undefined };
  }
}

/** The folders of a list with a delimiter. */
export function foldersIn(page: string): string[] {
  const isEncoded = page.includes("<EncodingType>url<");
  return Array.from(page.matchAll(/<CommonPrefixes>\s*<Prefix>([^<]*)</g), ([, name = ""]) =>
    isEncoded ? decodeURIComponent(unescaped(name).replaceAll("+", " ")) : unescaped(name),
  );
}

export function tokenIn(page: string): string | undefined {
  const token = /<NextContinuationToken>([^<]*)</.exec(page)?.[1];
  return token === undefined ? undefined : unescaped(token);
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
export const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal));
  });
