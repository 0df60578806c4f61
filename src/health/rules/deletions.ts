import { phaseOf } from "../../velero/phases.ts";
import { isAvailable } from "../../velero/storage-location.ts";
import type { Backup, DeleteBackupRequest } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand } from "../facts.ts";
import { listed, type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { lastWrite } from "../runs.ts";
import { dateOf } from "../workload.ts";
import { serverIsDown } from "./server.ts";

const texts = {
  "deletion.failed": {
    severity: "warn",
    summary: "A backup could not be deleted",
    cause:
      "Velero answered a request to delete it (a user's, or its own when the backup expired) with errors, or has been deleting it for more than ten minutes. It keeps the errors for a day and does not try again by itself.",
    remedy: "Remove what the error names, then delete the backup again.",
    doc: pages.backup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const deletionRules = defineFamily({
  title: "Deletions",
  rules: texts,
  judge: (facts) => judgeDeletions(facts),
});

const deletingTakes = 10 * 60_000;

/** Says nothing of backups in a location that is not available: that is the cause, and told by itself. */
function judgeDeletions(facts: Facts): Found[] {
  if (serverIsDown(facts)) return [];
  const requests = knownValue(facts.thorough?.deletions) ?? [];
  const unavailable = new Set(
    (knownValue(facts.locations) ?? []).flatMap((one) => (isAvailable(one) ? [] : [one.metadata.name])),
  );
  const backups = (knownValue(facts.backups) ?? []).filter(({ spec }) => !unavailable.has(spec?.storageLocation ?? ""));
  return backups.flatMap((backup) => {
    const own = requests.filter(({ spec }) => spec.backupName === backup.metadata.name);
    const [newest] = own.toSorted((a, b) => createdAt(b) - createdAt(a));
    const errors = newest?.status?.phase === "Processed" ? (newest.status.errors ?? []) : [];
    if (newest !== undefined && errors.length > 0) return [failed(facts, backup, newest, errors)];
    return phaseOf(backup) === "Deleting" ? hanging(facts, backup, newest) : [];
  });
}

const createdAt = ({ metadata }: DeleteBackupRequest): number => Date.parse(metadata.creationTimestamp ?? "") || 0;

function failed(facts: Facts, backup: Backup, request: DeleteBackupRequest, errors: readonly string[]): Found {
  const { name } = backup.metadata;
  const location = backup.spec?.storageLocation ?? "";
  const locations = knownValue(facts.locations);
  // Velero deletes nothing without the location; the object alone holds nothing then.
  const isHomeless = locations !== undefined && !locations.some(({ metadata }) => metadata.name === location);
  const asked = dateOf(request.metadata.creationTimestamp);
  const when = asked === undefined ? "" : say` It was asked for ${asked}.`;
  return {
    id: "deletion.failed",
    severity: "warn",
    about: ["backups"],
    title: `Backup ${name} could not be deleted`,
    evidence: say`Velero says: ${listed(errors.map((error) => error.replace(/\.$/, "")))}.${when}`,
    next: isHomeless ? kubectl(facts, `delete backups.velero.io ${name}`) : ownCommand(facts, `delete backup/${name}`),
  };
}

function hanging(facts: Facts, backup: Backup, request: DeleteBackupRequest | undefined): Found[] {
  const since = dateOf(request?.metadata.creationTimestamp) ?? lastWrite([backup]);
  if (since === undefined || facts.now.getTime() - since.getTime() < deletingTakes) return [];
  const { name } = backup.metadata;
  return [
    {
      id: "deletion.failed",
      severity: "warn",
      about: ["backups"],
      title: `Backup ${name} is not deleted to its end`,
      evidence: say`It is in phase Deleting since ${since}.`,
      next: ownCommand(facts, `delete backup/${name}`),
    },
  ];
}
