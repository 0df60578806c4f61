import { type Section, section } from "../core/section.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backups } from "./kinds.ts";
import { labelValue } from "./names.ts";
import { isUsable, phaseOf } from "./phases.ts";
import type { Backup, BackupStorageLocation } from "./types.ts";

export interface LocationDescription {
  readonly object: BackupStorageLocation;
  readonly backups: Section<HeldBackups>;
}

/** The backups that the cluster knows in a location. */
export interface HeldBackups {
  readonly count: number;
  /** How many are in each phase. */
  readonly phases: Readonly<Record<string, number>>;
  readonly newest?: Backup;
  /** The newest that a restore can rely on. */
  readonly newestUsable?: Backup;
}

export async function describeLocation(
  object: BackupStorageLocation,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<LocationDescription> {
  const { name, namespace } = object.metadata;
  const labelSelector = `velero.io/storage-location=${labelValue(name)}`;
  const held = await section(signal, () => counted(cluster.pages(backups, { namespace, labelSelector, signal })));
  return { object, backups: held };
}

/** Page by page: of thousands of backups, two are kept. */
async function counted(pages: AsyncIterable<readonly Backup[]>): Promise<HeldBackups> {
  let count = 0;
  let [newest, newestUsable]: (Backup | undefined)[] = [];
  const phases: Record<string, number> = {};
  for await (const page of pages) {
    for (const backup of page) {
      count += 1;
      phases[phaseOf(backup)] = (phases[phaseOf(backup)] ?? 0) + 1;
      newest = later(newest, backup);
      if (isUsable(backup)) newestUsable = later(newestUsable, backup);
    }
  }
  return { count, phases, ...(newest && { newest }), ...(newestUsable && { newestUsable }) };
}

const began = ({ metadata, status }: Backup): string => status?.startTimestamp ?? metadata.creationTimestamp ?? "";
const later = (a: Backup | undefined, b: Backup): Backup => (a === undefined || began(b) > began(a) ? b : a);
