import { parseGoDuration } from "../../core/duration.ts";
import { validationGoesStaleAfter } from "../../velero/server.ts";
import { defaultLocation, isAvailable, isReadOnly } from "../../velero/storage-location.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import { absenceOf } from "../absence.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand, serverLog } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { dateOf } from "../workload.ts";
import { serverIsDown } from "./server.ts";

const texts = {
  "location.missing": {
    severity: "fail",
    summary: "There is no place to keep backups",
    cause: "Velero's namespace holds no BackupStorageLocation.",
    remedy: "Declare storage in MKE's configuration, or create a location.",
    doc: pages.location,
  },
  "location.unchecked": {
    severity: "fail",
    summary: "Velero has never checked a location",
    cause: "The location has no phase minutes after it was made: the server does not look at it.",
    remedy: "Read the server's log.",
    doc: pages.location,
  },
  "location.stale": {
    severity: "either",
    summary: "Velero no longer checks a location",
    cause: "A working server checks each location every minute. The phase that is shown is from when it last did.",
    remedy: "Read the server's log, and restart it when it hangs.",
    doc: pages.location,
  },
  "location.no-default": {
    severity: "warn",
    summary: "No location is the default one",
    cause: "Every backup then has to name its location, and schedules that do not are refused.",
    remedy: "Make one the default.",
    doc: pages.location,
  },
  "location.several-defaults": {
    severity: "warn",
    summary: "Several locations are the default one",
    cause: "More than one BackupStorageLocation has spec.default: true, as happens when one is added beside MKE's.",
    remedy: "Choose one; location default takes the mark from the others.",
    doc: pages.location,
  },
  "location.read-only": {
    severity: "warn",
    summary: "The default location is read-only",
    cause: "It takes no new backups, and none in it expires or is deleted.",
    remedy: "Set its accessMode to ReadWrite, or make another the default.",
    doc: pages.location,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const locationRules = defineFamily({
  title: "Locations",
  rules: texts,
  judge: (facts) => judgeLocations(facts),
});

/** A new location is checked within seconds by a server that works. */
const firstCheckTakes = 2 * 60_000;

function judgeLocations(facts: Facts): Found[] {
  const locations = knownValue(facts.locations);
  if (locations === undefined) return [];
  if (locations.length === 0) return absenceOf(facts) === undefined ? [missing(facts)] : [];
  return [...locations.flatMap((location) => judgeLocation(facts, location)), ...judgeDefault(facts, locations)];
}

function missing(facts: Facts): Found {
  return {
    id: "location.missing",
    severity: "fail",
    about: ["backups"],
    title: "There is no place to keep backups",
    evidence: say`Namespace ${facts.namespace} holds no BackupStorageLocation.`,
    next: ownCommand(facts, "config"),
  };
}

function judgeLocation(facts: Facts, location: BackupStorageLocation): Found[] {
  const { phase } = location.status ?? {};
  if (phase === undefined || phase === "") return unchecked(facts, location);
  // Why it is unavailable is judged by what Velero says about its storage.
  if (!isAvailable(location)) return [];
  return stale(facts, location);
}

function unchecked(facts: Facts, { metadata }: BackupStorageLocation): Found[] {
  const created = dateOf(metadata.creationTimestamp);
  const isNew = created !== undefined && facts.now.getTime() - created.getTime() < firstCheckTakes;
  if (isNew || serverIsDown(facts)) return [];
  return [
    {
      id: "location.unchecked",
      severity: "fail",
      about: [`location/${metadata.name}`],
      title: `Velero has never checked location ${metadata.name}`,
      evidence: say`It was created${created === undefined ? " long ago" : say` ${created}`} and still has no phase.`,
      next: serverLog(facts),
    },
  ];
}

/** A phase is only worth what its age is: a server that stopped leaves it as it was. */
function stale(facts: Facts, { metadata, spec, status }: BackupStorageLocation): Found[] {
  const frequency = parseGoDuration(
    (spec as { validationFrequency?: string } | undefined)?.validationFrequency ?? "1m",
  );
  const checked = dateOf(status?.lastValidationTime);
  if (frequency === 0 || checked === undefined || serverIsDown(facts)) return [];
  const allowed = Math.max(validationGoesStaleAfter, 3 * (frequency ?? 0));
  if (facts.now.getTime() - checked.getTime() <= allowed) return [];
  return [
    {
      id: "location.stale",
      severity: facts.answer?.state === "known" ? "warn" : "fail",
      about: [`location/${metadata.name}`, "server"],
      title: `Velero no longer checks location ${metadata.name}`,
      evidence: say`It was last checked ${checked}, and a working server does so each minute.`,
      next: serverLog(facts),
    },
  ];
}

function judgeDefault(facts: Facts, locations: readonly BackupStorageLocation[]): Found[] {
  const marked = locations.filter(({ spec }) => spec?.default);
  if (marked.length > 1) {
    const names = marked.map(({ metadata }) => metadata.name);
    return [
      {
        id: "location.several-defaults",
        severity: "warn",
        about: names.map((name) => `location/${name}` as const),
        title: "Several locations are the default one",
        evidence: say`${names.join(", ")} are marked so: where a backup goes is left to chance.`,
        next: ownCommand(facts, "location default NAME"),
      },
    ];
  }
  const chosen = defaultLocation(locations);
  if (chosen === undefined) {
    return [
      {
        id: "location.no-default",
        severity: "warn",
        about: ["backups"],
        title: "No location is the default one",
        evidence: say`Every backup has to name its location (--storage-location).`,
        next: ownCommand(facts, "list locations"),
      },
    ];
  }
  if (!isReadOnly(chosen)) return [];
  const { name } = chosen.metadata;
  return [
    {
      id: "location.read-only",
      severity: "warn",
      about: [`location/${name}`],
      title: `Location ${name} is read-only and takes no new backups`,
      evidence: say`It is the default location, and its accessMode is ReadOnly.`,
      next: ownCommand(facts, `describe location/${name}`),
    },
  ];
}
