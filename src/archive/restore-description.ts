import { type Section, section } from "../core/section.ts";
import { volumesOf } from "../velero/follow.ts";
import type { Backup, Restore } from "../velero/types.ts";
import { joined, notStored, type Sources, type Volumes } from "./backup-description.ts";
import { type ItemOperation, readItemOperations } from "./item-operations.ts";
import { type ListedResource, readResourceList } from "./resource-list.ts";
import { type GroupedResults, readResults } from "./results.ts";
import { complaints, hasFiles } from "./run-files.ts";
import { readVolumeInfos } from "./volume-infos.ts";

/** What is known about a restore. A section that is undefined was not asked: it would hold nothing. */
export interface RestoreDescription {
  readonly object: Restore;
  readonly backup: Section<Backup>;
  readonly results?: Section<GroupedResults>;
  /** What it did with each object. */
  readonly resources?: Section<readonly ListedResource[]>;
  readonly volumes: Volumes;
  readonly operations?: Section<readonly ItemOperation[]>;
}

/** Gathers everything side by side. `backup` is asked for once, whoever needs it. Throws only when the user gave up. */
export async function describeRestore(
  object: Restore,
  backup: () => Promise<Backup>,
  { cluster, archive, signal }: Omit<Sources, "details">,
): Promise<RestoreDescription> {
  const { name, namespace = "" } = object.metadata;
  const files = hasFiles(object);
  const ask = async <T>(when: boolean, make: () => Promise<T>): Promise<Section<T> | undefined> =>
    when ? section(signal, make, notStored) : undefined;
  const operations = (object.status?.restoreItemOperationsAttempted ?? 0) > 0;
  const [from, results, resources, stored, transfers, itemOperations] = await Promise.all([
    section(signal, backup, `backup ${object.spec?.backupName ?? ""} is gone`),
    ask(files && complaints(object) > 0, () => readResults(archive, "restore", name)),
    ask(files, () => readResourceList(archive, "restore", name)),
    ask(files, () => readVolumeInfos(archive, "restore", name)),
    section(signal, () => volumesOf(cluster, "Restore", { namespace, name }, signal)),
    ask(files && operations, () => readItemOperations(archive, "restore", name)),
  ]);
  return {
    object,
    backup: from,
    ...(results === undefined ? {} : { results }),
    ...(resources === undefined ? {} : { resources }),
    volumes: joined([stored], transfers, "podvolumerestores.velero.io and datadownloads.velero.io"),
    ...(itemOperations === undefined ? {} : { operations: itemOperations }),
  };
}
