import type { Ending } from "../archive/ending.ts";
import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import { namespaces as namespaceKind, objectName } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { withoutManagedFields } from "../output/printer.ts";
import { endingText } from "../output/views/ending.ts";
import { type RestorePlan, restorePlanText } from "../output/views/restore-plan.ts";
import { backups, restores } from "../velero/kinds.ts";
import { locationsIn } from "../velero/namespace.ts";
import { isUsable } from "../velero/phases.ts";
import { backupConcern, checkRestore, planRestore } from "../velero/restore.ts";
import { checkServerRuns } from "../velero/server.ts";
import { availableLocation } from "../velero/storage-location.ts";
import type { Backup, Restore } from "../velero/types.ts";
import { type Context, defineCommand } from "./command.ts";
import { findNamed } from "./find-named.ts";
import { followToEnd, verdictOf } from "./following.ts";
import { restoreFlags } from "./restore-flags.ts";
import { runFlags } from "./run-flags.ts";
import { refuseTakenName } from "./taken-name.ts";

type Restored =
  | { readonly state: "ended"; readonly ending: Ending }
  | { readonly state: "sent" | "dry run" | "server dry run"; readonly restore: Restore }
  | { readonly state: "declined" };

export const command = defineCommand({
  flags: { ...restoreFlags, ...runFlags, yes: { type: "switch", alias: "y", describe: "Do not ask: restore" } },
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup restore shop-1", "Everything in the backup that the cluster lacks"],
    [
      "kubectl mkebackup restore shop-1 --include-namespaces shop --namespace-mappings shop:shop-old",
      "Beside the original, in another namespace",
    ],
    [
      "kubectl mkebackup restore --from-schedule nightly --yes",
      "The newest usable backup of a schedule, without a question",
    ],
    ["kubectl mkebackup restore shop-1 --dry-run=client -o yaml", "See what would be sent"],
  ],
  async run(args, context): Promise<Restored> {
    const [named] = args.operands;
    if ((named === undefined) === (args["from-schedule"] === undefined)) {
      throw usageFailure(
        "say which backup to restore from: its name, or --from-schedule, and not both",
        "kubectl mkebackup list",
      );
    }
    checkRestore(args);
    const [cluster, velero] = [await context.cluster(), await context.velero()];
    const namespace = velero.name;
    const backup = await (named === undefined
      ? newestUsable(cluster, namespace, args["from-schedule"] ?? "", context.signal)
      : findNamed(cluster, backups, { namespace, name: named }, hintsFor(named, context.signal)));
    const restore = planRestore(backup, args, namespace, context.now());
    if (args["dry-run"] === "client") return { state: "dry run", restore };
    await checkNothingStandsInTheWay(cluster, context, backup, restore);
    if (args["dry-run"] === "server")
      return { state: "server dry run", restore: await cluster.create(restores, restore, { dryRun: true }) };
    const plan = await lookAhead(cluster, backup, restore, context.signal);
    context.tell(restorePlanText(plan, { ...context.screen, now: context.now() }));
    if (!args.yes && !(await agreed(context, backup))) return { state: "declined" };
    const sent = await cluster.create(restores, restore, { signal: context.signal });
    if (args["no-wait"]) return { state: "sent", restore: sent };
    const { name } = sent.metadata;
    context.progress.show({ kind: "Restore", name, phase: "New" });
    return {
      state: "ended",
      ending: await followToEnd(cluster, context, { kind: "Restore", namespace, name, limit: args.timeout }),
    };
  },
  text: (result, screen) => {
    if (result.state === "declined") return "";
    if (result.state === "ended") return endingText(result.ending, "Restore", screen);
    const suffix = result.state === "sent" ? "" : ` (${result.state})`;
    return `${objectName(restores, result.restore.metadata.name)} created${suffix}`;
  },
  document: (result) => {
    const restore = restoreOf(result);
    return restore === undefined
      ? null
      : { apiVersion: "velero.io/v1", kind: "Restore", ...withoutManagedFields(restore) };
  },
  names: (result) => {
    const restore = restoreOf(result);
    return restore === undefined ? [] : [objectName(restores, restore.metadata.name)];
  },
  verdict: (result) => {
    if (result.state === "declined") return new Failure("failed", "Nothing was restored.", { heading: "" });
    return result.state === "ended" ? verdictOf(result.ending, "Restore") : undefined;
  },
});

