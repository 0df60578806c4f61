import type { Workload } from "../core/resource.ts";
import type { BackupStorageLocation } from "../velero/types.ts";

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
