import { compareText } from "../core/order.ts";
import type { Workload } from "../core/resource.ts";
import { isUsable, phaseOf } from "../velero/phases.ts";
import type { Backup, BackupRepository, BackupStorageLocation } from "../velero/types.ts";
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
  const { since, inside } = dataInPod(facts);
  return (knownValue(facts.backups) ?? []).filter((backup) => {
    const ended = Date.parse(backup.status?.completionTimestamp ?? "");
    return isUsable(backup) && inside.includes(backup.spec?.storageLocation ?? "") && ended < since;
  });
}

/**
 * Repositories of volume data that went with MinIO's pod. Velero counts on one as long as its object exists: until somebody
 * deletes it, backups with volumes of that namespace fail; before 1.17 only once the node agent's pod is a new one.
 */
export function lostRepositories(facts: Facts): BackupRepository[] {
  const { since, inside } = dataInPod(facts);
  return (knownValue(facts.repositories) ?? []).filter(({ metadata, spec }) => {
    const made = Date.parse(metadata.creationTimestamp ?? "");
    return inside.includes(spec?.backupStorageLocation ?? "") && made < since;
  });
}

/** Since when MinIO's pod keeps data that dies with it, in milliseconds, and for which locations. */
function dataInPod(facts: Facts): { readonly since: number; readonly inside: readonly string[] } {
  const store = knownValue(facts.objectStore);
  const nothing = { since: Number.NEGATIVE_INFINITY, inside: [] };
  if (store?.pods === undefined || store.persistent || store.kind !== "Deployment") return nothing;
  // The data is as old as the pod; a container that restarts inside it keeps the data.
  const since = Math.min(...store.pods.map(({ created }) => created?.getTime() ?? 0));
  const inside = locationsIn(knownValue(facts.locations) ?? [], facts.namespace).map(({ metadata }) => metadata.name);
  return { since, inside };
}

/** Those that are complete and still there; the one that ended last first. */
export function goodBackups(facts: Facts): Backup[] {
  const lost = lostBackups(facts);
  return (knownValue(facts.backups) ?? [])
    .filter((backup) => phaseOf(backup) === "Completed" && !lost.includes(backup))
    .toSorted((a, b) => compareText(b.status?.completionTimestamp ?? "", a.status?.completionTimestamp ?? ""));
}

/** The backup one would restore from. */
export const lastGoodBackup = (facts: Facts): Backup | undefined => goodBackups(facts)[0];
