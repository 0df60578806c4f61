import { storedLines } from "../archive/log.ts";
import type { StoredFile } from "../archive/stored-file.ts";
import { Failure, hasReason } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { StoredObject } from "../object-store/object-store.ts";
import { backups, restores } from "../velero/kinds.ts";
import { isFinished, phaseOf } from "../velero/phases.ts";
import type { Backup, Restore } from "../velero/types.ts";
import { locationOf, openArchiveOf } from "./archives.ts";
import type { Context } from "./command.ts";
import { findNamed } from "./find-named.ts";
import { verdictOf } from "./following.ts";
import type { Target } from "./target.ts";

/** Where the log of a run comes from. */
export interface LogSource {
  readonly run: { readonly kind: "Backup" | "Restore"; readonly namespace: string; readonly name: string };
  /** Lines as they come. */
  readonly batches: AsyncIterable<readonly string[]>;
  /** The lines are the server's, about whatever it does. */
  readonly ofManyRuns: boolean;
  /** Once the lines are read. */
  verdict(): Failure | undefined;
}

export interface RunLogOptions {
  readonly follow: boolean;
  readonly since: Date | undefined;
}

/** The log of a run: from the store when the run has ended, else from the server's own. */
export async function openRunLog(
  context: Context,
  target: Target<"backup" | "restore">,
  { follow }: RunLogOptions,
): Promise<LogSource> {
  const kind = target.type === "backup" ? "Backup" : "Restore";
  const [cluster, velero] = [await context.cluster(), await context.velero()];
  const run = { kind, namespace: velero.name, name: target.name } as const;
  const file: StoredFile = { kind: `${kind}Log`, name: target.name };
  const found = findRun(cluster, context, run);
  // Asked for side by side: nearly every log that somebody wants to see is there.
  const opening = openStored(cluster, context, found, file, run.namespace);
  const object = await found;
  if (!isFinished(object)) throw new Failure("failed", `${run.name} is ${phaseOf(object)}`);
  const stored = await opening.stored;
  if (stored instanceof Error) throw stored;
  return {
    run,
    batches: storedLines(stored, file),
    ofManyRuns: false,
    verdict: () => (follow ? verdictOf({ object }, kind) : undefined),
  };
}

const findRun = (cluster: Cluster, { signal }: Context, run: LogSource["run"]): Promise<Backup | Restore> => {
  const { kind, namespace, name } = run;
  return kind === "Backup"
    ? findNamed(cluster, backups, { namespace, name }, { signal, list: "kubectl mkebackup list" })
    : findNamed(cluster, restores, { namespace, name }, { signal, list: "kubectl mkebackup list restores" });
};

interface Opening {
  /** The stored log, or why there is none. */
  readonly stored: Promise<StoredObject | Error>;
  abandon(): void;
}

function openStored(
  cluster: Cluster,
  context: Context,
  found: Promise<Backup | Restore>,
  file: StoredFile,
  namespace: string,
): Opening {
  const end = new AbortController();
  const archive = openArchiveOf(context, cluster, {
    namespace,
    location: async () => locationOf(cluster, await found, context.signal),
  });
  const signal = AbortSignal.any([context.signal, end.signal]);
  const stored = archive.open(file, { signal }).catch((error: unknown) => error as Error);
  const abandon = () => end.abort(new Failure("failed", "the log is not needed"));
  found.catch(abandon);
  return { stored, abandon };
}

void hasReason;
