export type Mapping = Record<string, unknown>;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One spelling for storage_provider, storage-provider, storageProvider and storageprovider: releases differ. */
export const squash = (key: string): string => key.replace(/[-_]/g, "").toLowerCase();

/** The spellings of a key that a mapping holds, MKE's own first. */
export function spellingsOf(mapping: Mapping, key: string): string[] {
  const found = Object.keys(mapping).filter((given) => squash(given) === squash(key));
  return found.toSorted((a, b) => Number(b === key) - Number(a === key));
}

/** The value of a key in any spelling; an empty one (null) counts as left out. */
export function lookUp(mapping: unknown, key: string): unknown {
  if (!isMapping(mapping)) return undefined;
  const [spelling] = spellingsOf(mapping, key);
  return spelling === undefined ? undefined : (mapping[spelling] ?? undefined);
}

/** "a list", "text": what stands where a map should. */
export function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isMapping(value)) return "a map";
  return value === null || value === undefined ? "empty" : typeof value === "string" ? "text" : `a ${typeof value}`;
}

/** Of the known keys, the one that a mistyped key was probably meant to be. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, edits: editsBetween(squash(key), squash(candidate)) }))
    .toSorted((a, b) => a.edits - b.edits)[0];
  return near !== undefined && near.edits <= Math.min(2, key.length / 3) ? near.candidate : undefined;
}

/** Levenshtein's distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [line, char] of [...a].entries()) {
    const next = [line + 1];
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (char === b[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const telltale = /(password|passwd|passphrase|secretkey|accesskey|accesskeyid|privatekey|token|credentials?)$/;
const hidden = "(not shown)";

/** A value under a key that MKE is not known to read, without what may be a secret in it. */
export function withoutSecrets(key: string, value: unknown): unknown {
  if (telltale.test(squash(key)) && value !== null && value !== "") return hidden;
  if (typeof value === "string") return value.replace(/\/\/[^\s/@]+@/g, `//${hidden}@`);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets("", item));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, withoutSecrets(inner, item)]));
}
