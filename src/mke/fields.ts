import type { Path, Provider } from "./configuration.ts";

export interface Field {
  readonly key: string;
  readonly type: "boolean" | "text" | "port" | "choice";
  readonly choices?: readonly string[];
  /** MKE's documented default. A field without one is shown only where it is set. */
  readonly default?: boolean | string;
  /** A short sentence without a period. */
  readonly meaning: string;
  /** The time from which MKE's documentation no longer has the field. */
  readonly until?: string;
}

export interface Group {
  readonly key: string;
  readonly members: readonly (Field | Group)[];
  /** The provider that these are the options of. */
  readonly usedWith?: Provider;
}

export const isGroup = (member: Field | Group): member is Group => "members" in member;

const storageProvider: Group = {
  key: "storage_provider",
  members: [
    {
      key: "type",
      type: "choice",
      choices: ["InCluster", "External"],
      default: "InCluster",
      meaning: "InCluster: MinIO in this cluster; External: a bucket of yours",
    },
    {
      key: "in_cluster_options",
      usedWith: "InCluster",
      members: [
        {
          key: "exposed",
          type: "boolean",
          default: true,
          meaning: "MinIO's Service has a NodePort; only MKE before October 2024 reads it",
          until: "Oct 2024",
        },
        {
          key: "enable_ui",
          type: "boolean",
          default: true,
          meaning: "MinIO's console is served at /minio/ by MKE's ingress",
        },
        { key: "distributed", type: "boolean", default: false, meaning: "MinIO runs in several pods" },
        {
          key: "admin_credentials_secret",
          type: "text",
          default: "minio-credentials",
          meaning: "Secret with MinIO's root-user and root-password",
        },
        { key: "nodeport", type: "port", meaning: "Port that MinIO's Service has on every node" },
      ],
    },
    {
      key: "external_options",
      usedWith: "External",
      members: [
        {
          key: "provider",
          type: "choice",
          choices: ["aws"],
          default: "aws",
          meaning: "Kind of object store; MKE takes aws only",
        },
        { key: "bucket", type: "text", default: "", meaning: "Bucket that holds the backups; it must exist already" },
        { key: "region", type: "text", default: "", meaning: "The bucket's region" },
        {
          key: "credentials_file_path",
          type: "text",
          default: "",
          meaning: "Credentials file on the machine that runs mkectl",
        },
        { key: "credentials_file_profile", type: "text", default: "", meaning: "Profile to take from that file" },
      ],
    },
  ],
};

/** MKE's backup section as documented for 4.0 to 4.2, in the order of its file. */
export const backupSection: Group = {
  key: "backup",
  members: [
    { key: "enabled", type: "boolean", default: true, meaning: "MKE runs Velero, and MinIO for InCluster" },
    storageProvider,
    {
      key: "scheduled_backup",
      members: [
        {
          key: "enabled",
          type: "boolean",
          default: false,
          meaning: "Backups by the clock; MKE does not support them",
        },
      ],
    },
    {
      key: "schedule",
      members: [
        { key: "enabled", type: "boolean", meaning: "MKE 4.2 takes its own backups by the clock" },
        { key: "cronExpression", type: "text", meaning: "When it takes them" },
        { key: "path", type: "text", meaning: "Folder on the controllers that it writes them to" },
        {
          key: "replication",
          type: "choice",
          choices: ["AllControllers", "LeaderOnly"],
          meaning: "Which controllers keep them",
        },
        {
          key: "configSnapshotFallback",
          type: "choice",
          choices: ["None", "LastKnownGood"],
          meaning: "Which configuration it saves when the current one cannot be read",
        },
      ],
    },
  ],
};

/** The documented field at a path, if there is one. */
export function fieldAt(path: Path): Field | undefined {
  let member: Field | Group | undefined = backupSection;
  for (const key of path.slice(1)) {
    member = member !== undefined && isGroup(member) ? member.members.find((inner) => inner.key === key) : undefined;
  }
  return member !== undefined && !isGroup(member) ? member : undefined;
}
