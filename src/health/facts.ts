import type { BackupConfiguration } from "../mke/configuration.ts";
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
import type { WorkloadState } from "./workload.ts";

export type ServerAnswer = NonNullable<ServerStatusRequest["status"]>;

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
  }) as const;

export const volumesKnown = (facts: Facts, key: string): readonly VolumeTransfer[] => {
  const fact = facts.volumes.get(key);
  return (fact === undefined ? undefined : knownValue(fact)) ?? [];
};

/** `kubectl mkebackup …` with the namespace where it could not be found without. */
export const ownCommand = ({ named, namespace }: Facts, words: string): string =>
  `kubectl mkebackup ${words}${named ? ` -n ${namespace}` : ""}`;

export const kubectl = ({ namespace }: Facts, words: string): string => `kubectl -n ${namespace} ${words}`;
