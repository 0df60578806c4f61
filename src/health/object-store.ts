import type { Workload } from "../core/resource.ts";
import { isUsable, phaseOf } from "../velero/phases.ts";
import type { Backup, BackupStorageLocation } from "../velero/types.ts";
import { knownValue } from "./fact.ts";
import type { Facts } from "./facts.ts";

/** The Service that a location's s3Url names; undefined when the store is outside the cluster. */
export function serviceOf(
  { spec }: BackupStorageLocation,
  ownNamespace: string,
): { readonly name: string; readonly namespace: string } | undefined {
  const url = spec?.config?.["s3Url"] ?? "";
  if (!URL.canParse(url)) return undefined;
  const [name = "", namespace = ownNamespace, ...rest] = new URL(url).hostname.split(".");
  // minio.mke could be a host of some domain, unless it is the namespace itself.
  const isService = rest.length === 0 ? namespace === ownNamespace : rest[0] === "svc";
  return isService && /^[a-z]/.test(name) ? { name, namespace } : undefined;
}

/** MKE names Helm releases after features, so the label decides; mirrored charts put a prefix before it. */
export const isMinio = ({ metadata }: Workload): boolean =>
  (metadata.labels?.["app.kubernetes.io/name"] ?? "").endsWith("minio");

/** The locations whose backups are kept by a Service of this namespace. */
export const locationsIn = (locations: readonly BackupStorageLocation[], namespace: string): BackupStorageLocation[] =>
  locations.filter((location) => serviceOf(location, namespace)?.namespace === namespace);

/**
 * Backups whose files went with MinIO's pod, though Velero still lists them: it forgets them only at its next sync, and
 * only while the location is available.
 */
export function lostBackups(facts: Facts): Backup[] {
  const store = knownValue(facts.objectStore);
  if (store?.pods === undefined || store.persistent || store.kind !== "Deployment") return [];
  // The data is as old as the pod; a container that restarts inside it keeps the data.
  const oldest = Math.min(...store.pods.map(({ created }) => created?.getTime() ?? 0));
  const inside = locationsIn(knownValue(facts.locations) ?? [], facts.namespace).map(({ metadata }) => metadata.name);
  return (knownValue(facts.backups) ?? []).filter((backup) => {
    const ended = Date.parse(backup.status?.completionTimestamp ?? "");
    return isUsable(backup) && inside.includes(backup.spec?.storageLocation ?? "") && ended < oldest;
  });
}

/** The backup one would restore from: of those that are complete and still there, the one that ended last. */
export function lastGoodBackup(facts: Facts): Backup | undefined {
  const lost = lostBackups(facts);
  return (knownValue(facts.backups) ?? [])
    .filter((backup) => phaseOf(backup) === "Completed" && !lost.includes(backup))
    .toSorted((a, b) => (b.status?.completionTimestamp ?? "").localeCompare(a.status?.completionTimestamp ?? ""))[0];
}
