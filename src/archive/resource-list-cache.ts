import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/** What a cached list says of one kind: `apps/v1/Deployment`, and the names as the backup's file has them: shop/web. */
export interface NamesOfKind {
  readonly key: string;
  names(): readonly string[];
}

/**
 * Names of what finished backups hold, by the backups' UIDs. Kept between runs where the user may write; everything works
 * without, and the folder may be deleted at any time.
 */
export interface ResourceListCache {
  /** Undefined for what is not there, or damaged. */
  read(uid: string): Promise<readonly NamesOfKind[] | undefined>;
  write(uid: string, document: Readonly<Record<string, readonly string[]>>): Promise<void>;
  /** Removes the oldest when there are too many. */
  trim(): Promise<void>;
}

/** A name and a size that no file of ours outgrows. */
const limits = { files: 10_000, bytes: 256 * 1024 * 1024, unpacked: 256 * 1024 * 1024 };
const title = "mkebackup resource list 1";

interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
}

/** Where the user's caches lie on this system. */
export function cacheFolder({ env, platform = process.platform }: Place): string {
  const home = env["HOME"] || homedir();
  const root =
    platform === "win32"
      ? env["LOCALAPPDATA"] || join(env["USERPROFILE"] || homedir(), "AppData", "Local")
      : env["XDG_CACHE_HOME"] || join(home, ...(platform === "darwin" ? ["Library", "Caches"] : [".cache"]));
  return join(root, "kubectl-mkebackup", "resource-lists");
}

export function openResourceListCache(
  place: Place,
  { files, bytes } = { files: limits.files, bytes: limits.bytes },
): ResourceListCache {
  const folder = cacheFolder(place);
  const fileOf = (uid: string) => join(folder, `${uid}.lst`);
  let isUsable: Promise<boolean> | undefined;
  let hasGrown = false;
  const prepared = () =>
    (isUsable ??= prepare(folder).then(
      () => true,
      () => false,
    ));
  return {
    async read(uid) {
      if (!isUid(uid)) return undefined;
      try {
        return unpack(await readFile(fileOf(uid)));
      } catch {
        return undefined;
      }
    },
    async write(uid, document) {
      // No object has such a name, and one line of the cache is one name.
      const isOdd = Object.values(document).some((names) => names.some((name) => name.includes("\n")));
      if (isOdd || !isUid(uid) || !(await prepared())) return;
      const part = join(folder, `${uid}.${process.pid}.part`);
      try {
        await writeFile(part, pack(document), { mode: 0o600 });
        await rename(part, fileOf(uid));
        hasGrown = true;
      } catch {
        await rm(part, { force: true }).catch(() => undefined);
      }
    },
    async trim() {
      if (hasGrown) await trim(folder, { files, bytes }).catch(() => undefined);
    },
  };
}

const isUid = (uid: string): boolean => /^[\da-f-]{8,64}$/i.test(uid);

async function prepare(folder: string): Promise<void> {
  const { chmod } = await import("node:fs/promises");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A folder that was there may be open to others; one that is not the user's own refuses.
  await chmod(folder, 0o700);
}

/** A line with a checksum, one with the kinds and the lengths of their parts, and the parts: each kind is unpacked by itself. */
function pack(document: Readonly<Record<string, readonly string[]>>): Buffer {
  const parts = Object.entries(document).map(([key, names]) => ({ key, packed: deflateRawSync(names.join("\n")) }));
  const index = JSON.stringify(parts.map(({ key, packed }) => [key, packed.length]));
  const body = Buffer.concat([Buffer.from(`${index}\n`), ...parts.map(({ packed }) => packed)]);
  return Buffer.concat([Buffer.from(`${title} ${checksum(body)}\n`), body]);
}

const checksum = (body: Buffer): string => crc32(body).toString(16).padStart(8, "0");

/** Throws when it is damaged, or not of this version. */
function unpack(file: Buffer): readonly NamesOfKind[] {
  const start = file.indexOf("\n") + 1;
  const body = file.subarray(start);
  if (file.toString("latin1", 0, start) !== `${title} ${checksum(body)}\n`) throw new Error("damaged");
  const end = body.indexOf("\n");
  const index = JSON.parse(body.toString("utf8", 0, end)) as [key: string, length: number][];
  let at = end + 1;
  return index.map(([key, length]) => {
    const packed = body.subarray(at, at + length);
    at += length;
    return { key, names: () => namesIn(inflateRawSync(packed, { maxOutputLength: limits.unpacked }).toString("utf8")) };
  });
}

const namesIn = (text: string): string[] => (text === "" ? [] : text.split("\n"));

async function trim(folder: string, most: { files: number; bytes: number }): Promise<void> {
  const names = await readdir(folder);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { mtimeMs, size } = await stat(path);
      return { path, mtimeMs, size, isPart: name.endsWith(".part") };
    }),
  );
  const now = Date.now();
  let [count, total] = [0, 0];
  for (const { path, mtimeMs, size, isPart } of found.toSorted((a, b) => b.mtimeMs - a.mtimeMs)) {
    count += 1;
    total += size;
    // A part that nobody finished within an hour never will be.
    const isLeft = isPart && now - mtimeMs > 3_600_000;
    if (isLeft || count > most.files || total > most.bytes) await rm(path, { force: true });
  }
}
