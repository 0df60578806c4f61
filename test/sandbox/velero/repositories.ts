// Repositories of volume data, one for each namespace that has any. The server believes in one as long as its object exists.
import type { KubernetesObject, ResourceType } from "../api/objects.ts";
import { timestamp } from "../api/store.ts";
import { rootOf } from "./files.ts";
import type { BackupStorageLocation } from "./kinds.ts";
import { storageLocationLabel } from "./names.ts";
import { storeFailure } from "./store-failure.ts";
import { isNewer, type World } from "./world.ts";

interface BackupRepository extends KubernetesObject {
  spec: Record<string, string>;
  status: { phase: "Ready"; lastMaintenanceTime: string } | { phase: "NotReady"; message: string };
}

const backupRepositories: ResourceType<BackupRepository> = {
  group: "velero.io",
  version: "v1",
  namespaced: true,
  custom: { schema: undefined },
  plural: "backuprepositories",
  kind: "BackupRepository",
};

const folderOf = (location: BackupStorageLocation, workload: string) => `${rootOf(location)}kopia/${workload}/`;
const formatOf = (location: BackupStorageLocation, workload: string) =>
  `${folderOf(location, workload)}kopia.repository`;

const labelsOf = ({ metadata }: BackupStorageLocation, workload: string) => ({
  "velero.io/volume-namespace": workload,
  [storageLocationLabel]: metadata.name,
  "velero.io/repository-type": "kopia",
});

function find(world: World, location: BackupStorageLocation, workload: string): BackupRepository | undefined {
  const labels = Object.entries(labelsOf(location, workload));
  return world.store
    .list(backupRepositories, world.namespace)
    .find(({ metadata }) => labels.every(([label, value]) => metadata.labels?.[label] === value));
}

/**
 * Makes the repository of a workload's namespace where there is no BackupRepository yet, or takes the one that is in the
 * bucket. Returns why the namespace has none: data without a repository lies in its place. While the store cannot be reached
 * nothing is made, and the volumes fail for that reason.
 */
export function ensureRepository(world: World, location: BackupStorageLocation, workload: string): string | undefined {
  if (storeFailure(world, location, "PutObject") !== undefined) return undefined;
  const { status } = find(world, location, workload) ?? create(world, location, workload);
  if (status.phase === "Ready") return undefined;
  return `failed to wait BackupRepository: backup repository is not ready: ${status.message}`;
}

function create(world: World, location: BackupStorageLocation, workload: string): BackupRepository {
  const { store, objectStore, namespace } = world;
  const name = `${workload}-${location.metadata.name}-kopia`;
  const restic = `s3:${location.spec.config?.["s3Url"]}/${rootOf(location)}restic/${workload}`;
  return store.create(backupRepositories, {
    apiVersion: "velero.io/v1",
    kind: "BackupRepository",
    metadata: {
      ...(isNewer(world) ? { name } : { name: "", generateName: `${name}-` }),
      namespace,
      labels: labelsOf(location, workload),
    },
    spec: {
      backupStorageLocation: location.metadata.name,
      maintenanceFrequency: "1h0m0s",
      repositoryType: "kopia",
      volumeNamespace: workload,
      ...(isNewer(world) ? {} : { resticIdentifier: restic }),
    },
    status: prepare(),
  });

  function prepare(): BackupRepository["status"] {
    const format = formatOf(location, workload);
    const found = objectStore.keys(folderOf(location, workload));
    if (found.length > 0 && !found.includes(format)) {
      const message =
        "error to create backup repo: error to create repo with storage: error to ensure repository storage empty: found existing data in storage location";
      return { phase: "NotReady", message };
    }
    objectStore.put(format, Buffer.from("{}"));
    return { phase: "Ready", lastMaintenanceTime: timestamp() };
  }
}

/**
 * Opens the repository of a workload's namespace for a volume. Returns why it cannot be opened: its files died with MinIO, while
 * its object still says Ready. `agent` is the uid of the node agent's pod: before 1.17 it keeps what it has opened once, and
 * goes on reading and writing without looking again.
 */
export function repositoryProblem(
  world: World,
  location: BackupStorageLocation,
  workload: string,
  agent: string,
): string | undefined {
  const uid = find(world, location, workload)?.metadata.uid ?? "";
  const opened = `${agent} ${uid}`;
  if (!isNewer(world) && world.openedRepositories.has(opened)) return undefined;
  if (world.objectStore.get(formatOf(location, workload)) === undefined)
    return `error to initialize data path: error to boost backup repository connection ${location.metadata.name}-${workload}-kopia: error to connect backup repo: error to connect repo with storage: error to connect to repository: repository not initialized in the provided storage`;
  world.openedRepositories.add(opened);
  return undefined;
}
