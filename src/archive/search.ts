import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import { globMatcher } from "../core/glob.ts";
import { sideBySide } from "../core/side-by-side.ts";
import { isFinished, outcomeOf, phaseOf } from "../velero/phases.ts";
import type { Backup } from "../velero/types.ts";
import type { Archive } from "./archive.ts";
import { isRecord, listOf, readJson } from "./json-file.ts";
import { kindFilter } from "./kind-words.ts";
import { type ListedResource, resourceList } from "./resource-list.ts";
import type { NamesOfKind, ResourceListCache } from "./resource-list-cache.ts";

/** What is looked for; the name and the namespace may hold `*` and `?`. */
export interface Wanted {
  /** A kind in any of its spellings. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

export interface Held {
  readonly backup: Backup;
  /** At least one. */
  readonly objects: readonly ListedResource[];
}

export interface Unread {
  readonly reason: string;
  readonly backups: readonly string[];
}

export interface Searched {
  /** In the order that the backups were given in. */
  readonly held: readonly Held[];
  /** How many backups were read, or are known to hold nothing. */
  readonly searched: number;
  /** Whether any backup holds an object of the kind at all. */
  readonly isKindKnown: boolean;
  /** Backups that could not be read, by why. */
  readonly unread: readonly Unread[];
  /** Backups that have no list yet, or none any more. */
  readonly unfinished: readonly Backup[];
}

export interface SearchOptions {
  /** The archive of a location, by the location's name; asked once for each. */
  archiveOf(location: string): Archive;
  readonly cache: ResourceListCache;
  readonly signal: AbortSignal;
}

/** Lists that are on their way at the same time. */
const most = 8;

/** Finds the backups that hold an object, by the lists that Velero stored beside them. */
export async function searchBackups(
  backups: readonly Backup[],
  wanted: Wanted,
  { archiveOf, cache, signal }: SearchOptions,
): Promise<Searched> {
  const finished = backups.filter(isFinished);
  const archives = new Map<string, Archive>();
  /** Locations that let nobody in: each more backup would only wait for the same answer. */
  const closed = new Map<string, unknown>();
  const read = async (backup: Backup): Promise<readonly NamesOfKind[]> => {
    const location = backup.spec?.storageLocation ?? "default";
    if (closed.has(location)) throw closed.get(location);
    const archive = archives.get(location) ?? archiveOf(location);
    archives.set(location, archive);
    try {
      return await readList(archive, backup, cache);
    } catch (error) {
      if (isAboutLocation(error)) closed.set(location, error);
      throw error;
    }
  };
  const isWanted = matcher(wanted);
  const answers = await sideBySide(finished, most, async (backup): Promise<Answer> => {
    signal.throwIfAborted();
    try {
      const kinds = (await cached(backup, cache)) ?? (await read(backup));
      return { backup, ...find(kinds, isWanted) };
    } catch (error) {
      signal.throwIfAborted();
      return { backup, reason: reasonOf(error, backup) };
    }
  });
  await cache.trim();
  const heard = answers.filter((answer) => "objects" in answer);
  return {
    held: heard.filter(({ objects }) => objects.length > 0),
    searched: heard.length,
    isKindKnown: heard.some(({ hasKind }) => hasKind),
    unread: grouped(answers.filter((answer) => "reason" in answer)),
    unfinished: backups.filter((backup) => !isFinished(backup)),
  };
}

type Answer =
  | { readonly backup: Backup; readonly objects: readonly ListedResource[]; readonly hasKind: boolean }
  | { readonly backup: Backup; readonly reason: string };

const cached = async ({ metadata }: Backup, cache: ResourceListCache) =>
  metadata.uid === undefined ? undefined : cache.read(metadata.uid);

async function readList(archive: Archive, backup: Backup, cache: ResourceListCache): Promise<readonly NamesOfKind[]> {
  if (phaseOf(backup) === "FailedValidation") return [];
  const { name, uid } = backup.metadata;
  const document = await readJson(archive, { kind: "BackupResourceList", name }).catch((error: unknown) => {
    // One that failed early stored nothing.
    if (hasReason(error, "NotFound") && outcomeOf(backup) === "failed") return {};
    throw error;
  });
  const kinds = Object.fromEntries(
    Object.entries(isRecord(document) ? document : {}).map(([key, names]) => [
      key,
      listOf(names).filter((text) => typeof text === "string"),
    ]),
  );
  if (uid !== undefined) await cache.write(uid, kinds);
  return Object.entries(kinds).map(([key, names]) => ({ key, names: () => names }));
}

interface Matcher {
  kind(listed: Pick<ListedResource, "apiVersion" | "kind">): boolean;
  object(listed: ListedResource): boolean;
}

function matcher({ kind, name, namespace }: Wanted): Matcher {
  const isName = globMatcher(name);
  const isNamespace = namespace === undefined ? () => true : globMatcher(namespace);
  return {
    kind: kindFilter(kind),
    object: (listed) => isName(listed.name) && isNamespace(listed.namespace ?? ""),
  };
}

function find(kinds: readonly NamesOfKind[], wanted: Matcher) {
  const fitting = kinds.filter(({ key }) => {
    const cut = key.lastIndexOf("/");
    return wanted.kind({ apiVersion: key.slice(0, Math.max(cut, 0)), kind: key.slice(cut + 1) });
  });
  const objects = fitting.flatMap(({ key, names }) => resourceList({ [key]: names() }).filter(wanted.object));
  return { objects, hasKind: fitting.length > 0 };
}

/** Whether an error says that the location cannot be read, rather than one file of it. */
const isAboutLocation = (error: unknown): boolean =>
  error instanceof Failure &&
  (error.kind === "timeout" || ["Unreachable", "Untrusted", "Forbidden", "NoLocation"].includes(error.reason ?? ""));

function reasonOf(error: unknown, { metadata: { name } }: Backup): string {
  if (hasReason(error, "NotFound")) return "the list of its objects is not in the bucket";
  return sentenceOf(error).replaceAll(name, "NAME");
}

function grouped(failed: readonly { readonly backup: Backup; readonly reason: string }[]): Unread[] {
  return [...Map.groupBy(failed, ({ reason }) => reason)].map(([reason, answers]) => ({
    reason,
    backups: answers.map(({ backup }) => backup.metadata.name),
  }));
}
