import type { Facts } from "./facts.ts";
import type { Problem, Severity } from "./problem.ts";

/** What a rule means, for whoever meets its id. Sentences, without commands for one cluster: those are the finding's. */
export interface RuleText {
  /** "either" where it depends on what else is found. */
  readonly severity: Severity | "either";
  /** What it finds: one short sentence without a final period. */
  readonly summary: string;
  readonly cause: string;
  readonly remedy: string;
  /** The page it rests on. */
  readonly doc: string;
}

/** The rules about one part of the system. Pure: facts in, findings out. */
export interface Family<Id extends string = string> {
  /** Heading in the reference: Velero server. */
  readonly title: string;
  readonly rules: Readonly<Record<Id, RuleText>>;
  judge(facts: Facts): readonly Problem<Id>[];
}

/** Holds a family to its own ids: a finding without a text, or one of another family, does not compile. */
export const defineFamily = <const Id extends string>(family: Family<Id>): Family<Id> => family;

/** Pages that rules rest on. */
export const pages = {
  mkeBackup: "https://docs.mirantis.com/mke4k/4.1.0/configuration/backup-restore",
  mkeInCluster: "https://docs.mirantis.com/mke4k/4.1.0/configuration/backup-restore/in-cluster",
  veleroOnMke: "https://docs.mirantis.com/msr/latest/backup/velero-installation",
  nativeSchedule: "https://docs.mirantis.com/mke4/latest/configuration/backup/schedule-cluster-backups/",
  serviceStates: "https://docs.k0rdent.io/latest/user/services/checking-status",
  mkeExternal: "https://docs.mirantis.com/mke4k/4.1.1/configuration/backup-restore/external",
  howVeleroWorks: "https://velero.io/docs/main/how-velero-works/",
  troubleshooting: "https://velero.io/docs/main/troubleshooting/",
  debuggingInstall: "https://velero.io/docs/main/debugging-install/",
  debuggingRestores: "https://velero.io/docs/main/debugging-restores/",
  location: "https://velero.io/docs/main/api-types/backupstoragelocation/",
  awsLocation: "https://github.com/vmware-tanzu/velero-plugin-for-aws/blob/main/backupstoragelocation.md",
  awsPlugin: "https://github.com/vmware-tanzu/velero-plugin-for-aws/blob/main/README.md",
  certificates: "https://velero.io/docs/main/self-signed-certificates/",
  schedule: "https://velero.io/docs/main/api-types/schedule/",
  backup: "https://velero.io/docs/main/backup-reference/",
  restore: "https://velero.io/docs/main/restore-reference/",
  fileSystemBackup: "https://velero.io/docs/main/file-system-backup/",
  upgrade: "https://velero.io/docs/main/upgrade-to-1.18/",
  aggregation: "https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/",
  namespaces: "https://kubernetes.io/docs/tasks/administer-cluster/namespaces/",
  rbac: "https://velero.io/docs/main/rbac/",
  s3Errors: "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
} as const;
