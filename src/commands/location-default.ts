import { Failure } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import { storageLocations } from "../velero/kinds.ts";
import type { LocationDefault } from "../velero/location-change.ts";
import { isAvailable, isReadOnly } from "../velero/storage-location.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { Context } from "./command.ts";
import { findLocation } from "./find-location.ts";
import { refuseOthersObject } from "./location-owner.ts";

/** Makes a location the one that backups go to when they name none. */
export async function makeDefault(name: string, context: Context): Promise<LocationDefault> {
  const { signal } = context;
  const { cluster, namespace, location } = await findLocation(name, context);
  const all = await cluster.list(storageLocations, { namespace, signal });
  const others = all.filter(({ metadata, spec }) => metadata.name !== name && spec?.default);
  const before = all.filter(({ spec }) => spec?.default).map(({ metadata }) => metadata.name);
  if (location.spec?.default && others.length === 0) return { action: "default", location, before };
  if (isReadOnly(location)) {
    throw new Failure("failed", `location ${name} is read-only, so backups cannot go there by default`, {
      next: ["kubectl mkebackup list locations"],
    });
  }
  for (const changed of [...others, location]) await refuseOthersObject(cluster, changed, signal);
  if (!isAvailable(location))
    context.tell(
      `Warning: location ${name} is ${location.status?.phase ?? "not checked yet"}: backups fail until it is Available.`,
    );
  const change = { spec: { default: true } };
  const where = { namespace, name };
  // Whoever may not change them all changes none.
  for (const { metadata } of others)
    await cluster.patch(storageLocations, metadata, { spec: { default: false } }, signal, { dryRun: true });
  await cluster.patch(storageLocations, where, change, signal, { dryRun: true });
  await unsetDefaults(cluster, others, signal);
  try {
    const changed = await cluster.patch(storageLocations, where, change, signal);
    tellOfRestarts(all, name, context);
    return { action: "default", location: changed, before };
  } catch (error) {
    for (const { metadata } of others) await cluster.patch(storageLocations, metadata, change).catch(() => undefined);
    throw error;
  }
}

/** Of several defaults the server keeps the one it has checked last, so the others go first. */
export async function unsetDefaults(
  cluster: Cluster,
  locations: readonly BackupStorageLocation[],
  signal: AbortSignal,
): Promise<void> {
  for (const { metadata, spec } of locations)
    if (spec?.default) await cluster.patch(storageLocations, metadata, { spec: { default: false } }, signal);
}

/** The server's own flag names the location `default`, and it is made the default again at every start. */
function tellOfRestarts(all: readonly BackupStorageLocation[], name: string, context: Context): void {
  if (name === "default" || !all.some(({ metadata }) => metadata.name === "default")) return;
  context.tell(
    `Warning: when the Velero server starts, it makes location default the default again, unless its flag says otherwise: --default-backup-storage-location=${name}`,
  );
}
