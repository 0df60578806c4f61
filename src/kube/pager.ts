import type { KubeObject } from "../core/resource.ts";
import { ExpiredFailure } from "./server-failure.ts";

export interface ObjectList<T> {
  readonly items: T[] | null;
  readonly metadata?: { readonly continue?: string };
}

/** Asks for one page; without a limit for everything there is. */
export type AskPage<T> = (page: {
  limit?: number | undefined;
  continue?: string | undefined;
}) => Promise<ObjectList<T>>;

/** kubectl's page size, and the one that large clusters are tuned for. */
export const pageSize = 500;

/**
 * The whole list as it was at one moment. When it grows older than the server remembers while it is paged, it is read afresh
 * in one piece, which cannot grow old: as client-go does.
 */
export async function wholeList<T>(ask: AskPage<T>): Promise<T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    try {
      const page = await ask({ limit: pageSize, continue: next });
      items.push(...(page.items ?? []));
      next = page.metadata?.continue;
    } catch (error) {
      if (!(error instanceof ExpiredFailure) || next === undefined) throw error;
      return (await ask({})).items ?? [];
    }
  } while (next);
  return items;
}

/**
 * The list page by page, for whoever has used the first pages already when it grows too old. What follows is then the rest as
 * it is now: an object that is there all the time comes exactly once.
 */
export async function* eachPage<T extends KubeObject>(ask: AskPage<T>): AsyncGenerator<T[]> {
  let next: string | undefined;
  let last: string | undefined;
  let wasOld = false;
  do {
    const page = await ask({ limit: pageSize, continue: next }).catch((error: unknown) => {
      if (error instanceof ExpiredFailure && next !== undefined) return error;
      throw error;
    });
    const isOld = page instanceof ExpiredFailure;
    // The server's own way on begins behind the last page. One that is too old itself leads nowhere.
    if (isOld && (wasOld || page.rest === undefined)) return yield* everythingBehind(last, ask);
    if (!isOld) {
      const items = page.items ?? [];
      yield items;
      last = items.length === 0 ? last : keyOf(items.at(-1) as T);
    }
    next = isOld ? page.rest : page.metadata?.continue;
    wasOld = isOld;
  } while (next);
}

/** What is left behind a key, in pages; read in one piece, which cannot grow old. */
async function* everythingBehind<T extends KubeObject>(last: string | undefined, ask: AskPage<T>): AsyncGenerator<T[]> {
  const all = (await ask({})).items ?? [];
  const rest = last === undefined ? all : all.filter((object) => isBehind(keyOf(object), last));
  for (let at = 0; at < rest.length; at += pageSize) yield rest.slice(at, at + pageSize);
}

/** Lists are in the order of these, byte by byte: "a-b/x" comes before "a/x". */
const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ""}/${metadata.name}`;

const isBehind = (key: string, last: string): boolean => Buffer.compare(Buffer.from(key), Buffer.from(last)) > 0;
