import type { Archive } from "./archive.ts";
import { isRecord, listOf, readJson } from "./json-file.ts";

/** Work that a plugin goes on with after the run's main part: moving a snapshot's data, waiting for a snapshot. */
export interface ItemOperation {
  readonly plugin: string;
  readonly operation: string;
  /** persistentvolumeclaims, snapshots.example.io */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** New, InProgress, Completed, Failed */
  readonly phase: string;
  readonly error?: string;
  readonly done?: number;
  readonly total?: number;
  /** What `done` and `total` count: Bytes. */
  readonly units?: string;
  readonly description?: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly started?: string;
  readonly updated?: string;
}

export async function readItemOperations(
  archive: Archive,
  type: "backup" | "restore",
  name: string,
): Promise<ItemOperation[]> {
  const kind = type === "backup" ? "BackupItemOperations" : "RestoreItemOperations";
  return itemOperations(await readJson(archive, { kind, name }));
}

/** Reads `[{spec: {backupItemAction, operationID, resourceIdentifier: {Group, Resource, Namespace, Name}}, status}]`. */
export function itemOperations(document: unknown): ItemOperation[] {
  return listOf(document)
    .filter(isRecord)
    .map((entry) => {
      const [spec, status] = [fields(entry["spec"]), fields(entry["status"])];
      // Go writes the identifier's keys with capitals, since its type has no JSON names.
      const item = fields(spec["resourceIdentifier"]);
      const [group, resource] = [text(item, "Group"), text(item, "Resource")];
      const optional = { error: "error", units: "operationUnits", description: "description" } as const;
      const times = { created: "created", started: "started", updated: "updated" } as const;
      return {
        plugin: text(spec, "backupItemAction") || text(spec, "restoreItemAction"),
        operation: text(spec, "operationID"),
        resource: group === "" ? resource : `${resource}.${group}`,
        namespace: text(item, "Namespace"),
        name: text(item, "Name"),
        phase: text(status, "phase") || "New",
        ...picked(status, { ...optional, ...times }, (value) => typeof value === "string" && value !== ""),
        ...picked(status, { done: "nCompleted", total: "nTotal" }, (value) => typeof value === "number"),
      };
    });
}

const fields = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

function text(from: Readonly<Record<string, unknown>>, key: string): string {
  const value = from[key];
  return typeof value === "string" ? value : "";
}

const picked = (
  from: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, string>>,
  wanted: (value: unknown) => boolean,
): object =>
  Object.fromEntries(
    Object.entries(keys)
      .filter(([, key]) => wanted(from[key]))
      .map(([name, key]) => [name, from[key]]),
  );
