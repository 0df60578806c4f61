import { type Comparison, compare, type Side } from "../archive/comparison.ts";
import { kindFilter, readObjectWord } from "../archive/kind-words.ts";
import { isFleeting } from "../archive/noise.ts";
import { backupSide, liveSide } from "../archive/sides.ts";
import type { ItemPath } from "../archive/tarball.ts";
import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import { globMatcher } from "../core/glob.ts";
import { resourceName } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ServedKind } from "../kube/discovery.ts";
import { diffText, sideName } from "../output/views/diff.ts";
import { backups } from "../velero/kinds.ts";
import { isFinished, isUsable, phaseOf } from "../velero/phases.ts";
import type { Backup } from "../velero/types.ts";
import { locationOf, openArchiveOf } from "./archives.ts";
import { type Context, defineCommand } from "./command.ts";
import { findNamed } from "./find-named.ts";
import { readTarget } from "./target.ts";

const flags = {
  namespace: {
    type: "text",
    alias: "n",
    value: "NAMESPACE",
    describe: "Only objects of this namespace; * and ? stand for any characters (Velero's own: MKEBACKUP_NAMESPACE)",
  },
  all: {
    type: "switch",
    describe: "Also what controllers make (pods of a Deployment), and events, leases, endpoints",
  },
  "exit-code": { type: "switch", describe: "Exit with 1 when there are differences, as git diff does" },
} as const;

interface Result extends Comparison {
  readonly before: Backup;
  /** Undefined = the cluster as it is now. */
  readonly after: Backup | undefined;
  readonly context: string;
  /** One object was asked for. */
  readonly isOne: boolean;
  readonly failsWhenDifferent: boolean;
}

export const command = defineCommand({
  flags,
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 3,
  examples: [
    ["kubectl mkebackup diff nightly-20261124020000", "What differs between a backup and the cluster now"],
    ["kubectl mkebackup diff nightly-20261124020000 deployments -n shop", "Only Deployments of one namespace"],
    ["kubectl mkebackup diff nightly-20261124020000 live deployment/web -n shop", "Every field of one object"],
    [
      "kubectl mkebackup diff nightly-20261123020000 nightly-20261124020000 --exit-code",
      "What changed between two backups",
    ],
  ],
  async run(args, context): Promise<Result> {
    const [cluster, { name: namespace }] = [await context.cluster(), await context.velero()];
    const { before, other, word } = await readWords(args.operands, cluster, namespace, context);
    const asked = word === undefined ? undefined : readObjectWord(word);
    for (const one of [before, other]) checkFinished(one, context);
    const kinds = await cluster.kinds(context.signal).catch((): ServedKind[] => []);
    const isKind = kindMatcher(asked?.kind, kinds);
    const isName = globMatcher(asked?.name ?? "*");
    const isNamespace = globMatcher(args.namespace ?? "*");
    const isAll = args.all === true || asked !== undefined;
    const isAsked = ({ resource, namespace: where, name }: ItemPath) =>
      isKind(resource) && isName(name) && (args.namespace === undefined || (where !== undefined && isNamespace(where)));
    const sideOf = (backup: Backup, against: Backup | undefined) =>
      backupSide(archiveOf(context, cluster, backup), backup, { other: against, signal: context.signal });
    const after: Side =
      other === undefined
        ? liveSide({
            cluster,
            kinds,
            isAsked: (kind) =>
              isKind(resourceOf(kind)) &&
              (args.namespace === undefined || kind.namespaced) &&
              (isAll || !isFleeting(resourceOf(kind))),
            spec: before.spec,
            namespace: /[*?]/.test(args.namespace ?? "") ? undefined : args.namespace,
            signal: context.signal,
          })
        : sideOf(other, before);
    const compared = await compare(sideOf(before, other), after, { isAsked, isAll });
    const seen = compared.same + compared.changed.length + compared.onlyBefore.length + compared.onlyAfter.length;
    if (seen === 0 && word !== undefined && compared.notCompared.length === 0) {
      const where = args.namespace === undefined ? "" : ` in namespace ${args.namespace}`;
      throw new Failure("failed", `neither ${sideName(before)} nor ${sideName(other)} holds ${word}${where}`, {
        reason: "NotFound",
        next: [`kubectl mkebackup search ${asked?.kind}/${asked?.name ?? "'*'"}`],
      });
    }
    for (const { reason, resources } of compared.notCompared)
      context.tell(`Not compared: ${resources.join(", ")}: ${reason}`);
    const isOne = asked?.name !== undefined;
    const failsWhenDifferent = args["exit-code"] === true;
    return { ...compared, before, after: other, context: cluster.context, isOne, failsWhenDifferent };
  },
  text: (result, screen) => diffText(result, screen),
  document: ({ before, after, context, same, onlyBefore, onlyAfter, changed, leftOut, notCompared }) => ({
    apiVersion: "mkebackup/v1",
    kind: "BackupDiff",
    before: { backup: before.metadata.name, startTimestamp: before.status?.startTimestamp },
    after:
      after === undefined
        ? { cluster: context }
        : { backup: after.metadata.name, startTimestamp: after.status?.startTimestamp },
    same,
    removed: onlyBefore,
    added: onlyAfter,
    changed,
    leftOut,
    isComplete: notCompared.length === 0,
    notCompared,
  }),
  verdict({ before, after, changed, onlyBefore, onlyAfter, notCompared, failsWhenDifferent }) {
    const isDifferent = changed.length + onlyBefore.length + onlyAfter.length > 0;
    if (failsWhenDifferent && isDifferent)
      return new Failure("failed", `${sideName(before)} and ${sideName(after)} differ`, { heading: "" });
    if (notCompared.length === 0) return undefined;
    return new Failure("incomplete", "not everything could be compared: there may be more differences");
  },
});

