import type { Archive } from "../../archive/archive.ts";
import type { Volume } from "../../archive/volume-infos.ts";
import { hasReason } from "../../core/failure.ts";
import type { KubeObject, ResourceKind } from "../../core/resource.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { dataDownloads, dataUploads, deleteRequests, podVolumeBackups, podVolumeRestores } from "../../velero/kinds.ts";
import type { Backup, BackupStorageLocation, DeleteBackupRequest, VolumeTransfer } from "../../velero/types.ts";
import { ask, type Fact, known } from "../fact.ts";
import { lookIntoBuckets, type StoredBackup, volumesOfNewest } from "./buckets.ts";
import { type Claim, claims } from "./kinds.ts";
import type { ProbeOptions } from "./thorough.ts";

/** What is known of backups beyond their own objects. */
export interface BackupFacts {
  readonly deletions: Fact<readonly DeleteBackupRequest[]>;
  /** Every PodVolumeBackup, PodVolumeRestore, DataUpload and DataDownload. */
  readonly transfers: Fact<readonly VolumeTransfer[]>;
  /** PersistentVolumeClaims of all namespaces. */
  readonly claims: Fact<readonly Claim[]>;
  /** What lies in the buckets of the locations that are available, by location. */
  readonly buckets: ReadonlyMap<string, Fact<readonly StoredBackup[]>>;
  /** What Velero wrote about the volumes of the newest good backups, by backup; one without such a file is left out. */
  readonly backupVolumes: Fact<ReadonlyMap<string, readonly Volume[]>>;
}

/** What is being asked anyway. */
export interface AskedOfBackups {
  readonly locations: Promise<Fact<readonly BackupStorageLocation[]>>;
  readonly backups: Promise<Fact<readonly Backup[]>>;
}

export async function lookAtBackups(
  cluster: Cluster,
  asked: AskedOfBackups,
  options: ProbeOptions,
): Promise<BackupFacts> {
  const { namespace, signal, limit, openArchive } = options;
  const opened = new Map<string, Promise<Archive>>();
  /** Each bucket is opened once, whoever looks into it. */
  const openOnce = (open: NonNullable<ProbeOptions["openArchive"]>) => (location: BackupStorageLocation) => {
    const { name } = location.metadata;
    const archive = opened.get(name) ?? open(location);
    opened.set(name, archive);
    return archive;
  };
  const intoBuckets = openArchive === undefined ? options : { ...options, openArchive: openOnce(openArchive) };
  const list = <T extends KubeObject>(kind: ResourceKind<T>, query = {}): Promise<Fact<readonly T[]>> =>
    ask({
      verb: "list",
      kind,
      signal,
      limit,
      // A kind that an older Velero lacks counts as none.
      read: (end) =>
        cluster.list(kind, { ...query, signal: end }).catch((error: unknown) => {
          if (hasReason(error, "NoSuchKind")) return [];
          throw error;
        }),
    });
  const kinds = [podVolumeBackups, podVolumeRestores, dataUploads, dataDownloads];
  const [buckets, backupVolumes, deletions, claimsSeen, ...transfers] = await Promise.all([
    lookIntoBuckets(asked, intoBuckets),
    volumesOfNewest(asked, intoBuckets),
    list(deleteRequests, { namespace }),
    list(claims),
    ...kinds.map((kind) => list(kind, { namespace })),
  ]);
  return { deletions, claims: claimsSeen, transfers: together(transfers), buckets, backupVolumes };
}

function together<T>(facts: readonly Fact<readonly T[]>[]): Fact<readonly T[]> {
  const all: T[] = [];
  for (const fact of facts) {
    if (fact.state !== "known") return fact;
    all.push(...fact.value);
  }
  return known(all);
}
