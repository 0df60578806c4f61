import type { Ending } from "../archive/ending.ts";
import { usageFailure } from "../core/failure.ts";
import { objectName } from "../core/resource.ts";
import { withoutManagedFields } from "../output/printer.ts";
import { endingText } from "../output/views/ending.ts";
import { backups, restores } from "../velero/kinds.ts";
import { defineCommand } from "./command.ts";
import { followToEnd, verdictOf } from "./following.ts";
import { runFlags } from "./run-flags.ts";
import { readTarget } from "./target.ts";

interface Waited {
  readonly kind: "Backup" | "Restore";
  readonly ending: Ending;
}

export const command = defineCommand({
  flags: { timeout: runFlags.timeout },
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup wait nightly-20261124020000", "Follow a backup that runs, and exit as it ends"],
    ["kubectl mkebackup wait restore/nightly-20261124071500 --timeout 1h", "Follow a restore for at most an hour"],
  ],
  async run(args, context): Promise<Waited> {
    const word = args.operands[0];
    if (word === undefined)
      throw usageFailure("say what to wait for", "kubectl mkebackup wait backup/NAME, or restore/NAME");
    const target = readTarget(word, ["backup", "restore", "schedule"]);
    if (target.type === "schedule")
      throw usageFailure("a schedule has no end to wait for", "kubectl mkebackup list backups --schedule NAME");
    const kind = target.type === "backup" ? "Backup" : "Restore";
    const [cluster, velero] = [await context.cluster(), await context.velero()];
    await cluster.get(
      kind === "Backup" ? backups : restores,
      { namespace: velero.name, name: target.name },
      context.signal,
    );
    const ending = await followToEnd(cluster, context, {
      kind,
      namespace: velero.name,
      name: target.name,
      limit: args.timeout,
    });
    return { kind, ending };
  },
  text: ({ ending, kind }, screen) => endingText(ending, kind, screen),
  document: ({ ending, kind }) => ({ apiVersion: "velero.io/v1", kind, ...withoutManagedFields(ending.object) }),
  names: ({ ending, kind }) => [objectName(kind === "Backup" ? backups : restores, ending.object.metadata.name)],
  verdict: ({ ending, kind }) => verdictOf(ending, kind),
});
