import { readObjectWord, resourceOf } from "../archive/kind-words.ts";
import { openResourceListCache } from "../archive/resource-list-cache.ts";
import { type Searched, searchBackups, type Wanted } from "../archive/search.ts";
import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import { objectName } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { counted } from "../output/units.ts";
import { searchText } from "../output/views/search.ts";
import { backups, storageLocations } from "../velero/kinds.ts";
import { phaseOf } from "../velero/phases.ts";
import type { Backup } from "../velero/types.ts";
import { openArchiveOf } from "./archives.ts";
import { type Context, defineCommand } from "./command.ts";
import { began } from "./list-order.ts";

interface Result extends Searched {
  readonly wanted: Wanted;
}

export const command = defineCommand({
  flags: {
    namespace: {
      type: "text",
      alias: "n",
      value: "NAMESPACE",
      describe: "Namespace of the object; * and ? stand for any characters (Velero's own: MKEBACKUP_NAMESPACE)",
    },
    since: { type: "duration", value: "DURATION", describe: "Only backups that began within this time: 24h, 90m" },
  },
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup search deployment/web -n shop", "The backups that hold a Deployment, newest first"],
    [
      "kubectl mkebackup search 'pvc/data-*' --since 168h",
      "Volume claims by a part of their name, in this week's backups",
    ],
    ["kubectl mkebackup search apps/v1/StatefulSet/db -o name", "Only the backups' names"],
  ],
  async run(args, context): Promise<Result> {
    const wanted = { ...readWanted(args.operands[0]), namespace: args.namespace };
    const [cluster, { name: namespace }] = [await context.cluster(), await context.velero()];
    const from = args.since === undefined ? undefined : context.now().getTime() - args.since;
    const all = await cluster.list(backups, { namespace, signal: context.signal });
    const found = await searchBackups(newestFirst(all, from), wanted, {
      archiveOf: (location) => archiveOf(context, cluster, namespace, location),
      cache: openResourceListCache({ env: context.env }),
      signal: context.signal,
    });
    tellWhatIsMissing(found, wanted, context);
    return { ...found, wanted };
  },
  text: (result, screen) => searchText(result, screen),
  document: ({ wanted, held, searched, unread, unfinished }) => ({
    apiVersion: "mkebackup/v1",
    kind: "BackupSearch",
    wanted,
    searched,
    isComplete: unread.length === 0,
    backups: held.map(({ backup, objects }) => ({
      name: backup.metadata.name,
      phase: phaseOf(backup),
      startTimestamp: backup.status?.startTimestamp,
      storageLocation: backup.spec?.storageLocation ?? "default",
      objects: objects.map(({ apiVersion, kind, namespace, name }) => ({
        apiVersion,
        kind,
        resource: resourceOf({ apiVersion, kind }),
        namespace,
        name,
      })),
    })),
    unread,
    unfinished: unfinished.map((backup) => ({ name: backup.metadata.name, phase: phaseOf(backup) })),
  }),
  names: ({ held }) => held.map(({ backup }) => objectName(backups, backup.metadata.name)),
  verdict({ unread }) {
    if (unread.length === 0) return undefined;
    const count = unread.reduce((sum, { backups: names }) => sum + names.length, 0);
    return new Failure("incomplete", `${counted(count, "backup")} could not be searched: they may hold it too`);
  },
});

function readWanted(word: string | undefined): Omit<Wanted, "namespace"> {
  const example = "kubectl mkebackup search deployment/web -n shop";
  if (word === undefined) throw usageFailure("say what to search for", example);
  const { kind, name } = readObjectWord(word);
  if (kind === "" || name === undefined)
    throw usageFailure(`"${word}" names no object`, `KIND/NAME, or '${kind || "KIND"}/*' for every one of the kind`);
  const [namespace, inner, ...rest] = name.split("/");
  if (inner !== undefined)
    throw usageFailure(
      `"${word}" has too many parts`,
      rest.length === 0 ? `kubectl mkebackup search ${kind}/${inner} -n ${namespace}` : example,
    );
  return { kind, name };
}

const newestFirst = (all: readonly Backup[], from: number | undefined): Backup[] =>
  all.filter((backup) => from === undefined || began(backup) >= from).toSorted((a, b) => began(b) - began(a));

function archiveOf(context: Context, cluster: Cluster, namespace: string, name: string) {
  return openArchiveOf(context, cluster, {
    namespace,
    prefer: "keys",
    location: () =>
      cluster.get(storageLocations, { namespace, name }, context.signal).catch((error: unknown) => {
        if (!hasReason(error, "NotFound")) throw error;
        // Not to be taken for a file that is missing.
        throw new Failure("failed", `location ${name} is gone`, { reason: "NoLocation", cause: error });
      }),
  });
}

function tellWhatIsMissing({ unread, unfinished, isKindKnown, searched }: Searched, wanted: Wanted, context: Context) {
  if (!isKindKnown && searched > 0) context.tell(`None of them holds anything of kind ${wanted.kind}.`);
  if (unfinished.length > 0) {
    const first = unfinished.slice(0, 3).map((backup) => `${backup.metadata.name} ${phaseOf(backup)}`);
    const more = unfinished.length > 3 ? `, and ${unfinished.length - 3} more` : "";
    context.tell(`Not searched, since not finished: ${first.join(", ")}${more}`);
  }
  for (const { reason, backups: names } of unread) {
    const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
    context.tell(`Not searched: ${names.slice(0, 3).join(", ")}${more}: ${reason}`);
  }
}
