import { Failure, usageFailure } from "../core/failure.ts";
import { objectName } from "../core/resource.ts";
import { withoutManagedFields } from "../output/printer.ts";
import { storageLocations } from "../velero/kinds.ts";
import type { LocationChange, LocationCreation, LocationRotation } from "../velero/location-change.ts";
import { defineCommand } from "./command.ts";
import { unavailable } from "./location-checked.ts";
import { flagsOf, locationFlags, readAction } from "./location-flags.ts";

export const command = defineCommand({
  flags: locationFlags,
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 2,
  examples: [
    [
      "kubectl mkebackup location create aws --bucket prod-backups --region eu-west-1 --credentials-file keys.ini",
      "A bucket of AWS, with keys of its own",
    ],
    [
      "kubectl mkebackup location create nas --bucket b --endpoint https://nas:9000 --path-style --ca-file ca.crt --secret nas=cloud",
      "Another store, with a private CA and a Secret that exists",
    ],
    [
      "kubectl mkebackup location create old --bucket b --region eu-west-1 --access-mode ReadOnly --credentials-file -",
      "Another cluster's backups, to restore from; keys from standard input",
    ],
    ["kubectl mkebackup location default aws", "Where backups go that name no location"],
    ["kubectl mkebackup location credentials aws --credentials-file keys.ini --profile new", "Change the keys"],
    ["kubectl mkebackup location delete old", "Forget a location; its files stay"],
  ],
  takes: (flag, [action = ""]) => flagsOf(action).includes(flag),
  async run(args, context): Promise<LocationChange> {
    const [word] = args.operands;
    if (word === "list" || word === "describe")
      throw usageFailure(`"${word}" stands before its flags`, `kubectl mkebackup location ${word}`);
    const { action, name } = readAction(args.operands, args);
    switch (action) {
      case "create":
        return (await import("./location-create.ts")).createLocation(name, args, context);
      case "default":
        return (await import("./location-default.ts")).makeDefault(name, context);
      case "delete":
        return (await import("./location-delete.ts")).deleteLocation(name, args, context);
      case "credentials":
        return (await import("./location-credentials.ts")).rotateCredentials(name, args, context);
    }
  },
  text: async (change, screen) =>
    (await import("../output/views/location-change.ts")).locationChangeText(change, screen),
  document(change) {
    switch (change.action) {
      case "delete":
        return {
          apiVersion: "mkebackup/v1",
          kind: "LocationDeletion",
          name: change.location.metadata.name,
          deleted: !change.declined,
          backups: change.backups,
          ...(change.secret === undefined ? {} : { secret: change.secret }),
          left: change.left,
        };
      case "default":
        return object(change);
      default:
        return change.state === "unproven"
          ? {
              apiVersion: "mkebackup/v1",
              kind: "StorageCheck",
              ...change.proof,
              namespace: change.location.metadata.namespace,
            }
          : object(change);
    }
  },
  names: (change) => (isDone(change) ? [objectName(storageLocations, change.location.metadata.name)] : []),
  verdict(change): Failure | undefined {
    const { name } = change.location.metadata;
    switch (change.action) {
      case "default":
        return undefined;
      case "delete":
        if (change.declined) return new Failure("failed", "Nothing was deleted.", { heading: "" });
        return change.left.length === 0
          ? undefined
          : new Failure("failed", `location ${name} is gone, but this was left: ${change.left.join("; ")}`);
      default:
        if (change.state === "unproven") return unproven(change);
        return change.state === "checked" ? unavailable(change.location) : undefined;
    }
  },
});

const object = ({ location }: LocationChange): object => ({
  apiVersion: "velero.io/v1",
  kind: "BackupStorageLocation",
  ...withoutManagedFields(location),
});

function isDone(change: LocationChange): boolean {
  if (change.action === "default") return true;
  return change.action === "delete" ? !change.declined : change.state !== "unproven";
}

function unproven({ action, location, proof }: LocationCreation | LocationRotation): Failure {
  const { name } = location.metadata;
  const { s3Url, s3ForcePathStyle } = location.spec?.config ?? {};
  const what =
    action === "create" ? `location ${name} was not created` : `the keys of location ${name} were not changed`;
  const isNew = action === "create" && s3Url !== undefined;
  const failed = proof?.steps.filter(({ status }) => status === "fail").map(({ name: step }) => step) ?? [];
  const wantsAuthority = failed.includes("TLS") && location.spec?.objectStorage?.caCert === undefined;
  const wantsPath = s3ForcePathStyle === undefined && !failed.includes("TLS") && !failed.includes("credentials");
  return new Failure("failed", `${what}: its storage cannot be used from here`, {
    next: [
      ...(isNew && wantsAuthority
        ? ["--ca-file FILE        (the authority that the store's certificate is signed by)"]
        : []),
      ...(isNew && wantsPath ? ["--path-style        (most stores but AWS want it)"] : []),
      "--no-check        (when only the server reaches the store)",
    ],
  });
}
