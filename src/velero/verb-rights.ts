import { type RoleName, rightsNamed, type VerbRights } from "./rights.ts";

interface Needs {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  /** Optional, and anywhere in the cluster. */
  readonly everywhere?: readonly string[];
}

function verb(name: string, role: RoleName, { required, optional = [], everywhere = [] }: Needs): VerbRights {
  return {
    name,
    role,
    required: rightsNamed(required),
    optional: [...rightsNamed(optional), ...rightsNamed(everywhere, true)],
  };
}

/** By which Velero's namespace is found; -n does without. */
const finding = ["list backupstoragelocations"];
/** A link that the server signs. */
const link = ["create downloadrequests", "get downloadrequests"];
/** What follows the link into the cluster, and tidies up. */
const store = [
  "delete downloadrequests",
  "list deployments",
  "get services",
  "list pods",
  "get pods/portforward",
  "create pods/portforward",
];
const backupVolumes = ["list podvolumebackups", "list datauploads"];
const restoreVolumes = ["list podvolumerestores", "list datadownloads"];
const declared = ["list mkeconfigs", "list configmaps"];
const server = ["create serverstatusrequests", "get serverstatusrequests"];
const health = [
  "list backups",
  "list restores",
  "list schedules",
  "list backuprepositories",
  ...backupVolumes,
  ...restoreVolumes,
  "list deployments",
  "list daemonsets",
  "list statefulsets",
  "list pods",
  ...declared,
  ...server,
];

/** What each verb that speaks to a cluster needs, in the order of --help. */
export const verbRights: readonly VerbRights[] = [
  verb("status", "viewer", { required: finding, optional: health }),
  verb("doctor", "viewer", {
    required: finding,
    optional: [
      ...health,
      "list deletebackuprequests",
      "list services",
      "list ingresses",
      "get pods/log",
      ...link,
      ...store,
    ],
    everywhere: [
      "list namespaces",
      "list nodes",
      "list pods",
      "list persistentvolumeclaims",
      "get customresourcedefinitions",
      "list apiservices",
    ],
  }),
  verb("create", "operator", {
    required: ["create backups", "get backups"],
    optional: [...finding, "get backupstoragelocations", "get schedules", ...backupVolumes, ...link, ...store],
  }),
  verb("restore", "operator", {
    required: ["create restores", "get restores", "get backups", ...finding],
    optional: ["list backups", ...restoreVolumes, ...link, ...store],
    everywhere: ["get namespaces"],
  }),
  verb("list", "viewer", {
    required: ["list backups"],
    optional: [
      ...finding,
      "list restores",
      "list schedules",
      "list downloadrequests",
      "list deletebackuprequests",
      "list serverstatusrequests",
    ],
  }),
  verb("describe", "viewer", {
    required: ["get backups"],
    optional: [
      ...finding,
      "get restores",
      "get schedules",
      "get backupstoragelocations",
      "list backups",
      "list restores",
      "list deletebackuprequests",
      ...backupVolumes,
      ...restoreVolumes,
      ...link,
      ...store,
      // The keys of the location, for the sizes of what lies in the bucket.
      "get secrets",
    ],
  }),
  verb("logs", "operator", {
    required: ["get backups", ...link],
    optional: [...finding, "get restores", "get backupstoragelocations", "get pods/log", ...store],
  }),
  verb("contents", "operator", {
    required: ["get backups", ...link],
    optional: [...finding, "get backupstoragelocations", ...store],
  }),
  verb("search", "operator", {
    required: ["list backups", ...link],
    optional: [...finding, "get backupstoragelocations", ...store],
  }),
  verb("diff", "operator", {
    required: ["get backups", ...link],
    optional: [...finding, "get backupstoragelocations", ...store],
  }),
  verb("download", "operator", {
    required: ["get backups", ...link],
    optional: [...finding, "get backupstoragelocations", ...store],
  }),
  verb("delete", "operator", {
    required: ["get backups", "create deletebackuprequests", "get deletebackuprequests"],
    optional: [
      ...finding,
      "list restores",
      "get restores",
      "delete restores",
      "get schedules",
      "delete schedules",
      "list deployments",
    ],
  }),
  verb("wait", "viewer", {
    required: ["get backups"],
    optional: [...finding, "get restores", ...backupVolumes, ...restoreVolumes, ...link, ...store],
  }),
  verb("config", "viewer", { required: ["list mkeconfigs"], optional: [...finding, "list configmaps"] }),
  verb("storage check", "admin", {
    required: ["list backupstoragelocations", "get secrets"],
    optional: store.slice(1),
  }),
  verb("location list", "viewer", { required: finding, optional: ["get backupstoragelocations", "list backups"] }),
  verb("location create", "admin", {
    required: ["create backupstoragelocations", "create secrets", "get secrets", ...finding],
    optional: [
      "get backupstoragelocations",
      "patch backupstoragelocations",
      "delete secrets",
      "list backups",
      ...store.slice(1),
    ],
  }),
  verb("location default", "admin", {
    required: ["get backupstoragelocations", "patch backupstoragelocations", ...finding],
    optional: ["list mkeconfigs", "list configmaps"],
  }),
  verb("location delete", "admin", {
    required: ["get backupstoragelocations", "delete backupstoragelocations", "list backups", ...finding],
    optional: [
      "delete backups",
      "list backuprepositories",
      "delete backuprepositories",
      "list schedules",
      "get secrets",
      "delete secrets",
    ],
  }),
  verb("location credentials", "admin", {
    required: ["get backupstoragelocations", "get secrets", "patch secrets", ...finding],
    optional: store.slice(1),
  }),
  verb("version", "viewer", { required: server, optional: [...finding, "list mkeconfigs"] }),
];
