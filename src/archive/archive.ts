import { Failure } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ObjectStore, OpenOptions, StoredEntry, StoredObject } from "../object-store/object-store.ts";
import { objectKey } from "../velero/bucket-access.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import { isSigned, pathOf, type StoredFile } from "./stored-file.ts";
import { Closed, openWays } from "./ways.ts";

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
  /** The objects of one backup or restore, or of all of them, with their sizes. Needs the location's keys. */
  entries(type: "backup" | "restore", name?: string): Promise<StoredEntry[]>;
  /**
   * Begins to connect to the store as soon as the location is known, for whoever is going to read files: what that takes of
   * the API server is done while the server signs the links. Tells of no trouble: the files do.
   */
  prepare?(): void;
}

export function openArchive(options: ArchiveOptions): Archive {
  const { signal, note } = options;
  const ways = openWays(options);

  const open = async (file: StoredFile, given: Partial<OpenOptions> = {}): Promise<StoredObject> => {
    const how = { signal, ...given };
    const { links, keys } = ways;
    const order = !isSigned(file.kind) ? [keys] : options.prefer === "keys" ? [keys, links] : [links, keys];
    const closed: Failure[] = [];
    for (const way of order) {
      try {
        const stored = await way.open(file, how);
        note?.(`${pathOf(file)}: ${way.name}, ${stored.way ?? "directly"}`);
        return stored;
      } catch (error) {
        how.signal.throwIfAborted();
        if (!(error instanceof Closed)) throw error;
        note?.(`${pathOf(file)}: not ${way.name}: ${error.why.message}`);
        closed.push(error.why);
      }
    }
    // What the server says of its links is what users know most of.
    throw allOf(order[0] === keys ? closed.toReversed() : closed);
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
      const below = name === undefined ? `${type}s/` : `${type}s/${name}/`;
      try {
        const { bucket, location } = await ways.bucket();
        return await Array.fromAsync(bucket.list(objectKey(location, below), signal));
      } catch (error) {
        throw error instanceof Closed ? error.why : error;
      }
    },
    prepare: () => ways.prepare(),
  };
}

/** Why no way led to a file: the first one's sentence, and below it what is in the way of the other. */
function allOf([first, second]: readonly Failure[]): Failure {
  if (first === undefined) throw new Error("a file was looked for nowhere");
  if (second === undefined || second.message === first.message) return first;
  // A right that is missing is what can be done something about.
  const reason = second.reason === "Forbidden" ? second.reason : (first.reason ?? second.reason);
  return new Failure(first.kind, first.message, {
    heading: first.heading,
    next: [...first.next, `the other way is closed too: ${second.message}`, ...second.next],
    cause: first,
    ...(reason === undefined ? {} : { reason }),
  });
}
