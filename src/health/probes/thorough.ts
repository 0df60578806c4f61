import type { Archive } from "../../archive/archive.ts";
import { type KubeObject, pods, type ResourceKind, services } from "../../core/resource.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { BackupConfiguration } from "../../mke/configuration.ts";
import type { Backup, BackupStorageLocation } from "../../velero/types.ts";
import { ask, type Fact, knownValue } from "../fact.ts";
import type { ThoroughFacts } from "../facts.ts";
import type { WorkloadState } from "../workload.ts";
import { lookAtBackups } from "./backups.ts";
import { lookAtKeys, lookAtRootSecret } from "./credentials.ts";
import { allNamespaces, apiServices, definitions, ingresses, nodes } from "./kinds.ts";
import { lookAtLastLines } from "./last-lines.ts";
import { lookAtMinio } from "./minio.ts";
import { probeRights, rulesReviews } from "./rights.ts";

export interface ProbeOptions {
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** Milliseconds each probe may take. */
  readonly limit: number;
  /** What Velero stored in a location; buckets are not looked into when left out. */
  openArchive?(location: BackupStorageLocation): Promise<Archive>;
  /** MinIO's answer about itself, by the location's keys. */
  askMinio?(location: BackupStorageLocation, signal: AbortSignal): Promise<string>;
}

/** Asks what status leaves out, side by side. Never throws for a probe that failed. */
export async function lookThoroughly(
  cluster: Cluster,
  /** What is being asked anyway. */
  asked: {
    readonly locations: Promise<Fact<readonly BackupStorageLocation[]>>;
    readonly backups: Promise<Fact<readonly Backup[]>>;
    readonly configuration: Promise<Fact<BackupConfiguration>>;
  },
  options: ProbeOptions,
): Promise<Looking> {
  const { namespace, signal, limit } = options;
  const list = <T extends KubeObject>(kind: ResourceKind<T>, query = {}): Promise<Fact<readonly T[]>> =>
    ask({ verb: "list", kind, signal, limit, read: (end) => cluster.list(kind, { ...query, signal: end }) });
  const [apiServicesSeen, backupDefinition, namespaces, nodesSeen, runningPods, servicesSeen, ingressesSeen, ...more] =
    await Promise.all([
      list(apiServices),
      ask({
        verb: "get",
        kind: definitions,
        signal,
        limit,
        read: (end) => cluster.get(definitions, { name: "backups.velero.io" }, end),
      }),
      list(allNamespaces),
      list(nodes),
      list(pods, { fieldSelector: "status.phase=Running" }),
      list(services, { namespace }),
      list(ingresses, { namespace }),
      asked.locations.then((locations) => lookAtKeys(cluster, knownValue(locations) ?? [], options)),
      lookAtBackups(cluster, asked, options),
      asked.locations.then((locations) => lookAtMinio(locations, options)),
      asked.configuration.then((configuration) => lookAtRootSecret(cluster, knownValue(configuration), options)),
      ask({
        verb: "create",
        kind: rulesReviews,
        signal,
        limit,
        read: (end) => probeRights(cluster, { namespace, signal: end }),
      }),
    ]);
  const [keys, aroundBackups, minio, rootSecret, rights] = more;
  const facts = {
    apiServices: apiServicesSeen,
    backupDefinition,
    namespaces,
    nodes: nodesSeen,
    runningPods,
    services: servicesSeen,
    ingresses: ingressesSeen,
    keys,
    ...aroundBackups,
    minio,
    rootSecret,
    rights,
  };
  return {
    withWorkloads: async (workloads) => ({ ...facts, lastLines: await lookAtLastLines(cluster, workloads, options) }),
  };
}

/** Which containers have ended is known only when the workloads are. */
export interface Looking {
  withWorkloads(workloads: readonly WorkloadState[]): Promise<ThoroughFacts>;
}