function restoreOf(result: Restored): Restore | undefined {
  if (result.state === "declined") return undefined;
  return result.state === "ended" ? (result.ending.object as Restore) : result.restore;
}

/** mkectl's `restore list` is a word that users know. */
const hintsFor = (named: string, signal: AbortSignal) => ({
  signal,
  list: "kubectl mkebackup list",
  instead: ["list", "get"].includes(named) ? "Did you mean: kubectl mkebackup list restores" : undefined,
});

async function newestUsable(
  cluster: Cluster,
  namespace: string,
  schedule: string,
  signal: AbortSignal,
): Promise<Backup> {
  const made = await cluster.list(backups, { namespace, labelSelector: `velero.io/schedule-name=${schedule}`, signal });
  const began = ({ status }: Backup) => Date.parse(status?.startTimestamp ?? "") || 0;
  const [newest] = made.filter(isUsable).toSorted((a, b) => began(b) - began(a));
  if (newest !== undefined) return newest;
  const why =
    made.length === 0
      ? "it has made no backup yet"
      : `none of its ${made.length} backups is Completed or PartiallyFailed`;
  throw new Failure("failed", `schedule ${schedule} has nothing to restore from: ${why}`, {
    next: [`kubectl mkebackup list backups --schedule ${schedule}`],
  });
}

async function checkNothingStandsInTheWay(
  cluster: Cluster,
  context: Context,
  backup: Backup,
  restore: Restore,
): Promise<void> {
  const next = "another --restore-name, or none: one is made from the backup's name and the time";
  const free = refuseTakenName(cluster, restores, restore, { next, signal: context.signal });
  const locations = locationsIn(cluster, await context.velero());
  const running = locations.then((known) =>
    checkServerRuns(cluster, restore.metadata.namespace ?? "", known, context.now()),
  );
  const [known] = await Promise.all([locations, free, running]);
  availableLocation(known, backup.spec?.storageLocation ?? "default");
}

/** What will be touched, as far as it can be known beforehand. */
async function lookAhead(
  cluster: Cluster,
  backup: Backup,
  restore: Restore,
  signal: AbortSignal,
): Promise<RestorePlan> {
  const wanted = restore.spec?.includedNamespaces ?? ["*"];
  const taken = backup.spec?.includedNamespaces ?? ["*"];
  const excluded = new Set(restore.spec?.excludedNamespaces ?? []);
  const sources = (wanted.includes("*") ? taken : wanted).filter((name) => name !== "*" && !excluded.has(name));
  const targets = sources.map((name) => restore.spec?.namespaceMapping?.[name] ?? name);
  const existing = await Promise.all(
    targets.map((name) =>
      cluster.get(namespaceKind, { name }, signal).then(
        () => name,
        () => undefined,
      ),
    ),
  );
  return {
    context: cluster.context,
    backup,
    restore,
    concern: backupConcern(backup),
    targets,
    existing: existing.filter((name) => name !== undefined),
  };
}

async function agreed(context: Context, backup: Backup): Promise<boolean> {
  try {
    return await context.confirm("Restore?");
  } catch (error) {
    if (!hasReason(error, "NoTerminal")) throw error;
    throw new Failure("usage", "a restore changes the cluster and there is no terminal to ask on", {
      next: [
        `add --yes once you have read: kubectl mkebackup restore ${backup.metadata.name} --dry-run=client -o yaml`,
      ],
    });
  }
}
