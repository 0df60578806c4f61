import type { Archive } from "../archive/archive.ts";
import {
  downloadTo,
  extract,
  type Partial,
  passOn,
  type TransferOptions,
  type Transferred,
} from "../archive/transfer.ts";
import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import { bytes } from "../output/units.ts";
import { type Downloaded, downloadText } from "../output/views/download.ts";
import { backups } from "../velero/kinds.ts";
import { isUsable } from "../velero/phases.ts";
import type { Backup } from "../velero/types.ts";
import { locationOf, openArchiveOf } from "./archives.ts";
import { type Context, defineCommand, defineFlags } from "./command.ts";
import { readDestination } from "./destination.ts";
import { empty, refuseEmpty } from "./empty-backup.ts";
import { findNamed } from "./find-named.ts";
import { readTarget } from "./target.ts";

type Result =
  | { readonly bytes: AsyncIterable<Uint8Array> }
  /** Undefined `bytes`: it is on the disk. */
  | (Downloaded & { readonly bytes?: undefined });

const flags = defineFlags({
  output: {
    type: "text",
    alias: "o",
    value: "FILE",
    describe: "Write the tarball to this file or into this folder, - for stdout (default BACKUP-data.tar.gz here)",
  },
  extract: {
    type: "text",
    value: "DIR",
    describe: "Write the manifests below this folder, and no tarball unless -o names a file",
  },
  force: { type: "switch", describe: "Overwrite what is there" },
});

export const command = defineCommand({
  flags,
  outputs: ["table"],
  mostOperands: 1,
  examples: [
    [
      "kubectl mkebackup download nightly-20261124020000",
      "The manifests as one file; the same again continues after a break",
    ],
    ["kubectl mkebackup download nightly-20261124020000 --extract nightly", "Each manifest as a file of its own"],
    ["kubectl mkebackup download nightly-20261124020000 -o -", "To stdout, for a pipe or another machine"],
  ],
  async run(args, context): Promise<Result> {
    const { name } = readWord(args.operands[0]);
    const isForced = args.force === true;
    const isTerminal = context.screen.isTerminal === true;
    const to = await readDestination(name, { output: args.output, extract: args.extract, isForced, isTerminal });
    const [cluster, { name: namespace }] = [await context.cluster(), await context.velero()];
    const { signal } = context;
    const backup = await findNamed(cluster, backups, { namespace, name }, { signal, list: "kubectl mkebackup list" });
    refuseEmpty(backup);
    const archive = openArchiveOf(context, cluster, { namespace, location: () => locationOf(cluster, backup, signal) });
    context.tell("What is downloaded holds the values of Secrets: keep it where nobody else reads it.");
    const begun = context.now().getTime();
    const downloaded = ({ size, files }: Transferred): Downloaded => {
      const milliseconds = context.now().getTime() - begun;
      return { backup: name, size, files, milliseconds, file: to.file, folder: to.folder };
    };
    const options = optionsOf(name, context, { folder: to.folder, isForced });
    if (to.isStdout) return { bytes: told(passOn(archive, name, options), backup, context, downloaded) };
    return downloaded(await transfer(archive, backup, to.file, options));
  },
  bytes: (result) => result.bytes,
  text: (result, screen) => (result.bytes === undefined ? downloadText(result, screen) : ""),
  document: () => ({}),
});

function readWord(word: string | undefined): { readonly name: string } {
  if (word === undefined) throw usageFailure("say which backup", "kubectl mkebackup download NAME");
  const { type, name } = readTarget(word, ["backup", "restore", "schedule", "location"]);
  if (type === "backup") return { name };
  throw usageFailure(
    `a ${type} has nothing to download: what Velero stores as a tarball is a backup`,
    type === "restore" ? `kubectl mkebackup describe ${word} names its backup` : "kubectl mkebackup list backups",
  );
}

function optionsOf(
  name: string,
  context: Context,
  { folder, isForced }: { folder: string | undefined; isForced: boolean },
): TransferOptions {
  const { signal, tell, progress } = context;
  return {
    signal,
    folder,
    isForced,
    onStep: (step) => progress.show({ kind: "Transfer", name, ...step }),
    onLeft({ path, bytes: there, total }, isContinued) {
      const part = `${path} holds ${bytes(there)}${total === undefined ? "" : ` of ${bytes(total)}`}`;
      tell(isContinued ? `${part}: continued` : `${path} is no part of what the store has now: begun anew`);
    },
  };
}

async function transfer(
  archive: Archive,
  backup: Backup,
  file: string | undefined,
  options: TransferOptions,
): Promise<Transferred> {
  const { name } = backup.metadata;
  let kept: Partial | undefined;
  try {
    if (file === undefined) return await extract(archive, name, options);
    return await downloadTo(archive, name, file, {
      ...options,
      onKept: (partial) => {
        kept = partial;
      },
    });
  } catch (error) {
    throw explained(error, backup, kept);
  }
}

async function* told(
  chunks: AsyncGenerator<Uint8Array, Transferred>,
  backup: Backup,
  { tell, screen, progress }: Context,
  downloaded: (result: Transferred) => Downloaded,
): AsyncGenerator<Uint8Array> {
  try {
    const result = yield* chunks;
    progress.end();
    tell(downloadText({ ...downloaded(result), file: "stdout" }, screen));
  } catch (error) {
    progress.end();
    throw explained(error, backup, undefined);
  }
}

const missing = ({ metadata: { name } }: Backup, cause: unknown): Failure =>
  new Failure(
    "failed",
    `the tarball of backup ${name} is not in its location: it was deleted there, or may not be read`,
    {
      reason: "NotFound",
      next: [`kubectl mkebackup describe backup/${name}`],
      cause,
    },
  );

/** The same failure, with what there is to do about it. */
function explained(error: unknown, backup: Backup, kept: Partial | undefined): unknown {
  if (hasReason(error, "NotFound")) return isUsable(backup) ? missing(backup, error) : empty(backup, error);
  if (!(error instanceof Failure)) return error;
  const again = "the same command begins anew";
  const { kind, message, heading, reason } = error;
  const details = { heading, cause: error, ...(reason === undefined ? {} : { reason }) };
  if (reason === "Damaged" || reason === "Changed")
    return new Failure(kind, message, { ...details, next: [...error.next, again] });
  if (kept === undefined) return error;
  const { path, bytes: there, total = 0 } = kept;
  return new Failure(kind, `${message}; ${path} is kept, ${bytes(there)} of ${bytes(total)}`, {
    ...details,
    next: [...error.next, "the same command continues it"],
  });
}
