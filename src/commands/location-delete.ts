import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import { type KubeObject, type ResourceKind, resourceName, type Secret, secrets } from "../core/resource.ts";
import { visible } from "../core/visible.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backupRepositories, backups, schedules, storageLocations } from "../velero/kinds.ts";
import type { LocationDeletion } from "../velero/location-change.ts";
import { isMadeHere } from "../velero/location-plan.ts";
import { labelValue } from "../velero/names.ts";
import { isRunning } from "../velero/phases.ts";
import { bucketPath } from "../velero/storage-location.ts";
import type { Backup, BackupStorageLocation, Schedule } from "../velero/types.ts";
import type { Context } from "./command.ts";
import { findLocation } from "./find-location.ts";
import type { LocationArgs } from "./location-flags.ts";
import { refuseOthersObject } from "./location-owner.ts";

/** What a location's end touches. */
interface Doomed {
  readonly location: BackupStorageLocation;
  readonly backups: readonly Backup[];
  readonly schedules: readonly Schedule[];
  readonly secret: Secret | undefined;
}

/**
 * Removes a location, and with it what is of no use without it: the Backup objects and repositories of that location, as
 * Velero's own CLI does, and the Secret that this program made. The bucket's files stay.
 */
export async function deleteLocation(name: string, args: LocationArgs, context: Context): Promise<LocationDeletion> {
  const { signal } = context;
  const { cluster, namespace, location } = await findLocation(name, context);
  await refuseOthersObject(cluster, location, signal);
  const doomed = await gather(cluster, location, signal);
  refuseUseful(doomed, args.yes === true);
  context.tell(consequences(doomed));
  if (!args.yes && !(await agreed(context, name)))
    return { action: "delete", location, declined: true, backups: [], left: [] };
  await cluster.delete(storageLocations, { namespace, name }, signal);
  return { action: "delete", location, declined: false, ...(await removeRest(cluster, doomed, signal)) };
}

const labelOf = ({ metadata: { name } }: BackupStorageLocation): string =>
  `velero.io/storage-location=${labelValue(name)}`;

async function gather(cluster: Cluster, location: BackupStorageLocation, signal: AbortSignal): Promise<Doomed> {
  const { name, namespace = "" } = location.metadata;
  const own = location.spec?.credential?.name;
  const [held, planned, others, secret] = await Promise.all([
    // The label comes when the server begins: of those that wait in its queue, the spec alone tells.
    cluster.list(backups, { namespace, signal }),
    cluster.list(schedules, { namespace, signal }).catch(unlessForbidden<Schedule[]>([])),
    cluster.list(storageLocations, { namespace, signal }),
    own === undefined
      ? undefined
      : cluster.get(secrets, { namespace, name: own }, signal).catch(unlessForbidden<Secret | undefined>(undefined)),
  ]);
  const isShared = others.some(({ metadata, spec }) => metadata.name !== name && spec?.credential?.name === own);
  return {
    location,
    backups: held.filter(
      ({ metadata, spec }) =>
        spec?.storageLocation === name || metadata.labels?.["velero.io/storage-location"] === labelValue(name),
    ),
    schedules: planned.filter(({ spec }) => spec?.template?.storageLocation === name),
    secret: secret !== undefined && isMadeHere(secret) && !isShared ? secret : undefined,
  };
}

const unlessForbidden =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (hasReason(error, "Forbidden") || hasReason(error, "NotFound")) return instead;
    throw error;
  };

function refuseUseful({ location, backups: held }: Doomed, insists: boolean): void {
  const { name } = location.metadata;
  const running = held.find(isRunning);
  if (running !== undefined) {
    throw new Failure("failed", `backup ${running.metadata.name} is still being written to location ${name}`, {
      next: [`kubectl mkebackup wait backup/${running.metadata.name}`],
    });
  }
  if (location.spec?.default && !insists) {
    throw new Failure("failed", `location ${name} is the default one: without it, backups that name no location fail`, {
      next: [
        "kubectl mkebackup location default NAME        (make another one the default first)",
        `kubectl mkebackup location delete ${name} --yes`,
      ],
    });
  }
}

/** What goes and what stays, before the question. */
function consequences({ location, backups: held, schedules: planned, secret }: Doomed): string {
  const { name } = location.metadata;
  const first = held.slice(0, 3).map(({ metadata }) => metadata.name);
  const names = `${first.join(", ")}${held.length > first.length ? ", …" : ""}`;
  const objects = `${held.length} Backup object${held.length === 1 ? "" : "s"}: no restore from ${held.length === 1 ? "it" : "them"} (${names})`;
  return [
    `Delete location ${name}`,
    "  goes    the location: Velero looks there no more",
    ...(held.length === 0 ? [] : [`          ${objects}`]),
    ...(secret === undefined ? [] : [`          Secret ${secret.metadata.name} with its keys`]),
    `  stays   every file in bucket ${visible(bucketPath(location))}`,
    ...(held.length === 0 ? [] : ["          (a new location of that bucket brings the backups back)"]),
    ...planned.map(({ metadata }) => `  breaks  schedule ${metadata.name}, whose backups go there`),
  ].join("\n");
}

async function agreed(context: Context, name: string): Promise<boolean> {
  try {
    return await context.confirm("Delete?");
  } catch (error) {
    if (!hasReason(error, "NoTerminal")) throw error;
    throw new Failure("usage", "the deletion of a location needs a yes and there is no terminal to ask on", {
      next: [`kubectl mkebackup location delete ${name} --yes`],
    });
  }
}

async function removeRest(
  cluster: Cluster,
  { location, backups: held, secret }: Doomed,
  signal: AbortSignal,
): Promise<Pick<LocationDeletion, "backups" | "secret" | "left">> {
  const { namespace } = location.metadata;
  const left: string[] = [];
  const remove = async (kind: ResourceKind, { metadata: { name } }: KubeObject): Promise<boolean> => {
    try {
      await cluster.delete(kind, { namespace, name }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (hasReason(error, "NotFound")) return true;
      left.push(`${resourceName(kind)} ${name}: ${sentenceOf(error)}`);
      return false;
    }
    return true;
  };
  const gone: string[] = [];
  for (const backup of held) if (await remove(backups, backup)) gone.push(backup.metadata.name);
  const query = { namespace, labelSelector: labelOf(location), signal };
  for (const one of await cluster.list(backupRepositories, query).catch(() => []))
    await remove(backupRepositories, one);
  const isGone = secret !== undefined && (await remove(secrets, secret));
  return { backups: gone, left, ...(isGone ? { secret: secret.metadata.name } : {}) };
}
