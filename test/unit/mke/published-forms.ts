const minio = { exposed: true, enable_ui: true, distributed: false, admin_credentials_secret: "minio-credentials" };
/** The section in effect for InCluster, with other options than the defaults. */
export const inCluster = (options: object = {}) => ({
  enabled: true,
  storage_provider: { type: "InCluster", in_cluster_options: { ...minio, ...options } },
  scheduled_backup: { enabled: false },
});

/** Every form in which MKE's configuration was published: the section in effect, what it sets, and the engine. */
export const publishedForms: readonly {
  what: string;
  yaml: string;
  backup: object;
  set: readonly string[];
  engine?: string;
}[] = [
  {
    what: "flat file of the alphas",
    yaml: "backup: {enabled: true, storage_provider: {type: InCluster, in_cluster_options: {exposed: true}}}",
    backup: inCluster(),
    set: ["enabled", "storage_provider.type", "storage_provider.in_cluster_options.exposed"],
  },
  {
    what: "documented from May 2024",
    yaml: "backup: {enabled: true, storage_provider: {type: InCluster, in_cluster_options: {exposed: false, distributed: false}}}",
    backup: inCluster({ exposed: false }),
    set: [
      "enabled",
      "storage_provider.type",
      "storage_provider.in_cluster_options.exposed",
      "storage_provider.in_cluster_options.distributed",
    ],
  },
  {
    what: "documented from October 2024",
    yaml: "backup: {enabled: true, storage_provider: {type: InCluster, in_cluster_options: {enable_ui: false, distributed: true}}}",
    backup: inCluster({ enable_ui: false, distributed: true }),
    set: [
      "enabled",
      "storage_provider.type",
      "storage_provider.in_cluster_options.enable_ui",
      "storage_provider.in_cluster_options.distributed",
    ],
  },
  {
    what: "mkectl init of 4.0.0 and 4.1.0",
    yaml: "spec: {version: v4.1.0, backup: {enabled: true, scheduled_backup: {enabled: false}, storage_provider: {type: InCluster, external_options: {}, in_cluster_options: {admin_credentials_secret: minio-credentials, enable_ui: true}}}}",
    backup: inCluster(),
    set: [
      "enabled",
      "storage_provider.type",
      "storage_provider.in_cluster_options.enable_ui",
      "storage_provider.in_cluster_options.admin_credentials_secret",
      "scheduled_backup.enabled",
    ],
  },
  {
    what: "template with a NodePort",
    yaml: "spec: {backup: {storage_provider: {type: InCluster, in_cluster_options: {nodeport: 33100}}}}",
    backup: inCluster({ nodeport: 33100 }),
    set: ["storage_provider.type", "storage_provider.in_cluster_options.nodeport"],
  },
  {
    what: "External",
    yaml: "spec: {backup: {storage_provider: {type: External, external_options: {provider: aws, bucket: BUCKET, region: us-west-2, credentials_file_path: /path/credentials-mke4backup, credentials_file_profile: mke4backup-profile}}}}",
    backup: {
      enabled: true,
      storage_provider: {
        type: "External",
        external_options: {
          provider: "aws",
          bucket: "BUCKET",
          region: "us-west-2",
          credentials_file_path: "/path/credentials-mke4backup",
          credentials_file_profile: "mke4backup-profile",
        },
      },
      scheduled_backup: { enabled: false },
    },
    set: [
      "storage_provider.type",
      ...["provider", "bucket", "region", "credentials_file_path", "credentials_file_profile"].map(
        (key) => `storage_provider.external_options.${key}`,
      ),
    ],
  },
  {
    what: "without a field for the console",
    yaml: "backup: {enabled: true, storage_provider: {type: InCluster, in_cluster_options: {distributed: false}}}",
    backup: inCluster(),
    set: ["enabled", "storage_provider.type", "storage_provider.in_cluster_options.distributed"],
  },
  { what: "4.1.3, no backup section", yaml: "spec: {version: v4.1.3}", backup: {}, set: [], engine: "none" },
  {
    what: "4.2, MKE's own schedule",
    yaml: 'spec: {backup: {schedule: {enabled: true, cronExpression: "0 2 * * *"}}}',
    backup: { schedule: { enabled: true, cronExpression: "0 2 * * *" } },
    set: ["schedule.enabled", "schedule.cronExpression"],
    engine: "native",
  },
  {
    what: "the section alone",
    yaml: "storage_provider: {type: InCluster}",
    backup: inCluster(),
    set: ["storage_provider.type"],
  },
  { what: "an empty provider", yaml: "backup: {storage_provider: }", backup: {}, set: [], engine: "none" },
  { what: "a provider without options", yaml: "backup: {storage_provider: {}}", backup: inCluster(), set: [] },
  {
    what: "only switched off",
    yaml: "backup: {enabled: false}",
    backup: { ...inCluster(), enabled: false },
    set: ["enabled"],
  },
];
