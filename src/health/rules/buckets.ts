import { parseGoDuration } from "../../core/duration.ts";
import { isUsable } from "../../velero/phases.ts";
import { bucketPath, isAvailable, storeOf } from "../../velero/storage-location.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand, serverLog } from "../facts.ts";
import { lostBackups } from "../object-store.ts";
import type { StoredBackup } from "../probes/buckets.ts";
import { counted, listed, type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { dateOf } from "../workload.ts";
import { serverIsDown } from "./server.ts";

const texts = {
  "backup.vanished": {
    severity: "fail",
    summary: "Backups are listed whose files are gone",
    cause:
      "The location is available and its bucket was looked into: it has no folder for them. Somebody or a lifecycle rule emptied it, or the location was pointed at another bucket or prefix. Velero forgets such backups at its next look.",
    remedy: "Find out who deletes in the bucket, or bring its files back from a copy; take a new backup.",
    doc: pages.howVeleroWorks,
  },
  "backup.unlisted": {
    severity: "warn",
    summary: "The bucket holds backups that the cluster does not list",
    cause:
      "Velero looks into the bucket each minute and imports what it finds, but not a backup that it cannot read, and none that was not finished: another cluster may still work on it, or was interrupted.",
    remedy: "Read why in the server's log.",
    doc: pages.howVeleroWorks,
  },
  "backup.duplicate": {
    severity: "warn",
    summary: "Two locations hold backups of the same name",
    cause:
      "A cluster lists one backup of a name. The other can be neither shown, restored nor deleted while this one is there, and is never expired.",
    remedy:
      "Give one of the two locations another cluster's backups under other names, or delete the one that is not needed.",
    doc: pages.location,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const bucketRules = defineFamily({
  title: "Contents of buckets",
  rules: texts,
  judge: (facts) =>
    lookedInto(facts)
      .flatMap((seen) => [...vanished(facts, seen), ...unlisted(facts, seen)])
      .concat(duplicates(facts)),
});

const minute = 60_000;
/** What ended while the bucket was being listed. */
const listingTakes = 15_000;
const importTakes = 5 * minute;

interface Looked {
  readonly location: BackupStorageLocation;
  readonly stored: readonly StoredBackup[];
}

function lookedInto(facts: Facts): Looked[] {
  return (knownValue(facts.locations) ?? []).filter(isAvailable).flatMap((location) => {
    const fact = facts.thorough?.buckets.get(location.metadata.name);
    const stored = fact && knownValue(fact);
    return stored === undefined ? [] : [{ location, stored }];
  });
}

function vanished(facts: Facts, { location, stored }: Looked): Found[] {
  const { name } = location.metadata;
  const lost = lostBackups(facts);
  const there = new Set(stored.map((one) => one.name));
  const gone = (knownValue(facts.backups) ?? []).filter(
    (backup) =>
      isUsable(backup) &&
      backup.spec?.storageLocation === name &&
      facts.now.getTime() - Date.parse(backup.status?.completionTimestamp ?? "") > listingTakes &&
      !there.has(backup.metadata.name) &&
      !lost.includes(backup),
  );
  if (gone.length === 0) return [];
  const names = gone.map(({ metadata }) => metadata.name);
  return [
    {
      id: "backup.vanished",
      severity: "fail",
      about: ["backups", `location/${name}`],
      title: `The files of ${counted(gone.length, "backup")} are gone`,
      evidence: say`${bucketPath(location)} of location ${name} holds nothing of ${listed(names)}.`,
      next: ownCommand(facts, `describe location/${name}`),
    },
  ];
}

function unlisted(facts: Facts, { location, stored }: Looked): Found[] {
  const backups = knownValue(facts.backups);
  const synced = dateOf(location.status?.lastSyncedTime);
  const { name } = location.metadata;
  const period = parseGoDuration(location.spec?.backupSyncPeriod ?? "1m") ?? minute;
  const allowed = importTakes + period;
  // A server that does not look cannot list them.
  const isLooking = synced !== undefined && facts.now.getTime() - synced.getTime() < allowed && !serverIsDown(facts);
  if (backups === undefined || period === 0 || !isLooking) return [];
  const known = new Set(backups.map(({ metadata }) => metadata.name));
  const missing = stored.filter(
    (one) => one.written !== undefined && synced.getTime() - one.written.getTime() > allowed && !known.has(one.name),
  );
  if (missing.length === 0) return [];
  return [
    {
      id: "backup.unlisted",
      severity: "warn",
      about: ["backups"],
      title: `Location ${name} holds ${counted(missing.length, "backup")} that the cluster does not list`,
      evidence: say`Velero last looked ${synced} and did not import ${listed(missing.map((one) => one.name))}.`,
      next: serverLog(facts),
    },
  ];
}

function duplicates(facts: Facts): Found[] {
  const looked = lookedInto(facts);
  const places = new Map<string, string[]>();
  const stores = new Set<string>();
  for (const { location, stored } of looked) {
    // Two locations of one bucket hold the same backups, not two of a name.
    if (stores.has(storeOf(location))) continue;
    stores.add(storeOf(location));
    for (const { name, written } of stored) {
      if (written !== undefined) places.set(name, [...(places.get(name) ?? []), location.metadata.name]);
    }
  }
  const twice = [...places].filter(([, locations]) => locations.length > 1);
  const [first] = twice;
  if (first === undefined) return [];
  const shown = (knownValue(facts.backups) ?? []).find(({ metadata }) => metadata.name === first[0])?.spec
    ?.storageLocation;
  return [
    {
      id: "backup.duplicate",
      severity: "warn",
      about: ["backups"],
      title:
        twice.length === 1
          ? `Backup ${first[0]} has a namesake in another location`
          : `Backups have namesakes in another location (${twice.length})`,
      evidence: say`${listed(twice.map(([name, locations]) => `${name} (${locations.join(", ")})`))}. The cluster shows ${shown === undefined ? "none of the two" : `the one in ${shown}`}; the other cannot be restored.`,
      next: ownCommand(facts, `describe backup/${first[0]}`),
    },
  ];
}
