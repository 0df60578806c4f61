import type { Readable } from "node:stream";

/** The bucket as the domain sees it. No message of it ever holds a signed URL or a key of the account. */
export interface ObjectStore {
  /**
   * What lies behind a signed URL, through the cluster when its host is a name of the cluster's own network. Throws a Failure:
   * reason NotFound when there is no such object, Changed when it is not the one wanted, Untrusted when TLS failed, Forbidden
   * with the right that is missing, Refused when the store says no, else Unreachable.
   */
  open(url: URL, trust: Trust, options: OpenOptions): Promise<StoredObject>;
  /** The whole bucket, with the location's own keys: for when no server signs links, or when too many would be needed. */
  bucket(settings: BucketSettings, keys: BucketKeys): Bucket;
  /** The same bucket step by step, for whoever proves that each works. Its keys are asked for by its first request. */
  probe(settings: BucketSettings, keys: () => BucketKeys | undefined): StoreProbe;
  /** Begins to connect to an origin that is going to be needed, where that takes looks at the cluster. Tells of no trouble. */
  prepare?(origin: URL, trust: Trust): void;
  /** Ends every connection, those of its buckets too. */
  close(): void;
}

export interface OpenOptions {
  readonly signal: AbortSignal;
  /** The first byte wanted; 0 when left out. */
  readonly from?: number;
  /** Refuses (reason Changed) an object that is not this one any more. */
  readonly etag?: string | undefined;
  /** Another link to the same object, for when this one has expired before the object was read. */
  renew?(): Promise<URL>;
}

/**
 * An object on its way. Whoever opened it reads `content` to its end or destroys it. Where a connection breaks, the rest is
 * asked for; `content` fails with reason Changed when the object is another one by then.
 */
export interface StoredObject {
  /** Bytes of the whole object, wherever the reading began; undefined when the store does not say. */
  readonly size: number | undefined;
  readonly etag: string | undefined;
  readonly content: Readable;
  /** How it was reached, for a log: through the API server to pod mke/minio-0. */
  readonly way?: string;
}

export interface Bucket {
  /** One object by its key. Throws as ObjectStore.open does. */
  open(key: string, options: OpenOptions): Promise<StoredObject>;
  /** Everything whose key begins with the prefix, in the order of the keys. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<StoredEntry>;
}

export interface StoredEntry {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** RFC 3339. */
  readonly modified: string | undefined;
}

/** Whom a TLS connection to the store believes. */
export interface Trust {
  /** PEM; trusted alone. The usual authorities when left out. */
  readonly ca: string | undefined;
  /** The usual authorities beside the CA: where a link leads to another host than the one that the CA is for. */
  readonly andUsual?: boolean;
  /** Believes everybody: the user's explicit choice. */
  readonly insecureSkipTlsVerify: boolean;
}

/** What a BackupStorageLocation says about its bucket. */
export interface BucketSettings extends Trust {
  readonly bucket: string;
  readonly region: string;
  /** http:// or https://; undefined = AWS's own. */
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean;
  /** With what the store is to encrypt objects that are written; its own choice when left out. */
  readonly encryption?: { readonly algorithm: string; readonly keyId?: string };
}

export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where the connections to a store lead. */
export type Whereabouts =
  | { readonly by: "address"; readonly addresses: readonly string[] }
  /** Names of the cluster's own, NAMESPACE/NAME and pods' names: reached through the API server. */
  | { readonly by: "service"; readonly service: string; readonly pods: readonly string[] }
  | { readonly by: "proxy"; readonly label: string };

export interface Certificate {
  /** Whom it is for, as it says. */
  readonly names: string;
  readonly issuer: string;
  readonly validTo: Date | undefined;
  /** Why it is not trusted, in Go's words. */
  readonly untrusted?: string;
}

/** One request to the bucket, or to an object in it. */
export interface Probing {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Of an object; the bucket when left out. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface ProbeAnswer {
  readonly content: Buffer;
  /** The store's clock, in whole seconds. */
  readonly date: Date | undefined;
  /** From the question to the last byte. */
  readonly milliseconds: number;
}

/**
 * A store, step by step and without a second try. Each step throws a Failure: as ObjectStore.open does, and where the store
 * refused, with its code and words in the message and the code as the reason. Later steps use the connection of earlier ones.
 */
export interface StoreProbe {
  /** HOST:PORT. */
  readonly host: string;
  readonly isSecure: boolean;
  find(signal: AbortSignal): Promise<Whereabouts>;
  /** Resolves with how: through the API server to pod mke/minio-0. */
  connect(signal: AbortSignal): Promise<string>;
  /** The store's certificate. One that is not trusted is thrown, unless the settings skip that. */
  secure(signal: AbortSignal): Promise<Certificate | undefined>;
  ask(probing: Probing, signal: AbortSignal): Promise<ProbeAnswer>;
  /** Names from a page of a list and, with a delimiter, folders. */
  list(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<
    ProbeAnswer & {
      readonly entries: readonly StoredEntry[];
      readonly folders: readonly string[];
      readonly next?: string;
    }
  >;
  /** The clock of the last answer against this machine's, in milliseconds: positive when the store's is ahead. */
  readonly skew: number | undefined;
}
