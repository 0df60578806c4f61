import { phaseOf } from "../../velero/phases.ts";
import type { Backup, Restore } from "../../velero/types.ts";
import type { Screen } from "../screen.ts";
import { visible, wrap } from "../text.ts";
import { ageOf, counted } from "../units.ts";

/** What a restore is about to do, for the question before it. */
export interface RestorePlan {
  readonly context: string;
  readonly backup: Backup;
  readonly restore: Restore;
  /** Why this backup deserves a second thought. */
  readonly concern: string | undefined;
  /** Namespaces it goes to, as far as they can be told beforehand; empty = all of the backup's. */
  readonly targets: readonly string[];
  /** Those of them that exist. */
  readonly existing: readonly string[];
}

const indent = " ".repeat(14);

export function restorePlanText(plan: RestorePlan, screen: Screen): string {
  const { backup, restore, concern } = plan;
  const { status, metadata } = backup;
  const version = metadata.annotations?.["velero.io/source-cluster-k8s-gitversion"];
  const taken = [
    `${ageOf(status?.startTimestamp ?? metadata.creationTimestamp, screen.now)} ago`,
    phaseOf(backup),
    ...(version === undefined ? [] : [`Kubernetes ${version}`]),
    counted(status?.progress?.itemsBackedUp ?? status?.progress?.totalItems ?? 0, "item"),
  ];
  return [
    `Restore from backup ${metadata.name}`,
    ...field("taken", taken.join(" · "), screen),
    ...(concern === undefined ? [] : field("beware", concern, screen).map(screen.paint.warn)),
    ...field("into", intoText(plan), screen),
    ...field("existing", existingText(plan), screen),
    ...field("as", `restore ${restore.metadata.name}`, screen),
  ].join("\n");
}

function field(name: string, value: string, screen: Screen): string[] {
  const [first = "", ...rest] = wrap(visible(value), Math.max(screen.width - indent.length, 30));
  return [`  ${name.padEnd(indent.length - 2)}${first}`, ...rest.map((line) => indent + line)];
}

function intoText({ context, targets, restore, backup }: RestorePlan): string {
  const mapping = Object.entries(restore.spec?.namespaceMapping ?? {}).map(([from, to]) => `${from} as ${to}`);
  const excluded = restore.spec?.excludedNamespaces ?? [];
  const where =
    targets.length === 0
      ? `all namespaces of the backup`
      : `${targets.length === 1 ? "namespace" : "namespaces"} ${targets.join(", ")}`;
  const without = excluded.length === 0 ? "" : ` without ${excluded.join(", ")}`;
  const clusterWide =
    targets.length === 0 && backup.spec?.includeClusterResources !== false ? " and its cluster-scoped objects" : "";
  const renamed = mapping.length === 0 ? "" : ` (${mapping.join(", ")})`;
  return `${context === "" ? "this cluster" : `${context} (this context)`}, ${where}${without}${clusterWide}${renamed}`;
}

function existingText({ restore, existing, targets }: RestorePlan): string {
  const policy =
    restore.spec?.existingResourcePolicy === "update"
      ? "objects that exist are CHANGED towards the backup (--existing-resource-policy update)"
      : "objects that exist stay as they are (--existing-resource-policy none)";
  if (targets.length > 0 && existing.length === 0)
    return `${policy}; ${targets.join(", ")} ${targets.length === 1 ? "does" : "do"} not exist now`;
  const which = existing.length === 0 ? "of namespaces that exist" : existing.join(", ");
  const there = existing.length === 0 ? "" : ` exist${existing.length === 1 ? "s" : ""}`;
  return existing.length === 0
    ? `${policy}; data of volumes ${which} will NOT be replaced`
    : `${policy}; ${which}${there}: data of its existing volumes will NOT be replaced`;
}
