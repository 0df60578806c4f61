import type { Pod, Service } from "../core/resource.ts";
import type { AddOn } from "../mke/add-on.ts";
import type { BackupConfiguration } from "../mke/configuration.ts";
import type { EngineFound } from "../mke/engine.ts";
import type {
  Backup,
  BackupRepository,
  BackupStorageLocation,
  Restore,
  Schedule,
  ServerStatusRequest,
  VolumeTransfer,
} from "../velero/types.ts";
import { type Fact, knownValue } from "./fact.ts";
import type { MinioState } from "./minio-state.ts";
import type { BackupFacts } from "./probes/backups.ts";
import type { KeysFound, RootSecret } from "./probes/credentials.ts";
import type { ApiService, CustomResourceDefinition, Ingress, Namespace, Node } from "./probes/kinds.ts";
import type { RightsFound } from "./probes/rights.ts";
import type { WorkloadState } from "./workload.ts";

export type ServerAnswer = NonNullable<ServerStatusRequest["status"]>;

/** What doctor looks at beyond status: more of the cluster, and what lies in the buckets. */
export interface ThoroughFacts extends BackupFacts {
  readonly apiServices: Fact<readonly ApiService[]>;
  /** Velero's Backup definition: its phases tell which server it was made for. */
  readonly backupDefinition: Fact<CustomResourceDefinition>;
  readonly namespaces: Fact<readonly Namespace[]>;
  readonly nodes: Fact<readonly Node[]>;
  /** Every pod of the cluster that runs. */
  readonly runningPods: Fact<readonly Pod[]>;
  readonly services: Fact<readonly Service[]>;
  readonly ingresses: Fact<readonly Ingress[]>;
  /** What containers that ended wrote last, by the names of their pods. */
  readonly lastLines: ReadonlyMap<string, Fact<readonly string[]>>;
  /** Of each location, by its name. */
  readonly keys: ReadonlyMap<string, Fact<KeysFound>>;
  /** Undefined where MKE declares no MinIO. */
  readonly rootSecret: Fact<RootSecret> | undefined;
  /** Undefined where no location that works is kept by a MinIO in the cluster. */
  readonly minio?: Fact<MinioState> | undefined;
  /** What this user may do with this plugin. */
  readonly rights: Fact<RightsFound>;
}

/** Everything that rules judge, each thing known or not on its own. */
export interface Facts {
  readonly now: Date;
  readonly namespace: string;
  /** Whether the user named the namespace: commands to paste then have to name it too. */
  readonly named: boolean;
  readonly locations: Fact<readonly BackupStorageLocation[]>;
  /** Known and undefined: no Deployment looks like Velero. */
  readonly server: Fact<WorkloadState | undefined>;
  /** What the server said about itself; undefined when it was not asked. */
  readonly answer: Fact<ServerAnswer> | undefined;
  readonly nodeAgents: Fact<readonly WorkloadState[]>;
  /** MinIO, when a location's s3Url names a Service in this namespace; known and undefined otherwise. */
  readonly objectStore: Fact<WorkloadState | undefined>;
  /** The backup section of MKE's configuration. */
  readonly configuration: Fact<BackupConfiguration>;
  readonly backups: Fact<readonly Backup[]>;
  readonly restores: Fact<readonly Restore[]>;
  readonly schedules: Fact<readonly Schedule[]>;
  /** Where Velero believes that volume data is kept. */
  readonly repositories: Fact<readonly BackupRepository[]>;
  /** Volumes of unfinished runs and of the newest backup that went wrong, by backup/NAME or restore/NAME. */
  readonly volumes: ReadonlyMap<string, Fact<readonly VolumeTransfer[]>>;
  /** How old the last good backup may be, in milliseconds, where the user said so. */
  readonly maxAge?: number | undefined;
  /** What takes backups in the whole cluster; undefined when nobody looked beyond the namespace. */
  readonly engine?: Fact<EngineFound> | undefined;
  /** What MKE's controllers say about Velero and MinIO; undefined when they were not asked. */
  readonly addOns?: Fact<readonly AddOn[]> | undefined;
  /** What takes a thorough look (doctor); left out after a quick one (status). */
  readonly thorough?: ThoroughFacts | undefined;
}

/** The facts that a report should know, by the name a person has for them. */
export const namedFacts = (facts: Facts) =>
  ({
    locations: facts.locations,
    server: facts.server,
    "server answer": facts.answer,
    "node agents": facts.nodeAgents,
    "object store": facts.objectStore,
    configuration: facts.configuration,
    backups: facts.backups,
    restores: facts.restores,
    schedules: facts.schedules,
    repositories: facts.repositories,
    "Velero in other namespaces": whole(facts.engine),
    "add-ons": facts.addOns,
    ...(facts.thorough && {
      "aggregated APIs": facts.thorough.apiServices,
      "definition of backups": facts.thorough.backupDefinition,
      namespaces: facts.thorough.namespaces,
      nodes: facts.thorough.nodes,
      "pods of all namespaces": facts.thorough.runningPods,
      services: facts.thorough.services,
      ingresses: facts.thorough.ingresses,
      "requests to delete": facts.thorough.deletions,
      "volume transfers": facts.thorough.transfers,
      "claims of all namespaces": facts.thorough.claims,
      "volumes of the newest backups": facts.thorough.backupVolumes,
      ...Object.fromEntries([...facts.thorough.buckets].map(([name, fact]) => [`bucket of location ${name}`, fact])),
      "this user's rights": facts.thorough.rights,
      "MinIO's drives": facts.thorough.minio,
      "MinIO's Secret": facts.thorough.rootSecret,
      ...Object.fromEntries([...facts.thorough.keys].map(([name, fact]) => [`keys of location ${name}`, fact])),
    }),
  }) as const;

/** An engine that was sought in the usual namespaces alone counts as not seen whole. */
const whole = (engine: Facts["engine"]): Fact<unknown> | undefined => {
  const unseen = knownValue(engine)?.unseen ?? [];
  return unseen.length === 0 ? engine : { state: "forbidden", sentence: unseen.join(", ") };
};

export const volumesKnown = (facts: Facts, key: string): readonly VolumeTransfer[] => {
  const fact = facts.volumes.get(key);
  return knownValue(fact) ?? [];
};

/** `kubectl mkebackup …` with the namespace where it could not be found without. */
export const ownCommand = ({ named, namespace }: Facts, words: string): string =>
  `kubectl mkebackup ${words}${named ? ` -n ${namespace}` : ""}`;

export const kubectl = ({ namespace }: Facts, words: string): string => `kubectl -n ${namespace} ${words}`;

/** What shows the server's own log of late. */
export const serverLog = (facts: Facts, since = "10m"): string =>
  kubectl(facts, `logs deployment/${knownValue(facts.server)?.name ?? "velero"} -c velero --since=${since}`);
