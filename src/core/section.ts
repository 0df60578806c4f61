import { hasReason, sentenceOf } from "./failure.ts";

/** One part of a report. It degrades alone: what cannot be had says why, and the rest is shown. */
export type Section<T> =
  | { readonly state: "read"; readonly value: T }
  /** There is none, and that is no fault: an older server stores no such file. */
  | { readonly state: "missing"; readonly reason: string }
  | { readonly state: "unread"; readonly reason: string };

export const read = <T>(value: T): Section<T> => ({ state: "read", value });

/** Reads one section. Throws only when the user gave up. `missing` is what it means that there is nothing to read (NotFound). */
export async function section<T>(signal: AbortSignal, make: () => Promise<T>, missing?: string): Promise<Section<T>> {
  try {
    return read(await make());
  } catch (error) {
    signal.throwIfAborted();
    if (missing !== undefined && hasReason(error, "NotFound")) return { state: "missing", reason: missing };
    return { state: "unread", reason: sentenceOf(error) };
  }
}

export const readValue = <T>(part: Section<T> | undefined): T | undefined =>
  part?.state === "read" ? part.value : undefined;
