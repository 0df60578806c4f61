import { gunzipSync } from "node:zlib";
import { Failure } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ObjectStore } from "../object-store/object-store.ts";
import { type StoredFile, signedUrl } from "../velero/download.ts";
import { type GroupedResults, groupResults, type Results } from "./results.ts";

/** A results file larger than this is not one. */
const mostBytes = 64 * 1024 * 1024;
/** How long the server may take to sign a link before the screen goes on without the file. */
const signingLimit = 10_000;

export interface ReadOptions {
  readonly namespace: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** The results of a finished backup or restore, grouped by cause. Throws when the file cannot be had. */
export async function readResults(
  cluster: Cluster,
  store: ObjectStore,
  kind: Extract<StoredFile, "BackupResults" | "RestoreResults">,
  { namespace, name, signal }: ReadOptions,
): Promise<GroupedResults> {
  const url = await signedUrl(cluster, namespace, { kind, name }, { signal, limit: signingLimit });
  const packed = await store.read(url, { signal, mostBytes });
  try {
    const parsed: unknown = JSON.parse(gunzipSync(packed, { maxOutputLength: mostBytes }).toString("utf8"));
    return groupResults((parsed ?? {}) as Results);
  } catch (cause) {
    throw new Failure("failed", `the results file of ${name} is damaged`, { cause });
  }
}