interface Words {
  readonly before: Backup;
  readonly other: Backup | undefined;
  /** KIND or KIND/NAME. */
  readonly word: string | undefined;
}

/** A word behind the first may be the other backup, `live`, or already the kind. */
async function readWords(
  [first, second, third]: readonly string[],
  cluster: Cluster,
  namespace: string,
  { signal }: Context,
): Promise<Words> {
  if (first === undefined) throw usageFailure("say which backup to compare", "kubectl mkebackup diff BACKUP");
  const find = (word: string) => {
    const { name } = readTarget(word, ["backup"]);
    return findNamed(cluster, backups, { namespace, name }, { signal, list: "kubectl mkebackup list backups" });
  };
  const isLive = second?.toLowerCase() === "live";
  if (second === undefined || isLive) return { before: await find(first), other: undefined, word: third };
  if (third !== undefined || isBackupWord(second)) {
    const [before, other] = await Promise.all([find(first), find(second)]);
    return { before, other, word: third };
  }
  if (second.includes("/")) return { before: await find(first), other: undefined, word: second };
  const [before, other] = await Promise.all([
    find(first),
    cluster.get(backups, { namespace, name: second }, signal).catch((error: unknown) => {
      if (hasReason(error, "NotFound")) return undefined;
      throw error;
    }),
  ]);
  return { before, other, word: other === undefined ? second : undefined };
}

const isBackupWord = (word: string): boolean => /^backups?(\.velero\.io)?\//i.test(word);

function checkFinished(backup: Backup | undefined, { tell }: Context): void {
  if (backup === undefined) return;
  const { name } = backup.metadata;
  if (!isFinished(backup))
    throw new Failure("failed", `backup ${name} is ${phaseOf(backup)}: it can be compared when it has ended`, {
      next: [`kubectl mkebackup wait backup/${name}`],
    });
  if (!isUsable(backup))
    throw new Failure("failed", `backup ${name} is ${phaseOf(backup)}: it holds nothing that can be compared`, {
      next: ["kubectl mkebackup list backups --status Completed"],
    });
  if (phaseOf(backup) === "PartiallyFailed")
    tell(`Backup ${name} is PartiallyFailed: what it lacks may be what it could not take.`);
}

/** Knows the words of the cluster's kinds beside those that plurals tell. */
function kindMatcher(word: string | undefined, kinds: readonly ServedKind[]): (resource: string) => boolean {
  if (word === undefined) return () => true;
  const filter = kindFilter(word);
  const apiVersion = ({ group, version }: ServedKind) => (group === "" ? version : `${group}/${version}`);
  const served = kinds.filter((kind) => filter({ apiVersion: apiVersion(kind), kind: kind.kind })).map(resourceOf);
  return (resource) => filter.resource(resource) || served.includes(resource);
}

const resourceOf = (kind: ServedKind): string => resourceName(kind);

const archiveOf = (context: Context, cluster: Cluster, backup: Backup) =>
  openArchiveOf(context, cluster, {
    namespace: backup.metadata.namespace ?? "",
    location: () => locationOf(cluster, backup, context.signal),
  });
