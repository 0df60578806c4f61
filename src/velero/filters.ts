import { usageFailure } from "../core/failure.ts";

/** One include/exclude pair of flags, as given. */
export interface Lists {
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[] | undefined;
  /** The flags' names, for sentences: include-namespaces, exclude-namespaces. */
  readonly flags: readonly [include: string, exclude: string];
}

/** The server's rules for the old filters and for namespaces: `*` stands alone, never in an exclude, and nothing is in both. */
export function checkLists({ include = [], exclude = [], flags }: Lists): void {
  const [included, excluded] = flags;
  if (include.length > 1 && include.includes("*")) {
    throw usageFailure(`--${included}: * means all, so it cannot stand beside other names`);
  }
  if (exclude.includes("*")) throw usageFailure(`--${excluded}: * would leave nothing to do`);
  checkNoOverlap(include, exclude, flags);
}

/** The server's rules for the scoped filters: `*` stands alone in either list, and excluding everything forbids includes. */
export function checkScopedLists({ include = [], exclude = [], flags }: Lists): void {
  const [included, excluded] = flags;
  for (const [list, flag] of [
    [include, included],
    [exclude, excluded],
  ] as const) {
    if (list.length > 1 && list.includes("*"))
      throw usageFailure(`--${flag}: * means all, so it cannot stand beside other names`);
  }
  if (exclude.includes("*") && include.length > 0)
    throw usageFailure(`--${excluded} "*" leaves nothing for --${included} to include`);
  checkNoOverlap(include, exclude, flags);
}

function checkNoOverlap(
  include: readonly string[],
  exclude: readonly string[],
  [included, excluded]: Lists["flags"],
): void {
  const both = include.filter((name) => exclude.includes(name));
  if (both.length > 0) throw usageFailure(`${both.join(", ")} is in both --${included} and --${excluded}`);
}

/** Globs are for the server; what is left must be a namespace's name. */
export function checkNamespaceNames({ include = [], exclude = [], flags }: Lists): void {
  for (const [names, flag] of [
    [include, flags[0]],
    [exclude, flags[1]],
  ] as const) {
    const wrong = names.find((name) => !/^[-a-z0-9*?[\]{},]+$/.test(name));
    if (wrong !== undefined)
      throw usageFailure(`--${flag}: "${wrong}" is not a namespace's name: lower-case letters, digits and '-'`);
  }
}

export function checkNotBoth(first: string, second: string, given: Readonly<Record<string, unknown>>): void {
  if (given[first] !== undefined && given[second] !== undefined)
    throw usageFailure(`--${first} and --${second} cannot be used together`);
}
