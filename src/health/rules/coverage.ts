import { scopeOf } from "../../archive/scope.ts";
import { isUsable, phaseOf } from "../../velero/phases.ts";
import type { Backup, BackupSpec } from "../../velero/types.ts";
import { holdsVolume, type TransfersByBackup, transfersByBackup } from "../coverage.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand } from "../facts.ts";
import { lostBackups } from "../object-store.ts";
import type { Claim, Namespace } from "../probes/kinds.ts";
import { counted, listed, type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { finishedNewestFirst, startOf } from "../runs.ts";
import { bySource, isActive } from "../sources.ts";
import { skippedVolumes } from "./volumes.ts";

const texts = {
  "coverage.namespaces": {
    severity: "warn",
    summary: "Namespaces are in no backup",
    cause:
      "They hold pods or claims, and no backup of the last week (or as far back as schedules reach) includes them, nor does an active schedule. Left out of this are the namespaces of Kubernetes and MKE, those less than a day old, and those that a backup or a label excludes by name.",
    remedy:
      "Include them in a schedule or take a backup of them. Label a namespace velero.io/exclude-from-backup=true where it needs none.",
    doc: pages.backup,
  },
  "coverage.volumes": {
    severity: "warn",
    summary: "Volumes are in no backup",
    cause:
      "Backups include the namespace, but none of the last week holds this claim's data: it was neither copied nor snapshotted. Velero copies files only of volumes that a running pod mounts.",
    remedy:
      "Back volumes up by file system (--default-volumes-to-fs-backup), or install a snapshotter. Label a claim velero.io/exclude-from-backup=true where its data needs no backup.",
    doc: pages.fileSystemBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const coverageRules = defineFamily({
  title: "Coverage",
  rules: texts,
  judge: (facts) => judgeCoverage(facts),
});

const day = 86_400_000;
const reach = 7 * day;
const isNewFor = day;
/** Of Kubernetes, and of MKE 4 in all its eras. */
const systemNamespaces =
  /^(kube-.*|mke|mke-system|k0rdent|k0s-.*|projectsveltos|mgmt|blueprint-system|boundless-system|flux-system)$/;
const excludeLabel = "velero.io/exclude-from-backup";

function judgeCoverage(facts: Facts): Found[] {
  const { thorough } = facts;
  const namespaces = knownValue(thorough?.namespaces);
  const backups = usableBackups(facts);
  // Without any there is another problem.
  if (thorough === undefined || namespaces === undefined || backups.length === 0) return [];
  const pods = knownValue(thorough.runningPods) ?? [];
  const claims = knownValue(thorough.claims) ?? [];
  const inUse = new Set([...pods, ...claims].map(({ metadata }) => metadata.namespace));
  const uncovered = namespaces.filter(
    (one) => inUse.has(one.metadata.name) && !isSystem(facts, one) && isLeftOut(facts, one, backups),
  );
  const left = new Set(uncovered.map(({ metadata }) => metadata.name));
  const others = new Set(
    namespaces.flatMap((one) => (isSystem(facts, one) || left.has(one.metadata.name) ? [] : [one.metadata.name])),
  );
  return [
    ...namespacesFound(facts, uncovered),
    ...volumesFound(
      facts,
      claims.filter(({ metadata }) => others.has(metadata.namespace ?? "")),
      backups,
    ),
  ];
}

/** Those that reach back a week, and the newest of each schedule however old it is. */
function usableBackups(facts: Facts): Backup[] {
  const lost = lostBackups(facts);
  const usable = finishedNewestFirst(knownValue(facts.backups) ?? []).filter(
    (backup) => isUsable(backup) && !lost.includes(backup),
  );
  if (!usable.some((backup) => phaseOf(backup) === "Completed")) return [];
  const active = new Set((knownValue(facts.schedules) ?? []).filter(isActive).map(({ metadata }) => metadata.name));
  const newest = [...bySource(usable)].flatMap(([schedule, [first]]) =>
    first !== undefined && schedule !== undefined && active.has(schedule) ? [first] : [],
  );
  return usable.filter((backup) => newest.includes(backup) || facts.now.getTime() - startOf(backup) < reach);
}

const isSystem = (facts: Facts, { metadata }: Namespace): boolean =>
  metadata.name === facts.namespace ||
  systemNamespaces.test(metadata.name) ||
  metadata.labels?.[excludeLabel] === "true" ||
  metadata.deletionTimestamp !== undefined;

const templates = (facts: Facts): BackupSpec[] =>
  (knownValue(facts.schedules) ?? []).filter(isActive).map(({ spec }) => spec?.template ?? {});

/** A selector may or may not fit what lies in a namespace: it counts as if it did. */
const includes = ({ includedNamespaces, excludedNamespaces }: BackupSpec, name: string): boolean =>
  scopeOf({
    ...(includedNamespaces && { includedNamespaces }),
    ...(excludedNamespaces && { excludedNamespaces }),
  }).object({ resource: "namespaces", namespace: undefined, name, labels: {} });

const createdAt = ({ metadata }: Namespace | Claim): number => Date.parse(metadata.creationTimestamp ?? "") || 0;

function isLeftOut(facts: Facts, namespace: Namespace, backups: readonly Backup[]): boolean {
  const { name } = namespace.metadata;
  const specs = [...backups.map(({ spec }) => spec ?? {}), ...templates(facts)];
  if (specs.some(({ excludedNamespaces }) => excludedNamespaces?.includes(name))) return false;
  const since = backups.filter((backup) => startOf(backup) > createdAt(namespace));
  if (since.length === 0 && facts.now.getTime() - createdAt(namespace) < isNewFor) return false;
  return (
    !since.some(({ spec }) => includes(spec ?? {}, name)) && !templates(facts).some((spec) => includes(spec, name))
  );
}

function namespacesFound(facts: Facts, uncovered: readonly Namespace[]): Found[] {
  if (uncovered.length === 0) return [];
  const names = uncovered.map(({ metadata }) => metadata.name);
  return [
    {
      id: "coverage.namespaces",
      severity: "warn",
      about: ["backups"],
      title:
        names.length === 1 ? `Namespace ${names[0]} is in no backup` : `Namespaces are in no backup (${names.length})`,
      evidence: say`${listed(names)}: pods or claims live there, and no backup of the last week and no active schedule includes ${names.length === 1 ? "it" : "them"}.`,
      next: ownCommand(facts, `create --include-namespaces ${names.slice(0, 5).join(",")}`),
    },
  ];
}

function volumesFound(facts: Facts, claims: readonly Claim[], backups: readonly Backup[]): Found[] {
  const transfers = transfersByBackup(facts);
  if (transfers === undefined) return [];
  const told = new Set(
    skippedVolumes(facts).flatMap(({ volumes }) =>
      volumes.flatMap(({ claim }) => (claim === undefined ? [] : [`${claim.namespace}/${claim.name}`])),
    ),
  );
  const uncovered = claims.filter(
    (claim) =>
      claim.status?.phase === "Bound" &&
      claim.metadata.labels?.[excludeLabel] !== "true" &&
      !told.has(`${claim.metadata.namespace}/${claim.metadata.name}`) &&
      isWithoutCopy(facts, claim, backups, transfers),
  );
  const [first] = uncovered;
  if (first === undefined) return [];
  const names = uncovered.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return [
    {
      id: "coverage.volumes",
      severity: "warn",
      about: ["backups"],
      title: `The data of ${counted(names.length, "volume")} is in no backup`,
      evidence: say`${listed(names)}: backups include the namespace, but none of the last week copied or snapshotted the data.`,
      next: ownCommand(
        facts,
        `create --include-namespaces ${[...new Set(uncovered.map(({ metadata }) => metadata.namespace))].slice(0, 5).join(",")} --default-volumes-to-fs-backup`,
      ),
    },
  ];
}

function isWithoutCopy(facts: Facts, claim: Claim, backups: readonly Backup[], transfers: TransfersByBackup): boolean {
  const { name, namespace = "" } = claim.metadata;
  const since = backups.filter(
    (backup) => startOf(backup) > createdAt(claim) && includes(backup.spec ?? {}, namespace),
  );
  return since.length > 0 && !since.some((backup) => holdsVolume(facts, backup, { namespace, name }, transfers));
}
