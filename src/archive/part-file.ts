import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure } from "../core/failure.ts";
import { cannotWrite, codeOf } from "../core/file-failure.ts";
import { isRecord } from "./json-file.ts";

/** Which object the bytes of a part are of. */
export interface PartOf {
  readonly backup: string;
  readonly etag: string;
  /** Bytes of the whole. */
  readonly size: number;
}

/** A file on its way: FILE.part, with what it is a part of beside it, FILE.part.json. */
export interface PartFile {
  readonly path: string;
  /** What an earlier program left of it: the bytes that are there, and of what. */
  readonly left: { readonly bytes: number; readonly of: PartOf | undefined } | undefined;
  /** Begins to write at a byte. With 0 nothing of an earlier part stays. `of` is undefined where it could not be continued. */
  begin(at: number, of: PartOf | undefined): Promise<void>;
  /** The first bytes, as they lie there; each piece is good until the next is asked for. */
  read(bytes: number): AsyncIterable<Buffer>;
  /** Resolves when the bytes are not needed any more. */
  write(bytes: Buffer): Promise<void>;
  /** Everything is on the disk: gives the file its name. */
  finish(): Promise<void>;
  /** Leaves the part as it is; returns its bytes. */
  keep(): Promise<number>;
  remove(): Promise<void>;
}

const readBytes = 512 * 1024;
const noFollow = constants.O_NOFOLLOW ?? 0;

export async function openPart(file: string, isForced: boolean): Promise<PartFile> {
  const path = `${file}.part`;
  const note = `${path}.json`;
  let handle: FileHandle | undefined;
  let position = 0;
  const trying = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  const create = async (name: string) => {
    await rm(name, { force: true });
    return open(name, "wx", 0o600);
  };
  const close = async () => {
    await handle?.close().catch(() => undefined);
    handle = undefined;
  };
  const left = await leftOf(path, note);
  return {
    path,
    left,
    begin: (at, of) =>
      trying(
        (async () => {
          if (at === 0) {
            await rm(note, { force: true });
            handle = await create(path);
            if (of !== undefined) await (await create(note)).close();
            if (of !== undefined) await writeFile(note, `${JSON.stringify(of)}\n`);
          } else {
            handle = await open(path, constants.O_RDWR | noFollow);
            await handle.truncate(at);
          }
          position = at;
        })(),
      ),
    async *read(bytes) {
      const buffer = Buffer.allocUnsafeSlow(readBytes);
      for (let at = 0; at < bytes && handle !== undefined; ) {
        const { bytesRead } = await trying(handle.read(buffer, 0, Math.min(readBytes, bytes - at), at));
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    async write(bytes) {
      if (handle === undefined) throw new Error(`nothing has begun to write ${path}`);
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await trying(handle.write(bytes, at, bytes.length - at, position));
        at += bytesWritten;
        position += bytesWritten;
      }
    },
    async finish() {
      await trying(handle?.sync() ?? Promise.resolve());
      await close();
      await trying(isForced ? rename(path, file) : renameOnlyNew(path, file));
      await syncFolder(dirname(file));
      await rm(note, { force: true });
    },
    async keep() {
      await close();
      const { size = 0 } = (await lstat(path).catch(() => undefined)) ?? {};
      if (size > 0) return size;
      await Promise.all([rm(path, { force: true }), rm(note, { force: true })]).catch(() => undefined);
      return 0;
    },
    async remove() {
      await close();
      await Promise.all([rm(path, { force: true }), rm(note, { force: true })]).catch(() => undefined);
    },
  };
}

async function leftOf(path: string, note: string): Promise<PartFile["left"]> {
  try {
    const found = await lstat(path);
    const isOurs = found.isFile() && (process.getuid === undefined || found.uid === process.getuid());
    if (!isOurs) return { bytes: 0, of: undefined };
    return { bytes: found.size, of: await readNote(note) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw cannotWrite(path, error);
  }
}

async function readNote(note: string): Promise<PartOf | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(note, "utf8"));
    if (!isRecord(read)) return undefined;
    const { backup, etag, size } = read;
    if (typeof backup !== "string" || typeof etag !== "string" || !Number.isSafeInteger(size)) return undefined;
    return { backup, etag, size: size as number };
  } catch {
    return undefined;
  }
}

/** Unlike a rename, a link never takes the place of another file; not every file system has them. */
async function renameOnlyNew(path: string, file: string): Promise<void> {
  const taken = () => new Failure("failed", `${file} has come into being meanwhile; what was downloaded is ${path}`);
  try {
    await link(path, file);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw taken();
    const stands = await lstat(file).then(
      () => true,
      () => false,
    );
    if (stands) throw taken();
    await rename(path, file);
    return;
  }
  await unlink(path);
}

/** Only then the new name outlives a power cut. Windows opens no folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
