import { type Ending, readEnding } from "../archive/ending.ts";
import { Failure, mayPass } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import { followBackup, followRestore } from "../velero/follow.ts";
import { outcomeOf, phaseOf } from "../velero/phases.ts";
import type { Backup, Restore } from "../velero/types.ts";
import { locationOf, openArchiveOf } from "./archives.ts";
import type { Context } from "./command.ts";

export interface Followed {
  readonly kind: "Backup" | "Restore";
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds; no limit when left out. */
  readonly limit: number | undefined;
}

/** Follows a run with live progress and reads what explains its end. Stopping the wait never stops the run, and says so. */
export async function followToEnd(cluster: Cluster, context: Context, run: Followed): Promise<Ending> {
  const { signal, progress } = context;
  const options = { signal, limit: run.limit, onProgress: progress.show };
  try {
    const { namespace, name } = run;
    const finished = await (run.kind === "Backup"
      ? followBackup(cluster, namespace, name, options)
      : followRestore(cluster, namespace, name, options));
    const archive = openArchiveOf(context, cluster, {
      namespace,
      location: () => locationOf(cluster, finished.object, signal),
    });
    return await readEnding<Backup | Restore>(finished, run.kind, { archive, signal });
  } catch (error) {
    progress.end();
    throw stillRunning(error, run, signal);
  }
}

function stillRunning(error: unknown, { kind, namespace, name }: Followed, signal: AbortSignal): unknown {
  const word = kind.toLowerCase();
  const next = [`kubectl mkebackup wait ${word}/${name} -n ${namespace}`];
  if (signal.aborted)
    return new Failure("interrupted", `\nStopped waiting; ${word} ${name} goes on in the cluster.`, {
      heading: "",
      next,
    });
  if (error instanceof Failure && error.kind === "timeout")
    return new Failure("timeout", `${error.message}; it goes on in the cluster`, { next });
  if (mayPass(error)) {
    return new Failure("failed", `${error.sentence}; ${word} ${name} goes on in the cluster`, {
      heading: "",
      next,
      cause: error,
    });
  }
  return error;
}

/** The outcome of the work is the outcome of the program. */
export function verdictOf({ object }: Pick<Ending, "object">, kind: "Backup" | "Restore"): Failure | undefined {
  const outcome = outcomeOf(object);
  if (outcome === "succeeded") return undefined;
  const { name, namespace } = object.metadata;
  const reasons = object.status?.validationErrors ?? [];
  const reason = object.status?.failureReason ?? (reasons.length > 0 ? reasons.join("; ") : undefined);
  const word = `${kind.toLowerCase()}/${name}`;
  const next = [`kubectl mkebackup describe ${word} -n ${namespace}`];
  // What the server refused has no log.
  if (phaseOf(object) !== "FailedValidation") next.push(`kubectl mkebackup logs ${word} --level error -n ${namespace}`);
  return new Failure(
    outcome === "incomplete" ? "incomplete" : "failed",
    `${kind} ${name} ended ${phaseOf(object)}${reason === undefined ? "" : `: ${reason}`}`,
    { next },
  );
}
