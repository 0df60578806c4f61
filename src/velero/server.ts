import { Failure, hasReason } from "../core/failure.ts";
import { type Container, deployments, type ObjectMeta, type Pod, type Workload } from "../core/resource.ts";
import { quickPace, waitUntil } from "../core/wait.ts";
import type { Cluster } from "../kube/cluster.ts";
import { serverStatusRequests } from "./kinds.ts";
import type { BackupStorageLocation, ServerStatusRequest } from "./types.ts";

/** What the server's container is called, whoever deployed it. */
export const serverContainer = "velero";

/** The server's Deployment: charts name it after their release, so its container and labels decide. */
export const isVeleroServer = ({ metadata, spec }: Workload): boolean =>
  runsServer(metadata, spec?.template?.spec?.containers);

/** A pod of the server, by the same signs; what a chart's job runs once is none. */
export const isServerPod = ({ metadata, spec }: Pod): boolean =>
  runsServer(metadata, spec?.containers) && !metadata.ownerReferences?.some(({ kind }) => kind === "Job");

function runsServer({ name, labels = {} }: ObjectMeta, containers: readonly Container[] = []): boolean {
  const labelled = labels["component"] === "velero" || (labels["app.kubernetes.io/name"] ?? "").endsWith("velero");
  return containers.some((container) => container.name === serverContainer) && (labelled || name.includes("velero"));
}

/** The server refreshes each location's lastValidationTime every minute; older than this, nobody is looking. */
export const validationGoesStaleAfter = 5 * 60_000;

/** Throws when no server would pick a request up. Says nothing where the user may not look. */
export async function checkServerRuns(
  cluster: Cluster,
  namespace: string,
  locations: readonly BackupStorageLocation[],
  now: Date,
): Promise<void> {
  const found = await cluster.list(deployments, { namespace }).catch((error: unknown) => {
    if (hasReason(error, "Forbidden")) return undefined;
    throw error;
  });
  const server = found?.find(isVeleroServer);
  if (server !== undefined && (server.status?.readyReplicas ?? 0) === 0) {
    const wanted = server.spec?.replicas ?? 1;
    const why = wanted === 0 ? "it is scaled to 0" : `0 of ${wanted} pods are ready`;
    throw new Failure(
      "failed",
      `the Velero server is not running: ${why} (Deployment ${server.metadata.name} in namespace ${namespace})`,
      {
        next: [
          wanted === 0
            ? `kubectl -n ${namespace} scale deployment ${server.metadata.name} --replicas=1`
            : "kubectl mkebackup status",
        ],
      },
    );
  }
  // Without a Deployment to see (forbidden, or a server outside the cluster) the traces of its work have to do.
  if (server === undefined && !locations.some((location) => isFresh(location, now))) {
    throw new Failure(
      "failed",
      `no Velero server seems to run for namespace ${namespace}: nothing checked its locations lately`,
      {
        next: ["kubectl mkebackup status"],
      },
    );
  }
}

function isFresh({ status }: BackupStorageLocation, now: Date): boolean {
  const checked = status?.lastValidationTime;
  return checked !== undefined && now.getTime() - Date.parse(checked) < validationGoesStaleAfter;
}

/** Asks the server who it is, through a ServerStatusRequest, which the server removes itself minutes later. */
export async function askServer(
  cluster: Cluster,
  namespace: string,
  options: { signal: AbortSignal; limit?: number },
): Promise<NonNullable<ServerStatusRequest["status"]>> {
  const request = await cluster.create(
    serverStatusRequests,
    { metadata: { name: "", namespace, generateName: "mkebackup-" }, spec: {} },
    { fleeting: true, signal: options.signal },
  );
  const { name } = request.metadata;
  const answered = await waitUntil(() => cluster.get(serverStatusRequests, { namespace, name }, options.signal), {
    until: ({ status }) => status?.phase === "Processed",
    every: quickPace,
    limit: options.limit ?? 5000,
    signal: options.signal,
    what: "the Velero server to say its version",
  });
  return answered.status ?? {};
}
