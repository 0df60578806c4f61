import { Failure, hasReason, sentenceOf, usageFailure } from "../core/failure.ts";
import { objectName } from "../core/resource.ts";
import { visible } from "../core/visible.ts";
import type { Cluster } from "../kube/cluster.ts";
import { followDeletion, followRestoreDeletion, requestDeletion } from "../velero/deletion.ts";
import { backups, restores, schedules } from "../velero/kinds.ts";
import { isRunning, phaseOf } from "../velero/phases.ts";
import type { Backup, Restore, Schedule } from "../velero/types.ts";
import { type Context, defineCommand } from "./command.ts";
import { readTarget, type Target } from "./target.ts";

type Doomed =
  | { readonly type: "backup"; readonly object: Backup; readonly restores: readonly string[] }
  | { readonly type: "restore"; readonly object: Restore }
  | { readonly type: "schedule"; readonly object: Schedule };

interface Deleted {
  readonly outcomes: readonly {
    readonly doomed: Doomed;
    readonly state: "deleted" | "requested" | "failed";
    readonly error?: Failure;
  }[];
  readonly declined: boolean;
}

const deletable = ["backup", "restore", "schedule"] as const;
const kinds = { backup: backups, restore: restores, schedule: schedules } as const;

export const command = defineCommand({
  flags: {
    yes: { type: "switch", alias: "y", describe: "Do not ask: delete" },
    "no-wait": { type: "switch", describe: "Return as soon as the requests were sent" },
    timeout: {
      type: "duration",
      value: "DURATION",
      describe: "Stop waiting after this time, exit 124; the deletion goes on (default: no limit)",
    },
  },
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: Number.POSITIVE_INFINITY,
  examples: [
    ["kubectl mkebackup delete backup/shop-1", "A backup, its files and the restores made from it"],
    ["kubectl mkebackup delete backup/shop-1 backup/shop-2 --yes", "Several, without a question"],
    ["kubectl mkebackup delete restore/shop-1-20261124071500", "The record of a restore; what it restored stays"],
  ],
  async run(args, context): Promise<Deleted> {
    if (args.operands.length === 0) throw usageFailure("say what to delete", "kubectl mkebackup delete backup/NAME");
    const targets = [...new Map(args.operands.map((word) => [word, readTarget(word, deletable)])).values()];
    const [cluster, velero] = [await context.cluster(), await context.velero()];
    const doomed = await Promise.all(targets.map((target) => find(cluster, velero.name, target, context.signal)));
    refuseUnfinished(doomed);
    context.tell(doomed.map(consequences).join("\n"));
    if (!args.yes && !(await agreed(context, doomed))) return { outcomes: [], declined: true };
    // One after the other: the server works on one deletion at a time anyway, and the order is the user's.
    const outcomes: Deleted["outcomes"][number][] = [];
    for (const one of doomed) outcomes.push(await remove(cluster, context, one, args));
    return { outcomes, declined: false };
  },
  text: ({ outcomes }) =>
    outcomes
      .filter(({ state }) => state !== "failed")
      .map(({ doomed, state }) => `${nameOf(doomed)} ${state === "deleted" ? "deleted" : "deletion requested"}`)
      .join("\n"),
  document: ({ outcomes }) => ({
    apiVersion: "mkebackup/v1",
    kind: "DeletionReport",
    items: outcomes.map(({ doomed, state, error }) => ({
      type: doomed.type,
      name: doomed.object.metadata.name,
      state,
      ...(error === undefined ? {} : { error: error.message }),
    })),
  }),
  names: ({ outcomes }) => outcomes.filter(({ state }) => state !== "failed").map(({ doomed }) => nameOf(doomed)),
  verdict: ({ outcomes, declined }) => {
    if (declined) return new Failure("failed", "Nothing was deleted.", { heading: "" });
    const failures = outcomes.map(({ error }) => error).filter((error) => error !== undefined);
    const [first] = failures;
    if (first === undefined || failures.length === 1) return first;
    return new Failure("failed", failures.map(({ message }) => message).join("\nerror: "), { next: first.next });
  },
});

const nameOf = ({ type, object }: Doomed): string => objectName(kinds[type], object.metadata.name);

