import type { Archive } from "./archive.ts";
import { isRecord, listOf, readJson } from "./json-file.ts";

/** One object that a backup holds, or that a restore dealt with. */
export interface ListedResource {
  /** v1, apps/v1 */
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for what belongs to the whole cluster. */
  readonly namespace: string | undefined;
  readonly name: string;
  /** What a restore did with it: created, updated, skipped, failed. */
  readonly action?: string;
}

/** The objects of a backup, or of a restore, in the file's order. */
export async function readResourceList(
  archive: Archive,
  type: "backup" | "restore",
  name: string,
): Promise<ListedResource[]> {
  const kind = type === "backup" ? "BackupResourceList" : "RestoreResourceList";
  return resourceList(await readJson(archive, { kind, name }));
}

/** Reads `{"apps/v1/Deployment": ["shop/web"]}`; a restore's names end in `(created)` and the like. */
export function resourceList(document: unknown): ListedResource[] {
  if (!isRecord(document)) return [];
  return Object.entries(document).flatMap(([key, names]) => {
    const cut = key.lastIndexOf("/");
    const [apiVersion, kind] = [key.slice(0, Math.max(cut, 0)), key.slice(cut + 1)];
    return listOf(names)
      .filter((text) => typeof text === "string")
      .map((text) => ({ apiVersion, kind, ...named(text) }));
  });
}

function named(text: string): Pick<ListedResource, "namespace" | "name" | "action"> {
  const [, path = text, action] = /^(.*?)(?:\((\w+)\))?$/s.exec(text) ?? [];
  const cut = path.indexOf("/");
  return {
    namespace: cut === -1 ? undefined : path.slice(0, cut),
    name: path.slice(cut + 1),
    ...(action === undefined ? {} : { action }),
  };
}
