import { Failure, hasReason, mayPass } from "../core/failure.ts";
import type { Bucket, OpenOptions, StoredObject, Trust } from "../object-store/object-store.ts";
import { authorityOf, bucketKeys, bucketSettings, endpointsOf, objectKey, untrusted } from "../velero/bucket-access.ts";
import { signedUrl } from "../velero/download.ts";
import { checkServerRuns } from "../velero/server.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { ArchiveOptions } from "./archive.ts";
import { firstReachable } from "./reachable.ts";
import { pathOf, type StoredFile } from "./stored-file.ts";

/** How long the server may take to sign a link before it counts as not answering, in milliseconds. */
const signingLimit = 5000;

/** A way that leads to no file at all, whichever file is wanted. */
export class Closed extends Error {
  readonly why: Failure;

  constructor(why: Failure) {
    super(why.message, { cause: why });
    this.why = why;
  }
}

/** One way to the files. Throws Closed when another one may lead there, else the failure of this file. */
export interface Way {
  /** As it continues the name of a file in a log. */
  readonly name: string;
  open(file: StoredFile, how: OpenOptions): Promise<StoredObject>;
}

export interface Ways {
  readonly links: Way;
  readonly keys: Way;
  bucket(): Promise<{ bucket: Bucket; location: BackupStorageLocation }>;
  prepare(): void;
}

/** The two ways to what Velero stored: links that its server signs, and the location's own keys. */
export function openWays(options: ArchiveOptions): Ways {
  const { cluster, namespace, signal, insecureSkipTlsVerify } = options;
  const location = once(() => options.location());
  const checkServer = once(async () => checkServerRuns(cluster, namespace, [await location()], new Date()));
  const authority = once(async (): Promise<{ ca: string | undefined; unread?: unknown }> => {
    if (insecureSkipTlsVerify) return { ca: undefined };
    try {
      return { ca: await authorityOf(cluster, await location(), signal) };
    } catch (unread) {
      // The usual authorities may do; if not, this is why.
      return { ca: undefined, unread };
    }
  });
  /** Links may be for another host than the one that the location's CA is for. */
  const trustFor = async (url: URL | undefined): Promise<Trust> => {
    // AWS's own hosts have no URL here.
    if (url?.protocol === "http:") return { ca: undefined, insecureSkipTlsVerify };
    const { ca } = await authority();
    const andUsual = ca !== undefined && url !== undefined && url.host !== endpointsOf(await location()).keys?.host;
    return { ca, insecureSkipTlsVerify, ...(andUsual ? { andUsual } : {}) };
  };
  const bucket = once(async (): Promise<{ bucket: Bucket; location: BackupStorageLocation }> => {
    if (options.prefer === "keys") prepare().catch(() => undefined);
    try {
      const where = await location();
      const own = bucketSettings(where, await trustFor(endpointsOf(where).keys));
      const keys = await bucketKeys(cluster, where, signal);
      const store = await options.store();
      // An address that others can reach needs no tunnel.
      const { publicUrl } = where.spec?.config ?? {};
      const common = publicUrl ? { ...own, ...(await trustFor(new URL(publicUrl))), endpoint: publicUrl } : own;
      const addresses = publicUrl ? [common, own] : [own];
      return { bucket: firstReachable(addresses.map((settings) => store.bucket(settings, keys))), location: where };
    } catch (error) {
      throw closedBy(error);
    }
  });
  const prepare = once(async (): Promise<void> => {
    const origin = endpointsOf(await location()).links;
    if (origin !== undefined) (await options.store()).prepare?.(origin, await trustFor(origin));
  });

  /** Why the server signs no links, once that is known: other files need not wait for it again. */
  let signsNone: Failure | undefined;

  const sign = async (file: StoredFile, how: OpenOptions): Promise<URL> => {
    if (signsNone !== undefined) throw new Closed(signsNone);
    try {
      return await signedUrl(cluster, namespace, file, { signal: how.signal, limit: signingLimit, checkServer });
    } catch (error) {
      how.signal.throwIfAborted();
      if (hasReason(error, "Invalid")) {
        const sentence = `this Velero server knows no ${file.kind}, so it wrote none`;
        throw new Failure("failed", sentence, { reason: "NotFound", cause: error });
      }
      if (!(error instanceof Failure) || mayPass(error)) throw error;
      signsNone = error;
      throw new Closed(error);
    }
  };

  const links: Way = {
    name: "by a link that the server signed",
    async open(file, how) {
      // What connecting takes of the API server is done while the server signs.
      if (signsNone === undefined) prepare().catch(() => undefined);
      const url = await sign(file, how);
      const trust = await trustFor(url);
      try {
        return await (await options.store()).open(url, trust, { ...how, renew: () => sign(file, how) });
      } catch (error) {
        throw await closedFor(error);
      }
    },
  };
  const keys: Way = {
    name: "with the location's own keys",
    async open(file, how) {
      const { bucket: opened, location: where } = await bucket();
      try {
        return await opened.open(objectKey(where, pathOf(file)), how);
      } catch (error) {
        throw await closedFor(error);
      }
    },
  };

  /** What a store says of one file is that file's; that it cannot be reached this way is not. */
  async function closedFor(error: unknown): Promise<unknown> {
    if (signal.aborted || hasReason(error, "NotFound") || hasReason(error, "Changed")) return error;
    const where = await location().catch(() => undefined);
    if (where === undefined || !hasReason(error, "Untrusted")) return closedBy(error);
    return new Closed(untrusted(error as Failure, where, (await authority()).unread));
  }

  return { links, keys, bucket, prepare: () => void prepare().catch(() => undefined) };
}

const closedBy = (error: unknown): unknown => (error instanceof Failure ? new Closed(error) : error);

/** Makes a slow thing on its first call, and only once. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
