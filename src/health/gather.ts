import type { Archive } from "../archive/archive.ts";
import {
  configMaps,
  daemonSets,
  deployments,
  type KubeObject,
  type Pod,
  pods,
  type ResourceKind,
  type Workload,
} from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { readConfiguration } from "../mke/read-configuration.ts";
import { volumesOf } from "../velero/follow.ts";
import {
  backupRepositories,
  backups,
  podVolumeBackups,
  podVolumeRestores,
  restores,
  schedules,
  serverStatusRequests,
  storageLocations,
} from "../velero/kinds.ts";
import { outcomeOf } from "../velero/phases.ts";
import { askServer, isVeleroServer } from "../velero/server.ts";
import type { Backup, BackupStorageLocation, Restore, VolumeTransfer } from "../velero/types.ts";
import { ask, type Fact, known, knownValue } from "./fact.ts";
import type { Facts } from "./facts.ts";
import { isMinio, serviceOf } from "./object-store.ts";
import { finishedNewestFirst, type Run, unfinishedRuns } from "./runs.ts";
import { describeWorkload, statefulSets, type WorkloadState } from "./workload.ts";

export interface GatherOptions {
  readonly namespace: string;
  /** Whether the user named the namespace. */
  readonly named: boolean;
  /** Its locations, when they have just been listed. */
  readonly locations: readonly BackupStorageLocation[] | undefined;
  readonly signal: AbortSignal;
  readonly now: Date;
  /** Milliseconds each probe may take. */
  readonly limit: number;
  /** Whether to leave a ServerStatusRequest in the cluster, which the server removes minutes later. */
  readonly askServer: boolean;
  /** Whether to look at everything (doctor), or at what tells most (status). */
  readonly thorough?: boolean;
  /** How old the last good backup may be, in milliseconds. */
  readonly maxAge?: number | undefined;
  /** What Velero stored in a location; a thorough look goes into the buckets with it. */
  openArchive?(location: BackupStorageLocation): Promise<Archive>;
  /** MinIO's answer about itself, by the location's keys. */
  askMinio?(location: BackupStorageLocation, signal: AbortSignal): Promise<string>;
}

/** Volumes are looked up for this many runs at the most. */
const mostRunsWithVolumes = 6;

/** Asks the cluster everything side by side, then for the volumes of what runs. Never throws for a probe that failed. */
export async function gather(cluster: Cluster, options: GatherOptions): Promise<Facts> {
  const { namespace, named, signal, limit, now } = options;
  const list = <T extends KubeObject>(kind: ResourceKind<T>): Promise<Fact<readonly T[]>> =>
    ask({ verb: "list", kind, signal, limit, read: (end) => cluster.list(kind, { namespace, signal: end }) });

  const locationsAsked =
    options.locations === undefined ? list(storageLocations) : Promise.resolve(known(options.locations));
  const noServer = new AbortController();
  const asked = {
    locations: locationsAsked,
    // First, since the server's answer takes one question more.
    answer: options.askServer
      ? ask({
          verb: "create",
          kind: serverStatusRequests,
          signal,
          limit,
          giveUp: { signal: noServer.signal, sentence: "no server pod is ready" },
          read: async (end) => {
            // In a namespace without Velero nobody would ever remove the request.
            const locations = options.locations ?? knownValue(await locationsAsked);
            if (locations?.length === 0) noServer.abort();
            end.throwIfAborted();
            return askServer(cluster, namespace, { signal: end, limit });
          },
        })
      : undefined,
    deployments: list(deployments).then((seen) => {
      const server = knownValue(seen)?.find(isVeleroServer);
      // Nobody will answer, so nobody need wait for the answer.
      if (server !== undefined && (server.status?.readyReplicas ?? 0) === 0) noServer.abort();
      return seen;
    }),
    configuration: ask({
      verb: "get",
      kind: configMaps,
      signal,
      limit,
      read: (end) =>
        readConfiguration(cluster, { locations: async () => knownValue(await locationsAsked) ?? [], signal: end }),
    }),
    statefulSets: list(statefulSets),
    daemonSets: list(daemonSets),
    pods: list(pods),
    backups: list(backups),
    restores: list(restores),
    schedules: list(schedules),
    repositories: list(backupRepositories),
    // What status never needs is loaded only where it is wanted.
    mke: options.thorough ? import("./probes/mke.ts").then(({ lookAtMke }) => lookAtMke(cluster, options)) : undefined,
  };
  const thoroughly = options.thorough
    ? import("./probes/thorough.ts").then(({ lookThoroughly }) => lookThoroughly(cluster, asked, options))
    : undefined;
  const volumes = Promise.all([asked.backups, asked.restores]).then(([backupsSeen, restoresSeen]) =>
    volumesByRun(cluster, runsToExplain(knownValue(backupsSeen), knownValue(restoresSeen)), {
      namespace,
      signal,
      limit,
    }),
  );
  // All at once, so that an interrupt, which ends every probe, leaves none behind unheard.
  const [locations, deployed, stateful, daemons, podsSeen, answer, ...others] = await Promise.all([
    asked.locations,
    asked.deployments,
    asked.statefulSets,
    asked.daemonSets,
    asked.pods,
    asked.answer,
    asked.configuration,
    asked.backups,
    asked.restores,
    asked.schedules,
    asked.repositories,
    volumes,
    thoroughly,
    asked.mke,
  ]);
  const [configuration, backupsSeen, restoresSeen, schedulesSeen, repositories, volumesSeen, thorough, mke] = others;
  const allPods = knownValue(podsSeen);
  const server = mapped(deployed, (all) => {
    const found = all.find(isVeleroServer);
    return found && describeWorkload("Deployment", found, "velero", allPods);
  });
  const nodeAgents = mapped(daemons, (all) => nodeAgentsIn(all, allPods));
  const objectStore = objectStoreIn(namespace, locations, deployed, stateful, allPods);
  return {
    now,
    namespace,
    named,
    locations,
    server,
    answer,
    nodeAgents,
    objectStore,
    configuration,
    backups: backupsSeen,
    restores: restoresSeen,
    schedules: schedulesSeen,
    repositories,
    volumes: volumesSeen,
    ...mke,
    thorough: await thorough?.withWorkloads(
      [knownValue(server), ...(knownValue(nodeAgents) ?? []), knownValue(objectStore)].filter(
        (one) => one !== undefined,
      ),
    ),
    maxAge: options.maxAge,
  };
}

