import type { HeldBackups, LocationDescription } from "../../velero/location-description.ts";
import { phaseOf } from "../../velero/phases.ts";
import { bucketPath, isAvailable, unavailableReason } from "../../velero/storage-location.ts";
import type { Backup, BackupStorageLocation } from "../../velero/types.ts";
import { type FieldRow, fields } from "../fields.ts";
import type { Screen } from "../screen.ts";
import { ageOf, grouped, moment } from "../units.ts";
import { blocks, headline, labelsText, nameColumn, nextLines, unreadText, type Wanted } from "./describe-parts.ts";
import { shortDuration } from "./describe-spec.ts";

export function locationDescriptionText(description: LocationDescription, wanted: Wanted, screen: Screen): string {
  const { object, backups } = description;
  const { metadata, status } = object;
  const { details, inNamespace } = wanted;
  const reason = status?.message && !isAvailable(object) ? [unavailableReason(object)] : [];
  const held = backups.state === "read" ? backups.value : undefined;
  const name = metadata.name;
  return blocks([
    headline({ kind: "Location", name, phase: phaseOf(object), rest: roleText(object) }, reason, screen),
    fields(where(object, screen), screen, nameColumn),
    details && status?.message ? fields([["Message", status.message]], screen, nameColumn) : "",
    held === undefined ? "" : fields(heldRows(held, screen), screen, nameColumn),
    unreadText("The backups in it", backups, screen),
    details ? labelsText(metadata, screen) : "",
    nextLines([
      ...(isAvailable(object) ? [] : [`status${inNamespace}`]),
      ...(held?.newest === undefined ? [] : [`describe backup/${held.newest.metadata.name}${inNamespace}`]),
      `list backups -l velero.io/storage-location=${name}${inNamespace}`,
    ]),
  ]);
}

function roleText({ spec, status }: BackupStorageLocation): string {
  const parts = [
    ...(spec?.default ? ["the default one"] : []),
    ...(spec?.accessMode === "ReadOnly" ? ["read-only: no backup can go there"] : []),
    ...(status?.phase ? [] : ["the server has not checked it yet"]),
  ];
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

function where({ spec, status, metadata }: BackupStorageLocation, { now }: Screen): FieldRow[] {
  const object = { spec, metadata } as BackupStorageLocation;
  const ago = (time: string | undefined) => (time === undefined ? "never" : `${moment(time)}, ${ageOf(time, now)} ago`);
  const every = (text: string | undefined) => (text ? ` (every ${shortDuration(text)})` : "");
  const { caCert, caCertRef } = (spec?.objectStorage ?? {}) as {
    caCert?: string;
    caCertRef?: { name?: string; key?: string };
  };
  const authority =
    caCertRef === undefined
      ? caCert
        ? "its own, in the object"
        : undefined
      : `Secret ${caCertRef.name}, key ${caCertRef.key}`;
  return [
    ["Bucket", bucketPath(object)],
    ["Provider", spec?.provider],
    ["Access", spec?.accessMode || "ReadWrite"],
    ...configRows(spec?.config),
    [
      "Credential",
      spec?.credential ? `Secret ${spec.credential.name}, key ${spec.credential.key}` : "the server's own",
    ],
    ["CA", authority],
    ["Created", ago(metadata.creationTimestamp)],
    ["Checked", `${ago(status?.lastValidationTime)}${every(spec?.validationFrequency)}`],
    ["Synced", `${ago(status?.lastSyncedTime)}${every(spec?.backupSyncPeriod)}`],
  ];
}

function configRows(config: Readonly<Record<string, string>> | undefined): FieldRow[] {
  return Object.entries(config ?? {}).map(([key, value], at) => [
    at === 0 ? "Config" : "",
    `${key}=${withoutUser(value)}`,
  ]);
}

/** An address may carry a user and a password. */
const withoutUser = (value: string): string => value.replace(/^(\w+:\/\/)[^/@]*@/, "$1***@");

function heldRows({ count, phases, newest, newestUsable }: HeldBackups, { now }: Screen): FieldRow[] {
  const parts = Object.entries(phases).map(([phase, number]) => `${grouped(number)} ${phase}`);
  const one = (backup: Backup | undefined) => {
    if (backup === undefined) return undefined;
    const time = backup.status?.startTimestamp ?? backup.metadata.creationTimestamp;
    return `${backup.metadata.name}, ${phaseOf(backup)}, ${moment(time)}, ${ageOf(time, now)} ago`;
  };
  const usable = newestUsable !== newest ? one(newestUsable) : undefined;
  return [
    ["Backups", count === 0 ? "none" : `${grouped(count)}: ${parts.join(", ")}`],
    ["Newest", one(newest)],
    ["Newest usable", usable],
  ];
}
