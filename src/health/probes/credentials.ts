import { hasReason } from "../../core/failure.ts";
import { secrets } from "../../core/resource.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { BackupConfiguration } from "../../mke/configuration.ts";
import { valueAt } from "../../mke/configuration.ts";
import { bucketKeys } from "../../velero/bucket-access.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import { ask, type Fact } from "../fact.ts";
import type { ProbeOptions } from "./thorough.ts";

/** What a location's keys are like. Nothing of them. */
export interface KeysFound {
  /** They hold a session token, so they end by themselves. */
  readonly temporary: boolean;
}

/** The Secret that MinIO takes its own keys from. */
export interface RootSecret {
  readonly name: string;
  /** The names of what it holds; undefined when there is no such Secret. */
  readonly keys: readonly string[] | undefined;
}

/** The keys of each location, by its name. */
export async function lookAtKeys(
  cluster: Cluster,
  locations: readonly BackupStorageLocation[],
  { signal, limit }: ProbeOptions,
): Promise<ReadonlyMap<string, Fact<KeysFound>>> {
  const found = locations.map(async (location): Promise<[string, Fact<KeysFound>]> => {
    const read = async (end: AbortSignal): Promise<KeysFound> => ({
      temporary: (await bucketKeys(cluster, location, end)).sessionToken !== undefined,
    });
    return [location.metadata.name, await ask({ verb: "get", kind: secrets, signal, limit, read })];
  });
  return new Map(await Promise.all(found));
}

/** Undefined where MKE declares no MinIO. */
export async function lookAtRootSecret(
  cluster: Cluster,
  configuration: BackupConfiguration | undefined,
  { namespace, signal, limit }: ProbeOptions,
): Promise<Fact<RootSecret> | undefined> {
  if (configuration?.provider !== "InCluster" || configuration.source.kind === "BackupStorageLocation")
    return undefined;
  const name = String(
    valueAt(configuration.fields, "storage_provider", "in_cluster_options", "admin_credentials_secret") ?? "",
  );
  if (name === "") return undefined;
  return ask({
    verb: "get",
    kind: secrets,
    signal,
    limit,
    async read(end): Promise<RootSecret> {
      try {
        const secret = await cluster.get(secrets, { namespace, name }, end);
        return { name, keys: Object.keys(secret.data ?? {}) };
      } catch (error) {
        if (hasReason(error, "NotFound")) return { name, keys: undefined };
        throw error;
      }
    },
  });
}
