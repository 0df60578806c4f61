// A healthy cluster as facts, to be made worse one thing at a time.
import { known } from "../../../src/health/fact.ts";
import type { Facts, ThoroughFacts } from "../../../src/health/facts.ts";
import type { PodState, WorkloadState } from "../../../src/health/workload.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import type { Backup, BackupStorageLocation, Restore, Schedule, VolumeTransfer } from "../../../src/velero/types.ts";
import { mkeConfigObject } from "../mke/samples.ts";

export const now = new Date("2026-11-24T09:00:00Z");
const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
export const units = { second, minute, hour, day };
export const ago = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);
/** A timestamp as the API server writes it. */
export const stamp = (milliseconds: number): string => ago(milliseconds).toISOString().replace(".000", "");

export const pod = (change: Partial<PodState> = {}): PodState => ({
  name: "velero-6bc96b49cc-t58rg",
  node: "node-1",
  ready: true,
  created: ago(12 * day),
  since: ago(12 * day),
  started: ago(12 * day),
  restarts: 0,
  lastEnd: undefined,
  trouble: undefined,
  ...change,
});

export const workload = (change: Partial<WorkloadState> = {}): WorkloadState => ({
  kind: "Deployment",
  name: "velero",
  wanted: 1,
  ready: 1,
  selector: "name=velero",
  image: "registry.mirantis.com/velero/velero:v1.13.0",
  persistent: false,
  pods: [pod()],
  ...change,
});

export const minio = (change: Partial<WorkloadState> = {}): WorkloadState =>
  workload({
    name: "minio",
    image: "registry.mirantis.com/mke/minio:RELEASE.2024-03-30T09-41-56Z",
    selector: "app.kubernetes.io/name=minio",
    pods: [pod({ name: "minio-66869d94-8xx7c" })],
    ...change,
  });

/** Without a pod that is ready. */
export const broken = (of: WorkloadState, change: Partial<PodState> = {}): WorkloadState => ({
  ...of,
  ready: 0,
  pods: (of.pods ?? []).map((own) => ({
    ...own,
    ready: false,
    started: undefined,
    since: ago(12 * minute),
    ...change,
  })),
});

export const scaledDown = (of: WorkloadState): WorkloadState => ({ ...of, wanted: 0, ready: 0, pods: [] });

export const agents = (change: Partial<WorkloadState> = {}): WorkloadState =>
  workload({ kind: "DaemonSet", name: "node-agent", selector: "name=node-agent", wanted: 5, ready: 5, ...change });

export function location(
  status: BackupStorageLocation["status"] = {},
  spec: BackupStorageLocation["spec"] = {},
  name = "default",
): BackupStorageLocation {
  return {
    metadata: { name, namespace: "mke", creationTimestamp: stamp(12 * day) },
    spec: {
      provider: "aws",
      default: name === "default",
      objectStorage: { bucket: "velero" },
      config: { region: "minio", s3Url: "http://minio.mke.svc:9000" },
      ...spec,
    },
    status: { phase: "Available", lastValidationTime: stamp(34 * second), ...status },
  };
}

export const refused =
  'BackupStorageLocation "default" is unavailable: rpc error: code = Unknown desc = operation error S3: ListObjectsV2, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , HostID: , request send failed, Get "http://minio.mke.svc:9000/velero?delimiter=%2F&list-type=2&prefix=": dial tcp 10.96.14.11:9000: connect: connection refused';

export function backup(name: string, age: number, status: Backup["status"] = {}, change: Partial<Backup> = {}): Backup {
  return {
    metadata: { name, namespace: "mke", creationTimestamp: stamp(age) },
    spec: { storageLocation: "default" },
    ...change,
    status: {
      phase: "Completed",
      startTimestamp: stamp(age),
      completionTimestamp: stamp(age - 16 * second),
      expiration: stamp(age - 30 * day),
      progress: { totalItems: 16, itemsBackedUp: 16 },
      ...status,
    },
  };
}

/** One that has not ended, last written to at some time. */
export function running(name: string, age: number, phase: string, written?: number): Backup {
  const metadata = {
    name,
    namespace: "mke",
    creationTimestamp: stamp(age),
    ...(written === undefined ? {} : { managedFields: [{ manager: "velero-server", time: stamp(written) }] }),
  };
  return {
    metadata,
    spec: { storageLocation: "default" },
    status: { phase, startTimestamp: stamp(age), progress: { totalItems: 3120, itemsBackedUp: 1204 } },
  };
}

export function restore(name: string, age: number, status: Restore["status"] = {}): Restore {
  return {
    metadata: { name, namespace: "mke", creationTimestamp: stamp(age) },
    spec: { backupName: "b1" },
    status: { phase: "Completed", startTimestamp: stamp(age), completionTimestamp: stamp(age - second), ...status },
  };
}

export function schedule(
  name: string,
  lastBackup: number,
  change: Schedule["spec"] = {},
  status: Schedule["status"] = {},
): Schedule {
  return {
    metadata: { name, namespace: "mke", creationTimestamp: stamp(12 * day) },
    spec: { schedule: "@every 24h", template: {}, ...change },
    status: { phase: "Enabled", lastBackup: stamp(lastBackup), ...status },
  };
}

export const failedVolume = (message: string): VolumeTransfer => ({
  metadata: { name: "b1-x7k2p", namespace: "mke" },
  status: { phase: "Failed", message },
});

/** Everything well: MinIO has a volume of its own, and a good backup is two hours old. */
export const healthy = (change: Partial<Facts> = {}): Facts => ({
  now,
  namespace: "mke",
  named: false,
  locations: known([location()]),
  server: known(workload()),
  answer: known({ phase: "Processed", serverVersion: "v1.13.0", plugins: [] }),
  nodeAgents: known([agents()]),
  objectStore: known(minio({ persistent: true })),
  configuration: known(interpret(mkeConfigObject, { kind: "MkeConfig", namespace: "mke", name: "mke" })),
  backups: known([backup("mke-20261124-070000", 2 * hour)]),
  restores: known([]),
  schedules: known([]),
  repositories: known([]),
  volumes: new Map(),
  ...change,
});

/** What doctor sees beyond that, all well. */
export const thorough = (change: Partial<ThoroughFacts> = {}): ThoroughFacts => ({
  apiServices: known([]),
  backupDefinition: known({ metadata: { name: "backups.velero.io" } }),
  namespaces: known([]),
  nodes: known([]),
  runningPods: known([]),
  services: known([{ metadata: { name: "minio", namespace: "mke" }, spec: { type: "ClusterIP" } }]),
  ingresses: known([consoleIngress]),
  lastLines: new Map(),
  rights: known({ complete: true, verbs: [] }),
  keys: new Map([["default", known({ temporary: false })]]),
  deletions: known([]),
  transfers: known([]),
  claims: known([]),
  buckets: new Map(),
  backupVolumes: known(new Map()),
  rootSecret: known({ name: "minio-credentials", keys: ["root-user", "root-password"] }),
  ...change,
});

/** What leads to MinIO's console. */
export const consoleIngress = {
  metadata: { name: "minio", namespace: "mke" },
  spec: { rules: [{ http: { paths: [{ backend: { service: { name: "minio" } } }] } }] },
};