const mapped = <T, U>(fact: Fact<T>, map: (value: T) => U): Fact<U> =>
  fact.state === "known" ? known(map(fact.value)) : fact;

/** Named by their container: restic before Velero 1.10, one DaemonSet more where nodes run Windows. */
function nodeAgentsIn(all: readonly Workload[], podsSeen: readonly Pod[] | undefined): WorkloadState[] {
  const containers = ["node-agent", "restic"];
  return all.flatMap((daemonSet) => {
    const own = daemonSet.spec?.template?.spec?.containers?.find(({ name }) => containers.includes(name));
    return own === undefined ? [] : [describeWorkload("DaemonSet", daemonSet, own.name, podsSeen)];
  });
}

function objectStoreIn(
  namespace: string,
  locations: Fact<readonly BackupStorageLocation[]>,
  deployed: Fact<readonly Workload[]>,
  stateful: Fact<readonly Workload[]>,
  podsSeen: readonly Pod[] | undefined,
): Facts["objectStore"] {
  const isInside = (knownValue(locations) ?? []).some(
    (location) => serviceOf(location, namespace)?.namespace === namespace,
  );
  if (!isInside) return known(undefined);
  const single = knownValue(deployed)?.find(isMinio);
  if (single !== undefined) return known(describeWorkload("Deployment", single, "minio", podsSeen));
  const distributed = knownValue(stateful)?.find(isMinio);
  if (distributed !== undefined) return known(describeWorkload("StatefulSet", distributed, "minio", podsSeen));
  return [deployed, stateful].find((fact) => fact.state !== "known") ?? known(undefined);
}

/** What runs now, and the newest backup when it went wrong: its volumes often say why. */
function runsToExplain(backupsSeen: readonly Backup[] = [], restoresSeen: readonly Restore[] = []): Run[] {
  const [newest] = finishedNewestFirst(backupsSeen);
  const wrong: Run[] =
    newest !== undefined && outcomeOf(newest) !== "succeeded" ? [{ kind: "Backup", object: newest }] : [];
  return [...wrong, ...unfinishedRuns(backupsSeen, restoresSeen)].slice(0, mostRunsWithVolumes);
}

async function volumesByRun(
  cluster: Cluster,
  runs: readonly Run[],
  { namespace, signal, limit }: { namespace: string; signal: AbortSignal; limit: number },
): Promise<Facts["volumes"]> {
  const found = runs.map(async ({ kind, object: { metadata } }): Promise<[string, Fact<readonly VolumeTransfer[]>]> => {
    const { name } = metadata;
    const transfers = kind === "Backup" ? podVolumeBackups : podVolumeRestores;
    const fact = await ask({
      verb: "list",
      kind: transfers,
      signal,
      limit,
      read: (end) => volumesOf(cluster, kind, { namespace, name }, end),
    });
    return [`${kind.toLowerCase()}/${name}`, mapped(fact, (volumes) => volumes ?? [])];
  });
  return new Map(await Promise.all(found));
}
