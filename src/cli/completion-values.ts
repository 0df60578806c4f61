import type { Flag } from "../commands/command.ts";
import type { NameSource } from "../commands/live-names.ts";

/** Where the values of a flag come from. */
export type ValueSource = NameSource | "contexts" | "clusters" | "users" | "phases" | "rules" | "mappings" | "files";

const sources: Readonly<Record<string, ValueSource>> = {
  namespace: "namespaces",
  context: "contexts",
  cluster: "clusters",
  user: "users",
  "include-namespaces": "namespaces",
  "exclude-namespaces": "namespaces",
  "namespace-mappings": "mappings",
  "include-resources": "kinds",
  "exclude-resources": "kinds",
  "include-cluster-scoped-resources": "cluster kinds",
  "exclude-cluster-scoped-resources": "cluster kinds",
  "include-namespace-scoped-resources": "namespaced kinds",
  "exclude-namespace-scoped-resources": "namespaced kinds",
  "status-include-resources": "kinds",
  "status-exclude-resources": "kinds",
  "from-schedule": "schedules",
  schedule: "schedules",
  "storage-location": "locations",
  status: "phases",
  explain: "rules",
};

/** Where a flag's values come from; undefined when only the user can know them. */
export function sourceOf(name: string, flag: Flag | undefined): ValueSource | undefined {
  if (flag?.value === "FILE" || flag?.value === "DIR") return "files";
  // Those of a cluster are not those of a kubeconfig.
  if (flag?.value === "USER") return undefined;
  return Object.hasOwn(sources, name) ? sources[name] : undefined;
}

const runs = ["New", "InProgress", "Completed", "PartiallyFailed", "Failed", "FailedValidation"];
const slowRuns = [
  "WaitingForPluginOperations",
  "WaitingForPluginOperationsPartiallyFailed",
  "Finalizing",
  "FinalizingPartiallyFailed",
];

/** The phases that `list KIND --status` can find. */
const phases: Readonly<Record<string, readonly string[]>> = {
  backups: [...runs, ...slowRuns, "Queued", "ReadyToStart", "Deleting"],
  restores: [...runs, ...slowRuns],
  schedules: ["New", "Enabled", "FailedValidation"],
  locations: ["Available", "Unavailable"],
  requests: ["New", "InProgress", "Processed"],
};

export function phasesOf(kind = "backups"): readonly string[] {
  const word = Object.keys(phases).find((name) => name.startsWith(kind.toLowerCase())) ?? "backups";
  return phases[word] ?? [];
}

/** The kinds that a verb takes as TYPE/NAME. A bare name is a backup. */
export function targetTypes(verb: string): readonly ("backup" | "restore" | "schedule" | "location")[] {
  // What a schedule makes is waited for and has a log, never the schedule.
  if (verb === "wait" || verb === "logs") return ["backup", "restore"];
  if (verb === "download") return ["backup"];
  return verb === "describe" ? ["backup", "restore", "schedule", "location"] : ["backup", "restore", "schedule"];
}
