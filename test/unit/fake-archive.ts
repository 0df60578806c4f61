import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import type { Archive } from "../../src/archive/archive.ts";
import type { StoredFile } from "../../src/archive/stored-file.ts";
import { Failure } from "../../src/core/failure.ts";
import type { StoredEntry } from "../../src/object-store/object-store.ts";

/** Packed bytes, or a document to pack, or why the file cannot be had. */
type Stored = Buffer | Failure | object | null;

/** An archive of files by `KIND/NAME`, BackupResults/b1. What it does not hold is NotFound. It remembers what was opened. */
export function fakeArchive(
  files: Readonly<Record<string, Stored>>,
  entries: readonly StoredEntry[] | Failure = [],
): Archive & { readonly opened: string[] } {
  const opened: string[] = [];
  const read = async ({ kind, name }: StoredFile): Promise<Buffer> => {
    const key = `${kind}/${name}`;
    opened.push(key);
    const stored = Object.hasOwn(files, key)
      ? files[key]
      : new Failure("failed", "the object store answered NoSuchKey", { reason: "NotFound" });
    if (stored instanceof Failure) throw stored;
    return Buffer.isBuffer(stored) ? stored : gzipSync(JSON.stringify(stored));
  };
  return {
    opened,
    read,
    async open(file, { from = 0 } = {}) {
      const packed = await read(file);
      return { size: packed.length, etag: '"fake"', content: Readable.from([packed.subarray(from)]) };
    },
    async entries() {
      if (entries instanceof Failure) throw entries;
      return [...entries];
    },
  };
}
