import { describeBackup } from "../archive/backup-description.ts";
import { describeRestore } from "../archive/restore-description.ts";
import { hasFiles } from "../archive/run-files.ts";
import { usageFailure } from "../core/failure.ts";
import type { ResourceKind } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { backups, restores, schedules, storageLocations } from "../velero/kinds.ts";
import { locationsIn, mkeNamespace } from "../velero/namespace.ts";
import type { Backup, BackupStorageLocation, Restore, Schedule } from "../velero/types.ts";
import { openArchiveOf } from "./archives.ts";
import { type Context, defineCommand } from "./command.ts";
import { type Description, documentOf } from "./describe-document.ts";
import { findNamed } from "./find-named.ts";
import { readTarget, type TargetType } from "./target.ts";

type Named = Backup | Restore | Schedule | BackupStorageLocation;

interface Described {
  readonly description: Description;
  readonly details: boolean;
  /** ` -n velero`, where the user had to name it, for the commands that are proposed. */
  readonly inNamespace: string;
}

export const command = defineCommand({
  flags: {
    details: {
      type: "switch",
      describe: "The long lists too: every object, volume and item operation, labels and annotations",
    },
  },
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup describe nightly-20261124020000", "What a backup holds, and what went wrong in it"],
    ["kubectl mkebackup describe restore/nightly-20261124071500 --details", "What a restore did with each object"],
    ["kubectl mkebackup describe schedule/nightly", "When it runs next, and how its last backups ended"],
    ["kubectl mkebackup describe location/default", "Why a location is unavailable, and what lies in it"],
  ],
  async run(args, context): Promise<Described> {
    const word = args.operands[0];
    if (word === undefined)
      throw usageFailure(
        "say what to describe",
        "kubectl mkebackup describe backup/NAME, restore/NAME, schedule/NAME or location/NAME",
      );
    const target = readTarget(word, ["backup", "restore", "schedule", "location"]);
    // What draws it is loaded while the cluster answers.
    if (args.output === "table" || args.output === "wide") views[target.type]().catch(() => undefined);
    const description = await gatherers[target.type](target.name, context, args.details === true);
    const named = context.namedNamespace;
    const inNamespace = named === undefined ? "" : ` -n ${named}`;
    return { description, details: args.details === true, inNamespace };
  },
  async text({ description, ...how }, screen) {
    switch (description.type) {
      case "backup":
        return (await views.backup()).backupDescriptionText(description, how, screen);
      case "restore":
        return (await views.restore()).restoreDescriptionText(description, how, screen);
      case "schedule":
        return (await views.schedule()).scheduleDescriptionText(description, how, screen);
      default:
        return (await views.location()).locationDescriptionText(description, how, screen);
    }
  },
  document: ({ description }) => documentOf(description),
});

/** Several files are needed, and the server signs one link after the other. */
const prefer = "keys";

const views = {
  backup: () => import("../output/views/describe-backup.ts"),
  restore: () => import("../output/views/describe-restore.ts"),
  schedule: () => import("../output/views/describe-schedule.ts"),
  location: () => import("../output/views/describe-location.ts"),
} as const satisfies Record<TargetType, () => Promise<unknown>>;

const gatherers: Readonly<
  Record<TargetType, (name: string, context: Context, details: boolean) => Promise<Description>>
> = {
  async backup(name, context, details) {
    const { cluster, object, location } = await find(backups, name, context);
    const where = object.spec?.storageLocation || "default";
    const { namespace = "" } = object.metadata;
    const archive = openArchiveOf(context, cluster, { namespace, prefer, location: () => location(where) });
    const { signal } = context;
    return { type: "backup", ...(await describeBackup(object, { cluster, archive, signal, details })) };
  },
  async restore(name, context) {
    const { cluster, object, location, locations } = await find(restores, name, context);
    const { signal } = context;
    const { namespace = "" } = object.metadata;
    let asked: Promise<Backup> | undefined;
    const backup = () => (asked ??= cluster.get(backups, { namespace, name: object.spec?.backupName ?? "" }, signal));
    const known = await locations();
    const [first, ...others] = known;
    const open = (where: () => Promise<BackupStorageLocation>) =>
      openArchiveOf(context, cluster, { namespace, prefer, location: where });
    // Its backup tells where it lies. Until then, the way to the one store that there is can be made.
    if (first !== undefined && hasFiles(object) && new Set(known.map(storeOf)).size === 1)
      open(async () => first).prepare?.();
    const archive = open(async () =>
      first !== undefined && others.length === 0
        ? first
        : location((await backup()).spec?.storageLocation || "default"),
    );
    return { type: "restore", ...(await describeRestore(object, backup, { cluster, archive, signal })) };
  },
  async schedule(name, context) {
    const { cluster, object } = await find(schedules, name, context);
    const { describeSchedule } = await import("../velero/schedule-description.ts");
    return { type: "schedule", ...(await describeSchedule(object, cluster, context.signal)) };
  },
  async location(name, context) {
    const { cluster, object } = await find(storageLocations, name, context);
    const { describeLocation } = await import("../velero/location-description.ts");
    return { type: "location", ...(await describeLocation(object, cluster, context.signal)) };
  },
};

/** What tells one store from another, whatever the bucket. */
const storeOf = ({ spec }: BackupStorageLocation): string =>
  JSON.stringify([spec?.config?.["s3Url"], spec?.config?.["publicUrl"], spec?.objectStorage?.caCert]);

interface Found<T> {
  readonly cluster: Cluster;
  readonly object: T;
  location(name: string): Promise<BackupStorageLocation>;
  /** All of them, for what has files; none when they may not be listed. */
  locations(): Promise<readonly BackupStorageLocation[]>;
}

/** The object, read in the likely namespace beside finding out whether that is Velero's: one round trip instead of two. */
async function find<T extends Named>(kind: ResourceKind<T>, name: string, context: Context): Promise<Found<T>> {
  const cluster = await context.cluster();
  const list = `kubectl mkebackup list ${kind === storageLocations ? "locations" : kind.plural}`;
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
  return { cluster, object, location, locations: known };
}
