import { Failure } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ObjectStore } from "../object-store/object-store.ts";
import { bucketKeys, bucketSettings, objectKey } from "../velero/bucket-access.ts";
import { type StoredFile, signedUrl } from "../velero/download.ts";
import { storageLocations } from "../velero/kinds.ts";
import { type GroupedResults, groupResults, type Results } from "./results.ts";

/** A results file larger than this is not one. */
const mostBytes = 64 * 1024 * 1024;
/** How long the server may take to sign a link before the screen goes on without the file. */
const signingLimit = 5000;

export interface ReadOptions {
  readonly namespace: string;
  readonly name: string;
  /** Finds the name of the BackupStorageLocation it lies in; asked only when the server cannot sign a link. */
  storageLocation(): Promise<string>;
  readonly signal: AbortSignal;
}

const objectPaths = {
  BackupResults: (name: string) => `backups/${name}/${name}-results.gz`,
  RestoreResults: (name: string) => `restores/${name}/restore-${name}-results.gz`,
} as const satisfies Record<StoredFile, (name: string) => string>;

/** The results of a finished backup or restore, grouped by cause. Throws when the file cannot be had in any way. */
export async function readResults(
  cluster: Cluster,
  store: ObjectStore,
  kind: StoredFile,
  options: ReadOptions,
): Promise<GroupedResults> {
  const packed = await readStoredFile(cluster, store, kind, options);
  const { gunzipSync } = await import("node:zlib");
  try {
    const parsed: unknown = JSON.parse(gunzipSync(packed, { maxOutputLength: mostBytes }).toString("utf8"));
    return groupResults((parsed ?? {}) as Results);
  } catch (cause) {
    throw new Failure("failed", `the results file of ${options.name} is damaged`, { cause });
  }
}

/** By a link that the server signs; when no server answers, or the user may not ask it, with the location's own keys. */
async function readStoredFile(
  cluster: Cluster,
  store: ObjectStore,
  kind: StoredFile,
  options: ReadOptions,
): Promise<Buffer> {
  const { namespace, name, signal } = options;
  const limits = { signal, mostBytes };
  try {
    return await store.read(
      await signedUrl(cluster, namespace, { kind, name }, { signal, limit: signingLimit }),
      limits,
    );
  } catch (error) {
    const unanswered = error instanceof Failure && (error.kind === "timeout" || error.reason === "Forbidden");
    if (!unanswered || signal.aborted) throw error;
    return readWithKeys(cluster, store, kind, options).catch(() => {
      // That the second way was closed too says less than why the first one was.
      throw error;
    });
  }
}

async function readWithKeys(
  cluster: Cluster,
  store: ObjectStore,
  kind: StoredFile,
  { namespace, name, storageLocation, signal }: ReadOptions,
) {
  const location = await cluster.get(storageLocations, { namespace, name: await storageLocation() }, signal);
  const keys = await bucketKeys(cluster, location, signal);
  return store.readWithKeys(bucketSettings(location), keys, objectKey(location, objectPaths[kind](name)), {
    signal,
    mostBytes,
  });
}
