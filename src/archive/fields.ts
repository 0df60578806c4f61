import { isRecord } from "./json-file.ts";
import { mask } from "./masked.ts";

/** One field that two manifests of an object do not have in common. */
export interface FieldChange {
  /** spec.template.spec.containers[web].image, metadata.annotations["example.com/owner"] */
  readonly path: string;
  /** Left out where the first has no such field; null is a value. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** The values are a Secret's, and not these. */
  readonly isMasked?: true;
}

type Values = Readonly<Record<string, unknown>>;

/** What differs, field by field, in the order of the first manifest. None exactly when sameText() is the same. */
export const fieldChanges = (before: Values, after: Values): FieldChange[] => compared("", before, after);

/** The same for a Secret: which values differ, and not what they are. */
export function secretChanges(before: Values, after: Values): FieldChange[] {
  return fieldChanges(before, after).map((change) => {
    if (!/^(data|stringData)\b/.test(change.path)) return change;
    const hidden = (side: "before" | "after") => (Object.hasOwn(change, side) ? { [side]: mask } : {});
    return { path: change.path, ...hidden("before"), ...hidden("after"), isMasked: true };
  });
}

function compared(path: string, before: unknown, after: unknown): FieldChange[] {
  if (isRecord(before) && isRecord(after)) return comparedMaps(path, before, after);
  if (Array.isArray(before) && Array.isArray(after)) return comparedLists(path, before, after);
  return sameText(before) === sameText(after) ? [] : [{ path, before, after }];
}

function comparedMaps(path: string, before: Values, after: Values): FieldChange[] {
  return union(Object.keys(before), Object.keys(after)).flatMap((key) => {
    const at = below(path, key);
    if (!has(before, key)) return added(at, after[key]);
    if (!has(after, key)) return [{ path: at, before: before[key] }];
    return compared(at, before[key], after[key]);
  });
}

const has = (values: Values, key: string): boolean => Object.hasOwn(values, key) && values[key] !== undefined;
const added = (path: string, after: unknown): FieldChange[] => (after === undefined ? [] : [{ path, after }]);

/** Entries with names are the same by their names; others by their places. */
function comparedLists(path: string, before: readonly unknown[], after: readonly unknown[]): FieldChange[] {
  const key = keyOf(before, after);
  if (key === undefined) {
    const places = Array.from({ length: Math.max(before.length, after.length) }, (_, at) => at);
    return places.flatMap((at) => {
      const place = `${path}[${at}]`;
      if (at >= before.length) return [{ path: place, after: after[at] }];
      if (at >= after.length) return [{ path: place, before: before[at] }];
      return compared(place, before[at], after[at]);
    });
  }
  const [old, young] = [byKey(before, key), byKey(after, key)];
  const changes = union([...old.keys()], [...young.keys()]).flatMap((name) => {
    const place = `${path}[${name}]`;
    if (!old.has(name)) return [{ path: place, after: young.get(name) }];
    if (!young.has(name)) return [{ path: place, before: old.get(name) }];
    return compared(place, old.get(name), young.get(name));
  });
  const [orderBefore, orderAfter] = [[...old.keys()], [...young.keys()]];
  const isMoved = changes.length === 0 && orderBefore.join("\n") !== orderAfter.join("\n");
  return isMoved ? [{ path: `${path}[order]`, before: orderBefore, after: orderAfter }] : changes;
}

/** What names the entries of Kubernetes' lists. */
const names = ["name", "mountPath", "containerPort", "port", "ip", "key", "type", "host"];

/** The field that names every entry of both lists once. */
const keyOf = (before: readonly unknown[], after: readonly unknown[]): string | undefined =>
  before.length === 0 && after.length === 0
    ? undefined
    : names.find((name) => isKey(before, name) && isKey(after, name));

function isKey(list: readonly unknown[], name: string): boolean {
  const keys = list.map((entry) => (isRecord(entry) && has(entry, name) ? entry[name] : undefined));
  const isNamed = keys.every((key) => typeof key === "string" || typeof key === "number");
  return isNamed && new Set(keys.map(String)).size === list.length;
}

const byKey = (list: readonly unknown[], key: string): Map<string, unknown> =>
  new Map(list.map((entry) => [String((entry as Values)[key]), entry]));

const union = (first: readonly string[], second: readonly string[]): string[] => [...new Set([...first, ...second])];

const below = (path: string, key: string): string => {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
};

/** A value as text, the same for values that are equal: keys of maps in order. */
export function sameText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sameText).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sameText(value[key])}`);
  return `{${fields.join(",")}}`;
}
