import { Failure, usageFailure } from "../core/failure.ts";
import type { BackupStorageLocation } from "./types.ts";

export const isAvailable = ({ status }: BackupStorageLocation): boolean => status?.phase === "Available";
export const isReadOnly = ({ spec }: Pick<BackupStorageLocation, "spec">): boolean => spec?.accessMode === "ReadOnly";

/** bucket or bucket/prefix */
export function bucketPath(location: Pick<BackupStorageLocation, "spec">): string {
  const { bucket = "" } = location.spec?.objectStorage ?? {};
  const folder = folderOf(location);
  return folder === "" ? bucket : `${bucket}/${folder}`;
}

/** The folder of the bucket that is the location's; "" for the whole bucket. */
export const folderOf = ({ spec }: Pick<BackupStorageLocation, "spec">): string =>
  trimmedFolder(spec?.objectStorage?.prefix);

/** Velero takes a prefix without the slashes around it. */
export const trimmedFolder = (prefix = ""): string => prefix.replace(/^\/+|\/+$/g, "");

/** The folder and the store it is in, as one word: the same for two locations that keep the same backups. */
export function storeOf(location: Pick<BackupStorageLocation, "spec">): string {
  const { provider = "", config } = location.spec ?? {};
  return `${URL.parse(config?.["s3Url"] ?? "")?.host ?? provider.replace(/^velero\.io\//, "")} ${bucketPath(location)}`;
}

/** The location that a backup without --storage-location goes to: the one marked default, else the server's own default name. */
export function defaultLocation(locations: readonly BackupStorageLocation[]): BackupStorageLocation | undefined {
  return locations.find(({ spec }) => spec?.default) ?? locations.find(({ metadata }) => metadata.name === "default");
}

/** The location a new backup will go to; throws when there is none, or none that can take a backup now. */
export function writableLocation(
  locations: readonly BackupStorageLocation[],
  name: string | undefined,
): BackupStorageLocation {
  const known = locations.map(({ metadata }) => metadata.name);
  const location =
    name === undefined ? defaultLocation(locations) : locations.find(({ metadata }) => metadata.name === name);
  if (location === undefined) {
    throw name === undefined
      ? usageFailure(
          "no location is the default one, so the backup needs --storage-location",
          `locations: ${known.join(", ") || "none"}`,
        )
      : new Failure("failed", `location ${name} does not exist`, {
          next: [`kubectl mkebackup list locations        (${known.join(", ") || "none"})`],
        });
  }
  if (isReadOnly(location)) {
    throw new Failure("failed", `location ${location.metadata.name} is read-only, so it takes no backups`, {
      next: ["kubectl mkebackup list locations"],
    });
  }
  checkAvailable(location);
  return location;
}

/** The location a backup lies in; throws when the server cannot read it now. A read-only one is good enough. */
export function availableLocation(locations: readonly BackupStorageLocation[], name: string): BackupStorageLocation {
  const location = locations.find(({ metadata }) => metadata.name === name);
  if (location === undefined) {
    throw new Failure("failed", `the backup lies in location ${name}, which does not exist (any more)`, {
      next: ["kubectl mkebackup list locations"],
    });
  }
  checkAvailable(location);
  return location;
}

function checkAvailable(location: BackupStorageLocation): void {
  if (isAvailable(location)) return;
  const phase = location.status?.phase;
  const why = phase ? unavailableReason(location) : "the Velero server has not checked it yet";
  throw new Failure("failed", `location ${location.metadata.name} is ${phase ?? "not checked"}: ${why}`, {
    next: ["kubectl mkebackup status"],
  });
}

/**
 * The cause inside the server's long message. The chain of an S3 client reads from the outside in
 * (`rpc error: … operation error S3: …, HostID: …, NoSuchBucket: …`), and the last link is the cause.
 */
export function unavailableReason({ status }: BackupStorageLocation): string {
  const message = (status?.message ?? "").replace(/^BackupStorageLocation "[^"]*" is unavailable: /, "").trim();
  if (message === "") return "the server gave no reason";
  for (const pattern of causes) {
    const cause = pattern.exec(message)?.[1];
    if (cause !== undefined) return cause.replace(/ on [\d.]+:53/, "").replace(/: $|[\s:]+$/, "");
  }
  return message.replace(/^rpc error: code = \w+ desc = /, "");
}

/** What ends such a chain, the most telling first. */
const causes = [
  /dial tcp: (.+)$/,
  /(dial tcp .+)$/,
  /api error (.+)$/,
  /((?:tls: [^:]+: )?x509: .+)$/,
  /HostID: [^,]*, (\w+: ?.*)$/,
  /(context deadline exceeded)/,
];
