import { storedLines } from "../archive/log.ts";
import { belongsTo } from "../archive/log-lines.ts";
import type { StoredFile } from "../archive/stored-file.ts";
import { Failure, hasReason } from "../core/failure.ts";
import { waitUntil } from "../core/wait.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { StoredObject } from "../object-store/object-store.ts";
import { backups, restores } from "../velero/kinds.ts";
import { isFinished, isRunning, phaseOf } from "../velero/phases.ts";
import { followServerLines, serverLines } from "../velero/server-log.ts";
import type { Backup, BackupSpec, Restore, RestoreSpec } from "../velero/types.ts";
import { openArchiveOf } from "./archives.ts";
import type { Context } from "./command.ts";
import { findLikely, type Likely } from "./find-likely.ts";
import { verdictOf } from "./following.ts";
import type { Target } from "./target.ts";

/** The log of a run, from wherever it can be had. */
export interface RunLog {
  /** Lines as they come. */
  readonly batches: AsyncIterable<readonly string[]>;
  /** Once the lines are read. */
  verdict(): Failure | undefined;
}

interface Run {
  readonly kind: "Backup" | "Restore";
  readonly namespace: string;
  readonly name: string;
  /** backup nightly: in sentences. */
  readonly called: string;
  /** What a command takes. */
  readonly word: string;
}

type Found = Backup | Restore;

/** How much the clocks of the server's node and of the API server may differ, in milliseconds. */
const skew = 60_000;

/**
 * The log of a run: the stored one when the run has ended, else what the server itself has written about it.
 * Throws when there is none yet.
 */
export async function openRunLog(
  context: Context,
  target: Target<"backup" | "restore">,
  { follow }: { follow: boolean },
): Promise<RunLog> {
  const { type, name } = target;
  const found = await (type === "backup"
    ? findLikely<Found>(backups, name, context)
    : findLikely<Found>(restores, name, context));
  const { cluster, namespace, object } = found;
  const kind = type === "backup" ? "Backup" : "Restore";
  const run: Run = { kind, namespace, name, called: `${type} ${name}`, word: `${type}/${name}` };
  const phase = phaseOf(object);
  if (follow && !isFinished(object)) {
    if (!isRunning(object)) context.tell(`${run.called} is ${phase}: its log begins when the server begins with it.`);
    return followed(context, run, found);
  }
  if (!isFinished(object) && phase !== "Deleting" && !isRunning(object)) {
    throw new Failure("failed", `${run.called} has no log yet: it is ${phase}`, {
      next: [`kubectl mkebackup logs ${run.word} -f`],
    });
  }
  const opened = await openStored(context, run, found);
  if (opened instanceof Error) return left(cluster, context, run, object, opened);
  if (isRunning(object)) tellItRuns(context, run, phase);
  return {
    batches: storedLines(opened, fileOf(run)),
    verdict: () => (follow ? verdictOf({ object }, kind) : undefined),
  };
}

const fileOf = ({ kind, name }: Run): StoredFile => ({ kind: `${kind}Log`, name });

/** The stored log, or why there is none. */
async function openStored(
  context: Context,
  run: Run,
  { cluster, object, location, locations }: Likely<Found>,
): Promise<StoredObject | Error> {
  const phase = phaseOf(object);
  if (phase === "FailedValidation" || phase === "InProgress")
    return new Failure("failed", `a run that is ${phase} has stored nothing`, { reason: "NotFound" });
  const { spec } = object;
  const backup = async (): Promise<Backup> =>
    cluster.get(backups, { namespace: run.namespace, name: (spec as RestoreSpec).backupName }, context.signal);
  const archive = openArchiveOf(context, cluster, {
    namespace: run.namespace,
    location: async () => {
      const [only, ...others] = await locations();
      if (only !== undefined && others.length === 0) return only;
      const held = run.kind === "Backup" ? (spec as BackupSpec) : (await backup()).spec;
      return location(held?.storageLocation || "default");
    },
    // The server takes its time to sign a link, longer than all the rest.
    prefer: "keys",
  });
  return archive.open(fileOf(run)).catch((error: unknown) => {
    context.signal.throwIfAborted();
    return error as Error;
  });
}

