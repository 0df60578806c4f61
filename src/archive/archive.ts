import { Failure } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { Bucket, ObjectStore, OpenOptions, StoredEntry, StoredObject } from "../object-store/object-store.ts";
import { bucketKeys, bucketSettings, objectKey } from "../velero/bucket-access.ts";
import { signedUrl } from "../velero/download.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import { isSigned, pathOf, type StoredFile } from "./stored-file.ts";

/** How long the server may take to sign a link before it counts as not answering, in milliseconds. */
const signingLimit = 5000;
/** Of the files that are read whole, none is larger than this. */
const mostBytes = 64 * 1024 * 1024;

export interface ArchiveOptions {
  readonly cluster: Cluster;
  store(): Promise<ObjectStore>;
  /** Velero's namespace. */
  readonly namespace: string;
  /** The location that the runs lie in; asked at most once. */
  location(): Promise<BackupStorageLocation>;
  readonly signal: AbortSignal;
  /** Believes any certificate of the store: the user's explicit choice. */
  readonly insecureSkipTlsVerify: boolean;
  /** By signed links where the server signs them; `keys` where many files are needed, falling back to links. */
  readonly prefer?: "links" | "keys";
  /** Told which way was taken, for --log-level=debug. Nothing secret. */
  note?(sentence: string): void;
}

/**
 * What Velero stored in one location, whichever way it can be had: by links that the server signs, or with the location's own
 * keys. Throws Failures: reason NotFound when the bucket has no such file, Forbidden with the right that is missing, else why
 * the store cannot be reached.
 */
export interface Archive {
  /** A file as it lies in the bucket: packed, as a stream. */
  open(file: StoredFile, options?: Partial<OpenOptions>): Promise<StoredObject>;
  /** A whole file, packed. Throws for one that is larger than 64 MiB. */
  read(file: StoredFile): Promise<Buffer>;
  /** The objects of one backup or restore, with their sizes. Needs the location's keys. */
  entries(type: "backup" | "restore", name: string): Promise<StoredEntry[]>;
}

export function openArchive(options: ArchiveOptions): Archive {
  const { cluster, namespace, signal, insecureSkipTlsVerify, note } = options;
  const location = once(() => options.location());
  const bucket = once(async (): Promise<{ bucket: Bucket; location: BackupStorageLocation }> => {
    const where = await location();
    const settings = bucketSettings(where);
    const keys = await bucketKeys(cluster, where, signal);
    const trust = { ...settings, insecureSkipTlsVerify: insecureSkipTlsVerify || settings.insecureSkipTlsVerify };
    return { bucket: (await options.store()).bucket(trust, keys), location: where };
  });

  const openByLink = async (file: StoredFile, how: OpenOptions): Promise<StoredObject> => {
    const url = await signedUrl(cluster, namespace, file, { signal: how.signal, limit: signingLimit });
    note?.(`${pathOf(file)}: by a link that the server signed, from ${url.host}`);
    return (await options.store()).open(url, { ca: undefined, insecureSkipTlsVerify }, how);
  };
  const openByKeys = async (file: StoredFile, how: OpenOptions): Promise<StoredObject> => {
    const { bucket: opened, location: where } = await bucket();
    note?.(`${pathOf(file)}: with the keys of location ${where.metadata.name}`);
    return opened.open(objectKey(where, pathOf(file)), how);
  };

  const open = async (file: StoredFile, given: Partial<OpenOptions> = {}): Promise<StoredObject> => {
    const how = { signal, ...given };
    if (!isSigned(file.kind) || options.prefer === "keys") return openByKeys(file, how);
    try {
      return await openByLink(file, how);
    } catch (error) {
      const unanswered = error instanceof Failure && (error.kind === "timeout" || error.reason === "Forbidden");
      if (!unanswered || signal.aborted) throw error;
      return openByKeys(file, how).catch(() => {
        // That the second way was closed too says less than why the first one was.
        throw error;
      });
    }
  };

  return {
    open,
    async read(file) {
      const { content } = await open(file);
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of content as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > mostBytes) throw new Failure("failed", `${pathOf(file)} is larger than ${mostBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    async entries(type, name) {
      const { bucket: opened, location: where } = await bucket();
      return Array.fromAsync(opened.list(objectKey(where, `${type}s/${name}/`), signal));
    },
  };
}

/** Makes a slow thing on its first call, and only once. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
