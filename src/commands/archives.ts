import { type Archive, type ArchiveOptions, openArchive } from "../archive/archive.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backups, storageLocations } from "../velero/kinds.ts";
import type { Backup, BackupStorageLocation, Restore } from "../velero/types.ts";
import type { Context } from "./command.ts";

/** What Velero stored in a location, with what the command may reach. */
export function openArchiveOf(
  context: Context,
  cluster: Cluster,
  where: Pick<ArchiveOptions, "namespace" | "location" | "prefer">,
): Archive {
  const { store, signal, insecureSkipTlsVerify, note } = context;
  return openArchive({ cluster, store, signal, insecureSkipTlsVerify, note, ...where });
}

/** The location that a backup lies in; a restore's files lie where its backup does. Throws when either is gone. */
export async function locationOf(
  cluster: Cluster,
  { spec, metadata }: Backup | Restore,
  signal: AbortSignal,
): Promise<BackupStorageLocation> {
  const { namespace } = metadata;
  const held =
    spec !== undefined && "backupName" in spec
      ? (await cluster.get(backups, { namespace, name: spec.backupName }, signal)).spec
      : spec;
  return cluster.get(storageLocations, { namespace, name: held?.storageLocation ?? "default" }, signal);
}
