import type { BackupDescription } from "../archive/backup-description.ts";
import type { RestoreDescription } from "../archive/restore-description.ts";
import type { Section } from "../core/section.ts";
import { withoutManagedFields } from "../output/printer.ts";
import type { LocationDescription } from "../velero/location-description.ts";
import type { ScheduleDescription } from "../velero/schedule-description.ts";

/** What was gathered about the one object that the user named. */
export type Description =
  | ({ readonly type: "backup" } & BackupDescription)
  | ({ readonly type: "restore" } & RestoreDescription)
  | ({ readonly type: "schedule" } & ScheduleDescription)
  | ({ readonly type: "location" } & LocationDescription);

/** One document for programs: the object as served, and the sections. One that could not be read is `{unread: REASON}`. */
export function documentOf(description: Description): object {
  const { object } = description;
  const head = (kind: string, apiKind: string) => ({
    apiVersion: "mkebackup/v1",
    kind,
    object: { apiVersion: "velero.io/v1", kind: apiKind, ...withoutManagedFields(object) },
  });
  switch (description.type) {
    case "backup": {
      const { bucket, results, volumes, operations, resources, restores, deletions } = description;
      return {
        ...head("BackupDescription", "Backup"),
        ...part("bucket", bucket),
        ...part("results", results),
        ...volumeParts(volumes),
        ...part("itemOperations", operations),
        ...part("resources", resources),
        ...part("restores", restores, bare),
        ...part("deletionRequests", deletions, bare),
      };
    }
    case "restore": {
      const { backup, results, volumes, operations, resources } = description;
      return {
        ...head("RestoreDescription", "Restore"),
        ...part("backup", backup, withoutManagedFields),
        ...part("results", results),
        ...volumeParts(volumes),
        ...part("itemOperations", operations),
        ...part("resources", resources),
      };
    }
    case "schedule":
      return {
        ...head("ScheduleDescription", "Schedule"),
        ...(description.next === undefined ? {} : { nextRun: description.next.toISOString() }),
        ...part("backups", description.backups, bare),
      };
    default:
      return {
        ...head("LocationDescription", "BackupStorageLocation"),
        ...part("backups", description.backups, ({ newest, newestUsable, ...held }) => ({
          ...held,
          ...(newest === undefined ? {} : { newest: withoutManagedFields(newest) }),
          ...(newestUsable === undefined ? {} : { newestUsable: withoutManagedFields(newestUsable) }),
        })),
      };
  }
}

const bare = (objects: readonly { readonly metadata: object }[]): object[] => objects.map(withoutManagedFields);

const same = (value: unknown): unknown => value;

function part<T>(name: string, section: Section<T> | undefined, shown: (value: T) => unknown = same): object {
  if (section === undefined) return {};
  if (section.state === "read") return { [name]: shown(section.value) };
  return { [name]: { [section.state]: section.reason } };
}

const volumeParts = ({ known, unread }: BackupDescription["volumes"]): object => ({
  volumes: known,
  ...(unread.length === 0 ? {} : { volumesUnread: unread }),
});
