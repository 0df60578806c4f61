import type { ResourceKind } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backups, restores, storageLocations } from "../velero/kinds.ts";
import { locationsIn, mkeNamespace } from "../velero/namespace.ts";
import type { Backup, BackupStorageLocation, Restore, Schedule } from "../velero/types.ts";
import type { Context } from "./command.ts";
import { findNamed } from "./find-named.ts";

export interface Likely<T> {
  readonly cluster: Cluster;
  /** Velero's. */
  readonly namespace: string;
  readonly object: T;
  location(name: string): Promise<BackupStorageLocation>;
  /** All of them, for what has files; none when they may not be listed. */
  locations(): Promise<readonly BackupStorageLocation[]>;
}

/** The object that the user named, read in the likely namespace beside finding out whether that is Velero's: one round trip instead of two. */
export async function findLikely<T extends Backup | Restore | Schedule | BackupStorageLocation>(
  kind: ResourceKind<T>,
  name: string,
  context: Context,
): Promise<Likely<T>> {
  const cluster = await context.cluster();
  const list = `kubectl mkebackup list ${kind.kind === storageLocations.kind ? "locations" : kind.plural}`;
  const look = (namespace: string, signal: AbortSignal) =>
    findNamed<T>(cluster, kind, { namespace, name }, { signal, list });
  const wrong = new AbortController();
  const guess =
    context.namedNamespace === undefined
      ? look(mkeNamespace, AbortSignal.any([context.signal, wrong.signal]))
      : undefined;
  guess?.catch(() => undefined);
  const velero = await context.velero();
  if (velero.name !== mkeNamespace) wrong.abort();
  const holdsFiles = kind.kind === backups.kind || kind.kind === restores.kind;
  const locations = holdsFiles ? locationsIn(cluster, velero) : Promise.resolve([]);
  locations.catch(() => undefined);
  const object = await (velero.name === mkeNamespace && guess !== undefined
    ? guess
    : look(velero.name, context.signal));
  const known = () => locations.catch(() => []);
  const location = async (wanted: string) =>
    (await known()).find(({ metadata }) => metadata.name === wanted) ??
    cluster.get(storageLocations, { namespace: velero.name, name: wanted }, context.signal);
  return { cluster, namespace: velero.name, object, location, locations: known };
}
