import { hasReason } from "../core/failure.ts";
import type { StoredObject } from "../object-store/object-store.ts";
import type { Archive } from "./archive.ts";
import { batches } from "./batches.ts";
import { openExtraction } from "./extract.ts";
import { openPart, type PartFile } from "./part-file.ts";
import { pathOf } from "./stored-file.ts";
import { type Checked, checkTarball } from "./tarball-check.ts";
import { damaged } from "./unpack.ts";

export interface TransferStep {
  /** Checking reads what an earlier program left. */
  readonly phase: "Checking" | "Downloading";
  /** Bytes. */
  readonly done: number;
  readonly total: number | undefined;
}

/** A tarball that is there in part: where, and how many bytes of how many. */
export interface Partial {
  readonly path: string;
  readonly bytes: number;
  readonly total: number | undefined;
}

export interface TransferOptions {
  readonly signal: AbortSignal;
  /** Where the files of the tarball are written to. */
  readonly folder?: string | undefined;
  /** Whether files that stand there give way. */
  readonly isForced: boolean;
  onStep?(step: TransferStep): void;
  /** What an earlier program left is continued, or cannot be. */
  onLeft?(left: Partial, isContinued: boolean): void;
  /** The transfer fails, and the next call continues it. */
  onKept?(kept: Partial): void;
}

export interface Transferred extends Checked {
  /** Bytes of the tarball. */
  readonly size: number;
}

/** Milliseconds between two steps that are told. */
const stepEvery = 200;

/**
 * A backup's tarball as a file, which gets its name when it was read through and is on the disk; until then it is FILE.part, which
 * the next call continues. Throws Failures; with reason Damaged or Changed there is no part any more.
 */
export async function downloadTo(
  archive: Archive,
  name: string,
  file: string,
  options: TransferOptions,
): Promise<Transferred> {
  const part = await openPart(file, options.isForced);
  const { stored, from } = await openRest(archive, name, part, options);
  const { size: total, etag, content } = stored;
  try {
    await part.begin(from, etag === undefined || total === undefined ? undefined : { backup: name, etag, size: total });
    const earlier = from === 0 ? undefined : part.read(from);
    const result = await toEnd(checked(name, stored, options, earlier), (chunk) => part.write(chunk));
    await part.finish();
    return result;
  } catch (error) {
    if (hasReason(error, "Damaged") || hasReason(error, "Changed")) await part.remove();
    else {
      const bytes = await part.keep();
      if (bytes > 0 && etag !== undefined && total !== undefined) options.onKept?.({ path: part.path, bytes, total });
    }
    throw error;
  } finally {
    content.destroy();
  }
}

/** The tarball's bytes as they come, each piece good until the next is asked for. Throws behind the last ones where they are not a whole tarball. */
export async function* passOn(
  archive: Archive,
  name: string,
  options: TransferOptions,
): AsyncGenerator<Buffer, Transferred> {
  return yield* checked(
    name,
    await archive.open({ kind: "BackupContents", name }, { signal: options.signal }),
    options,
  );
}

/** The tarball's files alone. */
export const extract = (archive: Archive, name: string, options: TransferOptions): Promise<Transferred> =>
  toEnd(passOn(archive, name, options), async () => undefined);

async function toEnd(
  chunks: AsyncGenerator<Buffer, Transferred>,
  take: (chunk: Buffer) => Promise<void>,
): Promise<Transferred> {
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) return value;
      await take(value);
    }
  } finally {
    await chunks.return(undefined as never);
  }
}

/** The bytes that come, while they are read through behind those that came `earlier`; each piece is good until the next is asked for. */
async function* checked(
  name: string,
  { content, size }: StoredObject,
  options: TransferOptions,
  earlier?: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, Transferred> {
  const what = pathOf({ kind: "BackupContents", name });
  const { folder, isForced, signal } = options;
  const extraction = folder === undefined ? undefined : openExtraction(folder, isForced);
  const check = checkTarball(what, extraction?.take);
  const step = stepper(options, size);
  let [done, isWhole] = [0, false];
  async function* counted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      done += chunk.length;
      step("Downloading", done);
      yield chunk;
    }
  }
  try {
    for await (const chunk of earlier ?? []) {
      signal.throwIfAborted();
      await check.write(chunk);
      done += chunk.length;
      step("Checking", done);
    }
    for await (const batch of batches(counted(content))) {
      // The disk and the reading work on it side by side.
      const seen = check.write(batch);
      seen.catch(() => undefined);
      yield batch;
      await seen;
    }
    if (size !== undefined && done !== size)
      throw damaged(what, `the store says that it has ${size} bytes, and sent ${done}`);
    const found = await check.end();
    isWhole = true;
    return { ...found, size: done };
  } finally {
    await check.stop();
    content.destroy();
    extraction?.end(isWhole);
  }
}

/** What is to come of the file, and from which byte on: behind an earlier part only when that is of the same object. */
async function openRest(
  archive: Archive,
  name: string,
  { path, left }: PartFile,
  { signal, onLeft }: TransferOptions,
): Promise<{ stored: StoredObject; from: number }> {
  const file = { kind: "BackupContents", name } as const;
  const { bytes = 0, of } = left ?? {};
  // There is nothing to ask for behind the last byte, so it comes again.
  const from = of?.backup === name && bytes <= of.size ? Math.min(bytes, of.size - 1) : 0;
  if (of !== undefined && from > 0) {
    try {
      const stored = await archive.open(file, { signal, from, etag: of.etag });
      if (stored.etag === of.etag && stored.size === of.size) {
        onLeft?.({ path, bytes: from, total: of.size }, true);
        return { stored, from };
      }
      stored.content.destroy();
    } catch (error) {
      if (!hasReason(error, "Changed")) throw error;
    }
  }
  if (bytes > 0) onLeft?.({ path, bytes, total: of?.size }, false);
  return { stored: await archive.open(file, { signal }), from: 0 };
}

function stepper({ onStep }: TransferOptions, total: number | undefined) {
  let told = Number.NEGATIVE_INFINITY;
  return (phase: TransferStep["phase"], done: number): void => {
    const now = performance.now();
    if (now - told < stepEvery && done !== total) return;
    told = now;
    onStep?.({ phase, done, total });
  };
}
