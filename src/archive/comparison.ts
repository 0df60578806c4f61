import { createHash } from "node:crypto";
import { compareText } from "../core/order.ts";
import type { KubeObject } from "../core/resource.ts";
import { type FieldChange, fieldChanges, sameText, secretChanges } from "./fields.ts";
import { controllerOf, isFleeting, meaningful } from "./noise.ts";
import type { ScopedObject } from "./scope.ts";
import type { Item, ItemPath } from "./tarball.ts";

/** An object that was compared. */
export interface Compared extends ItemPath {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface Changed extends Compared {
  readonly fields: readonly FieldChange[];
}

/** Objects that could not be looked at, by why. */
export interface NotCompared {
  readonly reason: string;
  /** deployments.apps, pods */
  readonly resources: readonly string[];
}

/** One of the two that are compared: a backup, or the cluster. */
export interface Side {
  /**
   * Hands over its objects, in any order; those alone that are wanted. `held` are the objects of the first side, when they are
   * known already. Answers what it may not look at.
   */
  read(
    take: (item: Item) => void,
    options: { wanted(path: ItemPath): boolean; held: readonly Compared[] },
  ): Promise<readonly NotCompared[]>;
  /** Hands over some objects once more; fewer when they have gone meanwhile. */
  again(take: (item: Item) => void, objects: readonly Compared[]): Promise<void>;
  /** Whether it would hold an object that the other side has, if it was there when this side was taken. */
  wouldHold(object: ScopedObject): boolean;
  /** Whether it can only be read when the objects of the other are known. */
  readonly comesSecond: boolean;
}

export interface CompareOptions {
  /** What is compared; everything else is passed over. */
  isAsked(path: ItemPath): boolean;
  /** Also what controllers make and what comes and goes. */
  readonly isAll: boolean;
}

export interface Comparison {
  readonly same: number;
  readonly onlyBefore: readonly Compared[];
  readonly onlyAfter: readonly Compared[];
  readonly changed: readonly Changed[];
  readonly leftOut: {
    /** Made by a controller that is compared itself. */
    readonly owned: number;
    /** Events, leases and the like. */
    readonly fleeting: number;
    /** On one side alone, since the other was not to hold it. */
    readonly outOfScope: number;
  };
  readonly notCompared: readonly NotCompared[];
}

/** What is kept of an object while the others are read: no more than tells whether it is the same. */
interface Entry {
  readonly object: Compared;
  readonly digest: string;
  readonly owner: string | undefined;
  readonly isExpected: boolean;
}

type Entries = ReadonlyMap<string, Entry>;

/** The same for what is the same object on both sides. */
export const keyOf = ({ resource, namespace, name }: ItemPath): string => `${resource}\n${namespace ?? ""}\n${name}`;

/** Compares two sides by digests, then reads what differs again for its fields: the memory it takes grows with the names alone. */
export async function compare(before: Side, after: Side, { isAsked, isAll }: CompareOptions): Promise<Comparison> {
  const fleeting = new Set<string>();
  const wanted = (path: ItemPath): boolean => {
    if (!isAsked(path)) return false;
    if (isAll || !isFleeting(path.resource)) return true;
    fleeting.add(keyOf(path));
    return false;
  };
  const readingFirst = digests(before, after, { wanted, held: [] });
  const held = after.comesSecond ? [...(await readingFirst).entries.values()].map(({ object }) => object) : [];
  const [first, second] = await Promise.all([readingFirst, digests(after, before, { wanted, held })]);
  const notCompared = [...first.notCompared, ...second.notCompared];
  const unread = new Set(notCompared.flatMap(({ resources }) => resources));
  const all = [...first.entries.values(), ...second.entries.values()].filter(
    ({ object }) => !unread.has(object.resource),
  );
  const ofController = isAll ? () => false : controlled(all);
  const isShown = (entry: Entry) => !unread.has(entry.object.resource) && !ofController(entry);
  const alone = (entries: Entries, others: Entries) =>
    [...entries].filter(([key, entry]) => !others.has(key) && isShown(entry)).map(([, entry]) => entry);
  const [onlyFirst, onlySecond] = [alone(first.entries, second.entries), alone(second.entries, first.entries)];
  const both = [...first.entries].filter(([key, entry]) => second.entries.has(key) && isShown(entry));
  const differing = both.filter(([key, { digest }]) => second.entries.get(key)?.digest !== digest);
  const expected = (entries: readonly Entry[]) =>
    entries
      .filter(({ isExpected }) => isExpected)
      .map(({ object }) => object)
      .toSorted(inOrder);
  return {
    same: both.length - differing.length,
    onlyBefore: expected(onlyFirst),
    onlyAfter: expected(onlySecond),
    changed: await withFields(before, after, differing.map(([, { object }]) => object).toSorted(inOrder)),
    leftOut: {
      owned: new Set(all.filter(ofController).map(({ object }) => keyOf(object))).size,
      fleeting: fleeting.size,
      outOfScope: [...onlyFirst, ...onlySecond].filter(({ isExpected }) => !isExpected).length,
    },
    notCompared,
  };
}

async function digests(
  side: Side,
  other: Side,
  options: Parameters<Side["read"]>[1],
): Promise<{ entries: Entries; notCompared: readonly NotCompared[] }> {
  const entries = new Map<string, Entry>();
  const notCompared = await side.read(({ manifest, ...path }) => {
    const values = manifest as KubeObject & Readonly<Record<string, unknown>>;
    const owner = controllerOf(values);
    entries.set(keyOf(path), {
      object: { ...path, apiVersion: manifest.apiVersion ?? "", kind: manifest.kind ?? "" },
      digest: createHash("sha256")
        .update(sameText(meaningful(values)))
        .digest("base64"),
      owner: owner === undefined ? undefined : `${path.namespace ?? ""}\n${owner}`,
      isExpected: other.wouldHold({ ...path, labels: manifest.metadata.labels ?? {} }),
    });
  }, options);
  return { entries, notCompared };
}

/** Whether an object's controller is among the objects: then its own differences say the same twice. */
function controlled(all: readonly Entry[]): (entry: Entry) => boolean {
  const known = new Set(all.map(({ object: { namespace, kind, name } }) => `${namespace ?? ""}\n${kind}/${name}`));
  return ({ owner }) => owner !== undefined && known.has(owner);
}

async function withFields(before: Side, after: Side, objects: readonly Compared[]): Promise<Changed[]> {
  if (objects.length === 0) return [];
  const found = new Map<string, { before?: KubeObject; after?: KubeObject }>();
  const changes = new Map<string, FieldChange[]>();
  const read = (side: Side, which: "before" | "after") =>
    side.again(({ manifest, ...path }) => {
      const key = keyOf(path);
      const pair = { ...found.get(key), [which]: manifest };
      found.set(key, pair);
      if (pair.before === undefined || pair.after === undefined) return;
      changes.set(key, fieldsOf(pair.before, pair.after));
      found.delete(key);
    }, objects);
  await Promise.all([read(before, "before"), read(after, "after")]);
  return objects.map((object) => ({ ...object, fields: changes.get(keyOf(object)) ?? [] }));
}

function fieldsOf(before: KubeObject, after: KubeObject): FieldChange[] {
  const [old, young] = [before, after].map((manifest) => meaningful(manifest as KubeObject & Record<string, unknown>));
  return (before.kind === "Secret" ? secretChanges : fieldChanges)(old ?? {}, young ?? {});
}

const inOrder = (a: ItemPath, b: ItemPath): number =>
  compareText(a.resource, b.resource) ||
  compareText(a.namespace ?? "", b.namespace ?? "") ||
  compareText(a.name, b.name);
