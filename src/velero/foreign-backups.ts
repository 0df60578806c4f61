import type { Bucket } from "../object-store/object-store.ts";
import { objectKey } from "./bucket-access.ts";
import type { BackupStorageLocation } from "./types.ts";

/** Names more of a bucket are not looked at: about two thousand backups. */
const mostEntries = 20_000;
/** So many names are enough to show. */
const mostNames = 3;

/** Backups in a location's bucket that are not among the known ones: the first names, and whether there are more. */
export async function foreignBackups(
  bucket: Bucket,
  location: BackupStorageLocation,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<{ readonly names: readonly string[]; readonly more: boolean }> {
  const prefix = objectKey(location, "backups/");
  const names: string[] = [];
  let seen = 0;
  for await (const { key } of bucket.list(prefix, signal)) {
    // Without this file the server does not take a folder for a backup.
    const name = /^([^/]+)\/velero-backup\.json$/.exec(key.slice(prefix.length))?.[1];
    if (name !== undefined && !known.has(name)) {
      if (names.length === mostNames) return { names, more: true };
      names.push(name);
    }
    seen += 1;
    if (seen === mostEntries) return { names, more: true };
  }
  return { names, more: false };
}
