import { phaseOf } from "../../velero/phases.ts";
import { isAvailable } from "../../velero/storage-location.ts";
import type { BackupRepository } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl } from "../facts.ts";
import { lostRepositories } from "../object-store.ts";
import { listed, type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";

const texts = {
  "repository.not-ready": {
    severity: "warn",
    summary: "Velero cannot open a repository of volume data",
    cause:
      "A BackupRepository is NotReady: its data or its password is not what it was, or the store did not answer. Volumes of that namespace can be neither backed up nor restored.",
    remedy:
      "Read the message. Deleting the object loses no data: Velero makes it again when it is needed, and connects anew.",
    doc: pages.fileSystemBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const repositoryRules = defineFamily({
  title: "Repositories of volume data",
  rules: texts,
  judge: (facts) => judgeRepositories(facts),
});

/** One finding for those that are still needed, one for those whose namespace or location is gone. */
function judgeRepositories(facts: Facts): Found[] {
  const lost = lostRepositories(facts);
  const locations = knownValue(facts.locations);
  const locationOf = ({ spec }: BackupRepository) =>
    locations?.find(({ metadata }) => metadata.name === spec?.backupStorageLocation);
  // A location that is not available is the cause, and told by itself.
  const isExplained = (one: BackupRepository) => {
    const location = locationOf(one);
    return location !== undefined && !isAvailable(location);
  };
  const broken = (knownValue(facts.repositories) ?? []).filter(
    (one) => phaseOf(one) === "NotReady" && !isExplained(one) && !lost.includes(one),
  );
  const namespaces = knownValue(facts.thorough?.namespaces);
  const isOld = (one: BackupRepository) =>
    (locations !== undefined && locationOf(one) === undefined) ||
    (namespaces !== undefined && !namespaces.some(({ metadata }) => metadata.name === one.spec?.volumeNamespace));
  return [
    ...found(
      facts,
      broken.filter((one) => !isOld(one)),
      false,
    ),
    ...found(facts, broken.filter(isOld), true),
  ];
}

function found(facts: Facts, broken: readonly BackupRepository[], isOld: boolean): Found[] {
  const [first] = broken;
  if (first === undefined) return [];
  const message = first.status?.message?.trim().replace(/\.$/, "");
  const said = message ? `Velero says: ${message}.` : "Velero gives no reason.";
  const of = [...new Set(broken.map(({ spec }) => spec?.volumeNamespace ?? ""))];
  const names = broken.map(({ metadata }) => metadata.name);
  return [
    {
      id: "repository.not-ready",
      severity: "warn",
      about: ["backups"],
      title:
        names.length === 1
          ? `Repository ${names[0]} is not ready`
          : `Repositories of volume data are not ready (${names.length})`,
      evidence: isOld
        ? say`Its namespace or location exists no longer: ${listed(names)}. ${said}`
        : say`Volumes of ${listed(of)} cannot be backed up or restored. ${said}`,
      next: kubectl(
        facts,
        isOld
          ? `delete backuprepositories.velero.io ${names.join(" ")}`
          : `describe backuprepositories.velero.io ${names[0]}`,
      ),
    },
  ];
}
