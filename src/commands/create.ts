import type { Ending } from "../archive/ending.ts";
import { objectName } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { withoutManagedFields } from "../output/printer.ts";
import { endingText } from "../output/views/ending.ts";
import { planBackup, planFromSchedule } from "../velero/backup.ts";
import { backups, schedules } from "../velero/kinds.ts";
import { locationsIn } from "../velero/namespace.ts";
import { checkServerRuns } from "../velero/server.ts";
import { writableLocation } from "../velero/storage-location.ts";
import type { Backup } from "../velero/types.ts";
import { type Context, defineCommand } from "./command.ts";
import { followToEnd, verdictOf } from "./following.ts";
import { backupFlags, runFlags } from "./run-flags.ts";
import { refuseTakenName } from "./taken-name.ts";

type Created =
  | { readonly state: "ended"; readonly ending: Ending }
  | { readonly state: "sent" | "dry run" | "server dry run"; readonly backup: Backup };

export const command = defineCommand({
  flags: { ...backupFlags, ...runFlags },
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup create", "The whole cluster, named by date and time"],
    [
      "kubectl mkebackup create shop-1 --include-namespaces shop --default-volumes-to-fs-backup",
      "One namespace with its volumes' files",
    ],
    ["kubectl mkebackup create --from-schedule nightly --no-wait", "What a schedule would make, without waiting"],
    ["kubectl mkebackup create --ttl 2160h --dry-run=client -o yaml", "See what would be sent"],
  ],
  async run(args, context): Promise<Created> {
    const wishes = { ...args, name: args.operands[0] };
    const now = context.now();
    const planned = args["from-schedule"] === undefined ? planBackup(wishes, "", now) : undefined;
    if (planned !== undefined && args["dry-run"] === "client") {
      return { state: "dry run", backup: inNamespace(planned, context.namedNamespace ?? "mke") };
    }
    const [cluster, velero] = [await context.cluster(), await context.velero()];
    const namespace = velero.name;
    const draft =
      planned ??
      planFromSchedule(
        await cluster.get(schedules, { namespace, name: args["from-schedule"] ?? "" }, context.signal),
        wishes,
        namespace,
        now,
      );
    const backup = inNamespace(draft, namespace);
    if (args["dry-run"] === "client") return { state: "dry run", backup };
    await checkNothingStandsInTheWay(cluster, context, backup);
    if (args["dry-run"] === "server")
      return { state: "server dry run", backup: await cluster.create(backups, backup, { dryRun: true }) };
    const sent = await cluster.create(backups, backup, { signal: context.signal });
    if (args["no-wait"]) return { state: "sent", backup: sent };
    const { name } = sent.metadata;
    context.progress.show({ kind: "Backup", name, phase: "New" });
    return {
      state: "ended",
      ending: await followToEnd(cluster, context, { kind: "Backup", namespace, name, limit: args.timeout }),
    };
  },
  text: (result, screen) => {
    if (result.state === "ended") return endingText(result.ending, "Backup", screen);
    const suffix = result.state === "sent" ? "" : ` (${result.state})`;
    return `${objectName(backups, result.backup.metadata.name)} created${suffix}`;
  },
  document: (result) => ({ apiVersion: "velero.io/v1", kind: "Backup", ...withoutManagedFields(backupOf(result)) }),
  names: (result) => [objectName(backups, backupOf(result).metadata.name)],
  verdict: (result) => (result.state === "ended" ? verdictOf(result.ending, "Backup") : undefined),
});

const backupOf = (result: Created): Backup =>
  result.state === "ended" ? (result.ending.object as Backup) : result.backup;

const inNamespace = (backup: Backup, namespace: string): Backup => ({
  ...backup,
  metadata: { ...backup.metadata, namespace },
});

/** Everything that would make the server refuse the backup, or never look at it, is found before it is sent. */
async function checkNothingStandsInTheWay(cluster: Cluster, context: Context, backup: Backup): Promise<void> {
  const next = "kubectl mkebackup create        (a name is made from date and time)";
  const free = refuseTakenName(cluster, backups, backup, { next, signal: context.signal });
  const locations = locationsIn(cluster, await context.velero());
  const running = locations.then((known) =>
    checkServerRuns(cluster, backup.metadata.namespace ?? "", known, context.now()),
  );
  const [known] = await Promise.all([locations, free, running]);
  writableLocation(known, backup.spec?.storageLocation);
}
