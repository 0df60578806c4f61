import { compareText } from "../core/order.ts";
import type { KubeObject } from "../core/resource.ts";
import { phaseOf } from "../velero/phases.ts";

/** What the kinds that list shows have in common; fields that a kind does not have are missing. */
export type Listed = KubeObject & {
  readonly status?: {
    readonly phase?: string;
    readonly startTimestamp?: string;
    readonly completionTimestamp?: string;
    /** How many, or what they say: DeleteBackupRequests have sentences. */
    readonly errors?: number | readonly string[];
    readonly progress?: { readonly totalItems?: number };
  };
};

/** When its work began, or it was made; milliseconds, 0 when nothing says. */
export const began = ({ metadata, status }: Listed): number =>
  Date.parse(status?.startTimestamp ?? metadata.creationTimestamp ?? "") || 0;

const took = (item: Listed): number => Date.parse(item.status?.completionTimestamp ?? "") - began(item) || 0;

/** What an object is ordered by: numbers the largest first, words by the alphabet. */
export const orderKeys = {
  age: began,
  name: ({ metadata }: Listed) => metadata.name,
  status: (item: Listed) => phaseOf(item),
  duration: took,
  items: ({ status }: Listed) => status?.progress?.totalItems ?? 0,
  errors: ({ status }: Listed) => (typeof status?.errors === "object" ? status.errors.length : (status?.errors ?? 0)),
} as const satisfies Record<string, (item: Listed) => number | string>;

export interface Ordered {
  readonly key: number | string;
  readonly name: string;
}

/** Compares by key, then by name. */
export function byKey(a: Ordered, b: Ordered): number {
  const difference =
    typeof a.key === "number" && typeof b.key === "number" ? b.key - a.key : compareText(String(a.key), String(b.key));
  return difference || compareText(a.name, b.name);
}
