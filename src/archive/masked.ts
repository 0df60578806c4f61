import type { KubeObject } from "../core/resource.ts";

/** What stands for a value that is not shown. */
export const mask = "***";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** A manifest that can be shown: the values of a Secret masked, also where kubectl keeps a copy of them. Others as they are. */
export function masked<T extends KubeObject>(manifest: T): T {
  if (manifest.kind !== "Secret") return manifest;
  const { data, stringData, ...rest } = manifest as T & { data?: unknown; stringData?: unknown };
  const annotations = manifest.metadata.annotations;
  const metadata =
    annotations?.[lastApplied] === undefined
      ? manifest.metadata
      : { ...manifest.metadata, annotations: { ...annotations, [lastApplied]: mask } };
  return {
    ...rest,
    ...(data === undefined ? {} : { data: maskedValues(data) }),
    ...(stringData === undefined ? {} : { stringData: maskedValues(stringData) }),
    metadata,
  } as T;
}

const maskedValues = (values: unknown): unknown =>
  typeof values === "object" && values !== null
    ? Object.fromEntries(Object.keys(values).map((key) => [key, mask]))
    : mask;
