import { usageFailure } from "../core/failure.ts";
import { checkDurations, definedOnly, marks, orAll } from "./backup.ts";
import { checkLists, checkNamespaceNames, checkNotBoth } from "./filters.ts";
import { compactTime, nameProblem } from "./names.ts";
import { neverRestored } from "./never-restored.ts";
import { phaseOf } from "./phases.ts";
import { parseOrSelectors, parseSelector } from "./selector.ts";
import type { Backup, Restore, RestoreSpec } from "./types.ts";

/** What a user says about a restore, by flag; undefined = not said. */
export interface RestoreWishes {
  readonly "restore-name"?: string | undefined;
  readonly "include-namespaces"?: readonly string[] | undefined;
  readonly "exclude-namespaces"?: readonly string[] | undefined;
  readonly "include-resources"?: readonly string[] | undefined;
  readonly "exclude-resources"?: readonly string[] | undefined;
  readonly "include-cluster-resources"?: boolean | undefined;
  readonly "namespace-mappings"?: readonly string[] | undefined;
  readonly selector?: string | undefined;
  readonly "or-selector"?: string | undefined;
  readonly "existing-resource-policy"?: "none" | "update" | undefined;
  readonly "restore-volumes"?: boolean | undefined;
  readonly "preserve-nodeports"?: boolean | undefined;
  readonly "status-include-resources"?: readonly string[] | undefined;
  readonly "status-exclude-resources"?: readonly string[] | undefined;
  readonly "resource-modifier-configmap"?: string | undefined;
  readonly "write-sparse-files"?: boolean | undefined;
  readonly "item-operation-timeout"?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Checks the wishes alone, before anything is read. Pure; throws usage failures. */
export function checkRestore(wishes: RestoreWishes): void {
  checkDurations({ ...wishes });
  const namespaceLists = {
    include: wishes["include-namespaces"],
    exclude: wishes["exclude-namespaces"],
    flags: ["include-namespaces", "exclude-namespaces"],
  } as const;
  checkLists(namespaceLists);
  checkNamespaceNames(namespaceLists);
  checkLists({
    include: wishes["include-resources"],
    exclude: wishes["exclude-resources"],
    flags: ["include-resources", "exclude-resources"],
  });
  checkNotBoth("selector", "or-selector", { ...wishes });
  const impossible = (wishes["include-resources"] ?? []).filter((name) => neverRestored.has(name));
  if (impossible.length > 0) throw usageFailure(`--include-resources: Velero never restores ${impossible.join(", ")}`);
  if (wishes["status-exclude-resources"] !== undefined && wishes["status-include-resources"] === undefined) {
    throw usageFailure(
      "--status-exclude-resources has no effect without --status-include-resources",
      'add --status-include-resources "*"',
    );
  }
  if (wishes["restore-name"] !== undefined) checkRestoreName(wishes["restore-name"]);
  namespaceMapping(wishes["namespace-mappings"]);
}

/** The Restore to send. `source` is the schedule when one was named, for the default name. */
export function planRestore(backup: Backup, wishes: RestoreWishes, namespace: string, now: Date): Restore {
  const name = wishes["restore-name"] ?? `${backup.metadata.name}-${compactTime(now)}`;
  checkRestoreName(name);
  const [statusIncluded, statusExcluded] = [wishes["status-include-resources"], wishes["status-exclude-resources"]];
  return {
    metadata: { name, namespace, ...marks(wishes) },
    spec: definedOnly<RestoreSpec>({
      backupName: backup.metadata.name,
      includedNamespaces: orAll(wishes["include-namespaces"]),
      excludedNamespaces: wishes["exclude-namespaces"],
      includedResources: wishes["include-resources"],
      excludedResources: wishes["exclude-resources"],
      includeClusterResources: wishes["include-cluster-resources"],
      namespaceMapping: namespaceMapping(wishes["namespace-mappings"]),
      labelSelector: wishes.selector === undefined ? undefined : parseSelector(wishes.selector, "selector"),
      orLabelSelectors:
        wishes["or-selector"] === undefined ? undefined : parseOrSelectors(wishes["or-selector"], "or-selector"),
      existingResourcePolicy: wishes["existing-resource-policy"],
      restorePVs: wishes["restore-volumes"],
      preserveNodePorts: wishes["preserve-nodeports"],
      restoreStatus:
        statusIncluded === undefined
          ? undefined
          : {
              includedResources: statusIncluded,
              ...(statusExcluded === undefined ? {} : { excludedResources: statusExcluded }),
            },
      itemOperationTimeout: wishes["item-operation-timeout"],
      resourceModifier:
        wishes["resource-modifier-configmap"] === undefined
          ? undefined
          : { apiGroup: "", kind: "configmap", name: wishes["resource-modifier-configmap"] },
      uploaderConfig:
        wishes["write-sparse-files"] === undefined ? undefined : { writeSparseFiles: wishes["write-sparse-files"] },
      scheduleName: undefined,
    }),
  };
}

/** Why a restore from this backup deserves a loud word; undefined when it is Completed. */
export function backupConcern(backup: Backup): string | undefined {
  const phase = phaseOf(backup);
  if (phase === "Completed") return undefined;
  const reason = backup.status?.failureReason ?? backup.status?.validationErrors?.[0];
  const because = reason === undefined ? "" : `: ${reason}`;
  switch (phase) {
    case "PartiallyFailed":
      return `this backup is PartiallyFailed (${backup.status?.errors ?? 0} errors): some objects or volumes are missing from it`;
    case "Failed":
      return `this backup Failed${because}: what it holds may be incomplete or nothing at all`;
    case "FailedValidation":
      return `this backup never ran (FailedValidation)${because}: it holds nothing`;
    default:
      return `this backup is not finished (${phase}): a restore now may find nothing, or half of it`;
  }
}

/** `old:new` pairs; source names on the left. */
export function namespaceMapping(pairs: readonly string[] | undefined): Record<string, string> | undefined {
  if (pairs === undefined || pairs.length === 0) return undefined;
  const mapping: Record<string, string> = {};
  for (const pair of pairs) {
    const [from, to, ...rest] = pair.split(":");
    if (!from || !to || rest.length > 0)
      throw usageFailure(`--namespace-mappings: cannot read "${pair}"`, "write it as old-name:new-name");
    const wrong = [from, to].find((name) => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > 63);
    if (wrong !== undefined) throw usageFailure(`--namespace-mappings: "${wrong}" is not a namespace's name`);
    if (mapping[from] !== undefined) throw usageFailure(`--namespace-mappings: ${from} is mapped twice`);
    mapping[from] = to;
  }
  return mapping;
}

function checkRestoreName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw usageFailure(`"${name}" cannot name a restore: ${problem}`);
}
