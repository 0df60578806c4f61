// Repositories of volume data, one for each namespace that has any. The server believes in one as long as its object exists.
import type { KubernetesObject, ResourceType } from "../api/objects.ts";
import { rootOf } from "./files.ts";
import type { BackupStorageLocation, PodVolumeBackup } from "./kinds.ts";
import { storageLocationLabel } from "./names.ts";
import { isNewer, type World } from "./world.ts";

interface BackupRepository extends KubernetesObject {
  spec: Record<string, string>;
  status: { phase: "Ready" };
}

const backupRepositories: ResourceType<BackupRepository> = {
  group: "velero.io",
  version: "v1",
  namespaced: true,
  custom: { schema: undefined },
  plural: "backuprepositories",
  kind: "BackupRepository",
};

const workloadLabel = "velero.io/volume-namespace";

/**
 * Opens the repository of a volume's namespace, and makes it where there is no BackupRepository yet. Returns why it cannot be
 * opened: its files died with MinIO, while its object still says Ready.
 */
export function repositoryProblem(
  world: World,
  location: BackupStorageLocation,
  { metadata, spec }: PodVolumeBackup,
): string | undefined {
  const { store, objectStore, namespace } = world;
  const [workload, at] = [spec.pod.namespace, location.metadata.name];
  const labels = { [workloadLabel]: workload, [storageLocationLabel]: at, "velero.io/repository-type": "kopia" };
  const isOurs = ({ metadata: own }: BackupRepository) =>
    Object.entries(labels).every(([label, value]) => own.labels?.[label] === value);
  const key = `${rootOf(location)}kopia/${workload}/kopia.repository`;
  if (store.list(backupRepositories, namespace).some(isOurs)) {
    // The older node agents write on over the connection they have, whether it leads anywhere or not.
    if (!isNewer(world) || objectStore.keys(key).length > 0) return undefined;
    return `data path backup failed: Failed to run data path service for PVB ${metadata.name}: error to initialize data path: error to boost backup repository connection ${at}-${workload}-kopia: error to connect backup repo: error to connect repo with storage: error to connect to repository: repository not initialized in the provided storage`;
  }
  objectStore.put(key, Buffer.from("{}"));
  store.create(backupRepositories, {
    apiVersion: "velero.io/v1",
    kind: "BackupRepository",
    metadata: {
      ...(isNewer(world)
        ? { name: `${workload}-${at}-kopia` }
        : { name: "", generateName: `${workload}-${at}-kopia-` }),
      namespace,
      labels,
    },
    spec: {
      backupStorageLocation: at,
      maintenanceFrequency: "1h0m0s",
      repositoryType: "kopia",
      volumeNamespace: workload,
      ...(isNewer(world) ? {} : { resticIdentifier: "" }),
    },
    status: { phase: "Ready" },
  });
  return undefined;
}