const sinceOf = ({ metadata }: Found): Date => new Date((Date.parse(metadata.creationTimestamp ?? "") || skew) - skew);

async function* about(batches: AsyncIterable<readonly string[]>, { kind, namespace, name }: Run) {
  for await (const lines of batches) {
    const own = lines.filter((line) => belongsTo(line, kind, namespace, name));
    if (own.length > 0) yield own;
  }
}

const tellItRuns = ({ tell }: Context, { called, word }: Run, phase: string): void =>
  tell(`${called} is ${phase}: this is its log so far.\nnext  kubectl mkebackup logs ${word} -f`);

/** What the server's pods still have about a run whose log is not stored, and why it is not. */
function left(cluster: Cluster, context: Context, run: Run, object: Found, why: Error): RunLog {
  const { namespace } = run;
  const { signal, tell } = context;
  const isOver = !isRunning(object);
  async function* batches() {
    let isFirst = true;
    try {
      for await (const lines of about(serverLines(cluster, namespace, { since: sinceOf(object), signal }), run)) {
        if (isFirst && isOver) tell("These are the lines that the server's pod still has of it.");
        if (isFirst && !isOver) tellItRuns(context, run, phaseOf(object));
        isFirst = false;
        yield lines;
      }
    } catch (error) {
      signal.throwIfAborted();
      // Of a run that is over, why it has no log says more.
      if (!isOver) throw error;
    }
    if (isFirst && !isOver) tellItRuns(context, run, phaseOf(object));
  }
  return { batches: batches(), verdict: () => (isOver ? noLog(run, object, why) : undefined) };
}

function noLog({ called, word }: Run, { status }: Found, why: Error): Failure {
  const phase = status?.phase ?? "";
  const next = [`kubectl mkebackup describe ${word}`];
  const reasons = status?.validationErrors ?? [];
  if (phase === "FailedValidation") {
    const said = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
    return new Failure("failed", `${called} has no log: the server refused it (FailedValidation)${said}`, { next });
  }
  if (!hasReason(why, "NotFound")) return why instanceof Failure ? why : new Failure("failed", why.message);
  const said = status?.failureReason === undefined ? "" : `: ${status.failureReason}`;
  const sentence =
    phase === "Failed"
      ? `${called} has no log: it ended Failed${said}`
      : `the log of ${called} is not in its location: it never arrived, or was deleted there`;
  return new Failure("failed", sentence, { reason: "NotFound", next, cause: why });
}

/** What the server writes about a run, until it ends. */
function followed(context: Context, run: Run, found: Likely<Found>): RunLog {
  const { cluster, object: begun } = found;
  const { signal, tell } = context;
  const { kind, namespace } = run;
  let object = begun;
  async function* batches(): AsyncGenerator<readonly string[]> {
    const end = new AbortController();
    const ended = endOf(cluster, run, signal).finally(() => end.abort());
    // Awaited below; until then its failure must not be one that nobody expects.
    ended.catch(() => undefined);
    const since = sinceOf(begun);
    try {
      yield* about(followServerLines(cluster, namespace, { since, signal, end: end.signal }), run);
    } catch (error) {
      if (!hasReason(error, "Forbidden")) throw error;
      tell(`Warning: ${(error as Failure).message}\nThe log of ${run.called} is shown when it has ended.`);
      object = await ended;
      const opened = await openStored(context, run, { ...found, object });
      if (opened instanceof Error) throw noLog(run, object, opened);
      yield* storedLines(opened, fileOf(run));
    }
    object = await ended;
  }
  return { batches: batches(), verdict: () => (isFinished(object) ? verdictOf({ object }, kind) : undefined) };
}

async function endOf(cluster: Cluster, { kind, namespace, name, called }: Run, signal: AbortSignal): Promise<Found> {
  const look = async (): Promise<Found> => {
    try {
      return await cluster.get<Found>(kind === "Backup" ? backups : restores, { namespace, name }, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
      throw new Failure("failed", `${called} was deleted while its log was followed`, { reason: "NotFound" });
    }
  };
  return waitUntil<Found>(look, { until: isFinished, signal, what: `${called} to finish` });
}
