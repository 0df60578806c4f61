import type { Command } from "./command.ts";

export interface CommandEntry {
  readonly name: string;
  /** The words after `kubectl mkebackup`, with the operands. */
  readonly usage: string;
  /** One line, without a final period. */
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

const entry = (name: string, usage: string, summary: string, load: () => Promise<unknown>): CommandEntry => ({
  name,
  usage: usage === "" ? name : `${name} ${usage}`,
  summary,
  // Each command knows the types of its own flags; the table and the parser need none of them.
  load: load as CommandEntry["load"],
});

/** THE table of verbs, in the order of --help. It loads nothing: a verb's file is read when the verb is used. */
export const commandTable: readonly CommandEntry[] = [
  entry("status", "", "Show whether backups work, and what is wrong when they do not", () => import("./status.ts")),
  entry("doctor", "", "Look at everything that backups need, and explain each problem", () => import("./doctor.ts")),
  entry("create", "[NAME]", "Take a backup and follow it to its end", () => import("./create.ts")),
  entry("restore", "BACKUP", "Restore from a backup and follow it to its end", () => import("./restore.ts")),
  entry(
    "list",
    "[backups|restores|schedules|locations|requests]",
    "List backups, restores, schedules, locations or requests",
    () => import("./list.ts"),
  ),
  entry(
    "describe",
    "TYPE/NAME",
    "Show all about one backup, restore, schedule or location",
    () => import("./describe.ts"),
  ),
  entry(
    "logs",
    "TYPE/NAME",
    "Show the log of a backup or restore, or follow it while it runs",
    () => import("./logs.ts"),
  ),
  entry(
    "contents",
    "BACKUP [KIND[/NAME]]",
    "Show what is in a backup: namespaces and kinds, objects, manifests",
    () => import("./contents.ts"),
  ),
  entry("search", "KIND/NAME", "Find the backups that hold an object, newest first", () => import("./search.ts")),
  entry(
    "diff",
    "BACKUP [BACKUP|live] [KIND[/NAME]]",
    "Show what differs between a backup and the cluster, or two backups",
    () => import("./diff.ts"),
  ),
  entry(
    "download",
    "BACKUP",
    "Download the manifests of a backup, as one file or as a folder",
    () => import("./download.ts"),
  ),
  entry(
    "delete",
    "TYPE/NAME...",
    "Delete backups with their files, restores or schedules",
    () => import("./delete.ts"),
  ),
  entry("wait", "TYPE/NAME", "Follow a running backup or restore to its end", () => import("./wait.ts")),
  entry(
    "storage",
    "check [LOCATION]",
    "Prove that a location's bucket can be used, step by step",
    () => import("./storage.ts"),
  ),
  entry(
    "location",
    "list|describe|create|default|delete|credentials [LOCATION]",
    "Set up another place for backups, change its keys, make it the default",
    () => import("./location.ts"),
  ),
  entry("config", "", "Show the backup section of the MKE configuration", () => import("./config.ts")),
  entry("rbac", "", "Print the role that a user needs, or show what this user may do", () => import("./rbac.ts")),
  entry(
    "completion",
    "kubectl|bash|zsh|fish|powershell",
    "Print or install the completion of words at TAB",
    () => import("./completion.ts"),
  ),
  entry("version", "", "Show the versions of this program, Velero and MKE", () => import("./version.ts")),
];
