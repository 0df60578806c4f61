import { describeBackup } from "../archive/backup-description.ts";
import { describeRestore } from "../archive/restore-description.ts";
import { hasFiles } from "../archive/run-files.ts";
import { usageFailure } from "../core/failure.ts";
import { backups, restores, schedules, storageLocations } from "../velero/kinds.ts";
import type { Backup, BackupStorageLocation } from "../velero/types.ts";
import { openArchiveOf } from "./archives.ts";
import { type Context, defineCommand } from "./command.ts";
import { type Description, documentOf } from "./describe-document.ts";
import { findLikely } from "./find-likely.ts";
import { readTarget, type TargetType } from "./target.ts";

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
    const { cluster, object, location } = await findLikely(backups, name, context);
    const where = object.spec?.storageLocation || "default";
    const { namespace = "" } = object.metadata;
    const archive = openArchiveOf(context, cluster, { namespace, prefer, location: () => location(where) });
    const { signal } = context;
    return { type: "backup", ...(await describeBackup(object, { cluster, archive, signal, details })) };
  },
  async restore(name, context) {
    const { cluster, object, location, locations } = await findLikely(restores, name, context);
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
    const { cluster, object } = await findLikely(schedules, name, context);
    const { describeSchedule } = await import("../velero/schedule-description.ts");
    return { type: "schedule", ...(await describeSchedule(object, cluster, context.signal)) };
  },
  async location(name, context) {
    const { cluster, object } = await findLikely(storageLocations, name, context);
    const { describeLocation } = await import("../velero/location-description.ts");
    return { type: "location", ...(await describeLocation(object, cluster, context.signal)) };
  },
};

/** What tells one store from another, whatever the bucket. */
const storeOf = ({ spec }: BackupStorageLocation): string =>
  JSON.stringify([spec?.config?.["s3Url"], spec?.config?.["publicUrl"], spec?.objectStorage?.caCert]);
