import type { KubeObject } from "../core/resource.ts";

/** What stands for a value that is not shown. */
export const mask = "***";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** A manifest that can be shown: the values of a Secret masked, also where kubectl keeps a copy of them. Others as they are. */
export function masked<T extends KubeObject>(manifest: T): T {
  if (manifest.kind !== "Secret") return manifest;
  const entries = Object.entries(manifest).map(([field, value]) => [field, maskedField(field, value)]);
  return Object.fromEntries(entries) as T;
}

function maskedField(field: string, value: unknown): unknown {
  if (field === "data" || field === "stringData") return maskedValues(value);
  if (field !== "metadata") return value;
  const { annotations, ...metadata } = value as KubeObject["metadata"];
  if (annotations?.[lastApplied] === undefined) return value;
  return { ...metadata, annotations: { ...annotations, [lastApplied]: mask } };
}

const maskedValues = (values: unknown): unknown =>
  typeof values === "object" && values !== null
    ? Object.fromEntries(Object.keys(values).map((key) => [key, mask]))
    : mask;
