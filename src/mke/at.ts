import { isMapping } from "./keys.ts";

/** The value at exact keys, in an object that anybody may have written. */
export function at(object: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((level, key) => (isMapping(level) ? level[key] : undefined), object);
}

/** Text that is not empty. */
export function textAt(object: unknown, ...keys: readonly string[]): string | undefined {
  const value = at(object, ...keys);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function listAt(object: unknown, ...keys: readonly string[]): readonly unknown[] {
  const value = at(object, ...keys);
  return Array.isArray(value) ? value : [];
}

/** The first of these that is a time. */
export function timeOf(...values: readonly (string | undefined)[]): Date | undefined {
  const time = values.find((value) => value !== undefined && !Number.isNaN(Date.parse(value)));
  return time === undefined ? undefined : new Date(time);
}
