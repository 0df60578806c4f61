import { readVolumeInfos, type Volume } from "../../archive/volume-infos.ts";
import { hasReason } from "../../core/failure.ts";
import { secrets } from "../../core/resource.ts";
import type { StoredEntry } from "../../object-store/object-store.ts";
import { isAvailable } from "../../velero/storage-location.ts";
import { ask, type Fact, known, knownValue } from "../fact.ts";
import { newestGoodOnes } from "../sources.ts";
import { dateOf } from "../workload.ts";
import type { AskedOfBackups, BackupFacts } from "./backups.ts";
import type { ProbeOptions } from "./thorough.ts";

/** A backup's folder in a bucket. */
export interface StoredBackup {
  readonly name: string;
  /** When its metadata was last written; undefined without metadata: Velero does not count it as a backup then. */
  readonly written: Date | undefined;
}

/** Milliseconds that a bucket may take: the way to it may have to be opened first. */
const bucketLimit = 10_000;
/** Volumes are read of this many backups at the most. */
const mostBackupsRead = 5;

/** What each available location's bucket holds. A location that is not available is another rule's finding. */
export async function lookIntoBuckets(
  asked: AskedOfBackups,
  { openArchive, signal }: ProbeOptions,
): Promise<BackupFacts["buckets"]> {
  const locations = (knownValue(await asked.locations) ?? []).filter(isAvailable);
  if (openArchive === undefined) return new Map();
  const seen = locations.map(async (location): Promise<[string, Fact<readonly StoredBackup[]>]> => {
    const read = async () => storedBackups(await (await openArchive(location)).entries("backup"));
    return [location.metadata.name, await ask({ verb: "get", kind: secrets, signal, limit: bucketLimit, read })];
  });
  return new Map(await Promise.all(seen));
}

/** By their folders: …/backups/NAME/FILE. */
export function storedBackups(entries: readonly StoredEntry[]): StoredBackup[] {
  const written = new Map<string, Date | undefined>();
  for (const { key, modified } of entries) {
    const [, name, file] = /(?:^|\/)backups\/([^/]+)\/([^/]*)$/.exec(key) ?? [];
    if (name === undefined) continue;
    written.set(name, file === "velero-backup.json" ? (dateOf(modified) ?? new Date(0)) : written.get(name));
  }
  return [...written].map(([name, at]) => ({ name, written: at }));
}

/** The volumes of the newest good backup of each schedule, and of the newest without one. */
export async function volumesOfNewest(
  asked: AskedOfBackups,
  { openArchive, signal }: ProbeOptions,
): Promise<BackupFacts["backupVolumes"]> {
  const [backups, locations] = await Promise.all([asked.backups, asked.locations]);
  if (openArchive === undefined || backups.state !== "known" || locations.state !== "known") return known(new Map());
  const available = new Map(locations.value.filter(isAvailable).map((one) => [one.metadata.name, one]));
  const wanted = newestGoodOnes(backups.value).slice(0, mostBackupsRead);
  const read = async (): Promise<ReadonlyMap<string, readonly Volume[]>> => {
    const found = wanted.map(async ({ metadata: { name }, spec }): Promise<[string, readonly Volume[]][]> => {
      const location = available.get(spec?.storageLocation ?? "");
      if (location === undefined) return [];
      try {
        return [[name, await readVolumeInfos(await openArchive(location), "backup", name)]];
      } catch (error) {
        // Velero writes this file since 1.13.
        if (hasReason(error, "NotFound")) return [];
        throw error;
      }
    });
    return new Map((await Promise.all(found)).flat());
  };
  return ask({ verb: "get", kind: secrets, signal, limit: bucketLimit, read });
}