async function find(
  cluster: Cluster,
  namespace: string,
  { type, name }: Target<Doomed["type"]>,
  signal: AbortSignal,
): Promise<Doomed> {
  if (type === "schedule") return { type, object: await cluster.get(schedules, { namespace, name }, signal) };
  if (type === "restore") return { type, object: await cluster.get(restores, { namespace, name }, signal) };
  const [object, made] = await Promise.all([
    cluster.get(backups, { namespace, name }, signal),
    cluster.list(restores, { namespace, signal }).catch((error: unknown) => {
      if (hasReason(error, "Forbidden")) return [];
      throw error;
    }),
  ]);
  return {
    type,
    object,
    restores: made.filter(({ spec }) => spec?.backupName === name).map(({ metadata }) => metadata.name),
  };
}

/** The server refuses to delete a backup it works on; the refusal would come back as an error minutes later. */
function refuseUnfinished(doomed: readonly Doomed[]): void {
  for (const { type, object } of doomed) {
    if (type !== "backup" || !isRunning(object)) continue;
    const { name } = object.metadata;
    throw new Failure(
      "failed",
      `backup ${name} is still running (${phaseOf(object)}), and Velero deletes only finished ones`,
      {
        next: [`kubectl mkebackup wait backup/${name}`],
      },
    );
  }
}

/** What goes and what stays, before the question. */
function consequences(doomed: Doomed): string {
  const { name } = doomed.object.metadata;
  switch (doomed.type) {
    case "backup": {
      const own = doomed.restores;
      const records =
        own.length === 0
          ? ""
          : `, and the record${own.length === 1 ? "" : "s"} of its restore${own.length === 1 ? "" : "s"}: ${own.join(", ")}`;
      return `Delete backup ${name}\n  goes    its files in location ${visible(doomed.object.spec?.storageLocation ?? "default")}, its volume data${records}\n  stays   everything that was restored from it`;
    }
    case "restore":
      return `Delete restore ${name}\n  goes    its record and its log\n  stays   every object and volume that it restored`;
    case "schedule":
      return `Delete schedule ${name}\n  goes    the schedule: it makes no more backups\n  stays   ${
        doomed.object.spec?.useOwnerReferencesInBackup
          ? "nothing of its Backup objects: they are owned by it (their files stay)"
          : "the backups it made"
      }`;
  }
}

async function agreed(context: Context, doomed: readonly Doomed[]): Promise<boolean> {
  try {
    return await context.confirm("Delete?");
  } catch (error) {
    if (!hasReason(error, "NoTerminal")) throw error;
    const words = doomed.map(({ type, object }) => `${type}/${object.metadata.name}`).join(" ");
    throw new Failure("usage", "a deletion cannot be undone and there is no terminal to ask on", {
      next: [`kubectl mkebackup delete ${words} --yes`],
    });
  }
}

async function remove(
  cluster: Cluster,
  context: Context,
  doomed: Doomed,
  { "no-wait": noWait, timeout }: { readonly "no-wait": boolean | undefined; readonly timeout: number | undefined },
): Promise<Deleted["outcomes"][number]> {
  const { namespace, name } = doomed.object.metadata;
  const options = { signal: context.signal, limit: timeout };
  try {
    if (doomed.type === "backup") {
      const request = await requestDeletion(cluster, doomed.object, context.signal);
      if (noWait) return { doomed, state: "requested" };
      await followDeletion(cluster, request, options);
    } else {
      await cluster.delete(kinds[doomed.type], { namespace, name }, context.signal);
      if (noWait && doomed.type === "restore") return { doomed, state: "requested" };
      if (doomed.type === "restore") await followRestoreDeletion(cluster, doomed.object, options);
    }
    return { doomed, state: "deleted" };
  } catch (error) {
    if (context.signal.aborted)
      throw new Failure(
        "interrupted",
        `\nStopped waiting; the deletion of ${doomed.type} ${name} goes on in the cluster.`,
        { heading: "" },
      );
    if (error instanceof Failure) return { doomed, state: "failed", error };
    throw new Failure("failed", sentenceOf(error), { cause: error });
  }
}
