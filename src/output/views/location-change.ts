import type { LocationChange, LocationCreation, LocationRotation } from "../../velero/location-change.ts";
import { phaseOf } from "../../velero/phases.ts";
import { bucketPath, isAvailable } from "../../velero/storage-location.ts";
import type { StorageProof } from "../../velero/storage-proof.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import { type FieldRow, fields } from "../fields.ts";
import type { Screen } from "../screen.ts";
import { visible } from "../text.ts";
import { blocks, headline, nextLines, paragraph } from "./describe-parts.ts";
import { storageCheckText } from "./storage-check.ts";

/** What was done to a location: the answer first, then where it is and what can be done now. */
export function locationChangeText(change: LocationChange, screen: Screen): string {
  const { name } = change.location.metadata;
  switch (change.action) {
    case "default": {
      const others = change.before.filter((other) => other !== name);
      const was = others.length === 0 ? "" : `, and no more to ${others.join(", ")}`;
      const isNew = !change.before.includes(name) || others.length > 0;
      return isNew
        ? paragraph(`Backups that name no location go to ${name} from now on${was}.`, screen).join("\n")
        : `Location ${visible(name)} is the default already.`;
    }
    case "delete":
      return change.declined ? "" : deletionText(change.backups.length, change.secret, change.location, screen);
    default:
      return changeText(change, screen);
  }
}

function changeText(change: LocationCreation | LocationRotation, screen: Screen): string {
  const { location, state, proof } = change;
  if (state === "unproven") return proof === undefined ? "" : storageCheckText(location, told(change, proof), screen);
  if (state === "dry run" || state === "server dry run") {
    const lines = [
      ...(change.secret === undefined ? [] : [`secret/${change.secret} created (${state})`]),
      `backupstoragelocation.velero.io/${location.metadata.name} created (${state})`,
    ];
    return blocks([lines.join("\n"), fields(whereRows(change), screen, column)]);
  }
  const { name } = location.metadata;
  const what = change.action === "create" ? "created" : `keys changed in Secret ${change.secret}`;
  const phase = state === "sent" ? "" : phaseOf(location);
  const isBad = phase !== "" && !isAvailable(location);
  const head =
    phase === ""
      ? `Location ${visible(name)}: ${visible(what)}, not checked by the server yet`
      : headline(
          { kind: "Location", name, phase, rest: `: ${what}${isBad ? ", but the server cannot use it" : ""}` },
          [],
          screen,
        );
  const usable = change.action === "create" && isAvailable(location) && location.spec?.accessMode !== "ReadOnly";
  return blocks([
    head,
    fields(whereRows(change), screen, column),
    nextLines([...(usable ? [`create --storage-location ${name}`] : []), `describe location/${name}`]),
  ]);
}

/** Of a location that does not exist there is nothing to look at. */
function told({ action, location }: LocationCreation | LocationRotation, proof: StorageProof): StorageProof {
  const isAbout = (next = "") => next.includes(`location/${location.metadata.name}`);
  if (action !== "create") return proof;
  return {
    ...proof,
    steps: proof.steps.map(({ next, ...step }) => (next && !isAbout(next) ? { ...step, next } : step)),
  };
}

const column = 11;

function whereRows(change: LocationCreation | LocationRotation): FieldRow[] {
  const { spec } = change.location;
  const { s3Url, region, profile } = spec?.config ?? {};
  const made = change.action === "create" && change.secret !== undefined ? ", made for it" : "";
  const inProfile = profile === undefined ? "" : `, profile ${profile}`;
  return [
    ["Bucket", bucketPath(change.location)],
    ["Store", s3Url ?? `AWS, region ${region}`],
    ["Access", spec?.accessMode],
    ["Default", spec?.default ? "yes" : undefined],
    ["CA", spec?.objectStorage?.caCert === undefined ? undefined : "its own, in the object"],
    [
      "Keys",
      spec?.credential === undefined
        ? "the server's own"
        : `Secret ${spec.credential.name}, key ${spec.credential.key}${inProfile}${made}`,
    ],
  ];
}

function deletionText(
  backups: number,
  secret: string | undefined,
  location: BackupStorageLocation,
  screen: Screen,
): string {
  const { name } = location.metadata;
  const objects = backups === 0 ? "" : ` with ${backups} Backup object${backups === 1 ? "" : "s"}`;
  const key = secret === undefined ? "" : `${objects === "" ? " with" : " and"} Secret ${secret}`;
  const sentence = `Location ${name} deleted${objects}${key}; the files in bucket ${bucketPath(location)} stay.`;
  return paragraph(sentence, screen).join("\n");
}
