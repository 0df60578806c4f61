import { Failure } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import { readConfiguration } from "../mke/read-configuration.ts";
import { mkeNamespace } from "../velero/namespace.ts";
import type { BackupStorageLocation } from "../velero/types.ts";

/** Throws when the location is one that MKE, or a Helm release, keeps as it was configured: a change would not last. */
export async function refuseOthersObject(
  cluster: Cluster,
  location: BackupStorageLocation,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name } = location.metadata;
  const release = releaseOf(location);
  const isMkes =
    namespace === mkeNamespace &&
    (release !== undefined || (name === "default" && (await isDeclared(cluster, signal))));
  if (isMkes) {
    throw new Failure("failed", `location ${name} belongs to MKE, which would revert the change`, {
      reason: "Managed",
      next: ["change it in mke4.yaml (backup.storage_provider): mkectl apply -f mke4.yaml"],
    });
  }
  if (release !== undefined) {
    throw new Failure(
      "failed",
      `location ${name} belongs to Helm release ${release}, whose next upgrade would revert the change`,
      {
        reason: "Managed",
        next: ["change it in the values of the chart (configuration.backupStorageLocation): helm upgrade"],
      },
    );
  }
}

/** The Helm release that an object is part of; undefined when none says so. */
function releaseOf({ metadata: { labels = {}, annotations = {} } }: BackupStorageLocation): string | undefined {
  const release = annotations["meta.helm.sh/release-name"];
  const isHelms = labels["app.kubernetes.io/managed-by"] === "Helm" || labels["helm.sh/chart"] !== undefined;
  if (release !== undefined) return release;
  return isHelms ? (labels["app.kubernetes.io/instance"] ?? "velero") : undefined;
}

/** Whether the MKE configuration has MKE run Velero, and with it the location `default`. */
async function isDeclared(cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  try {
    const { engine, enabled } = await readConfiguration(cluster, { locations: async () => [], signal });
    return engine === "velero" && enabled !== false;
  } catch (error) {
    // Nothing declares it, or nothing that this user may read.
    if (error instanceof Failure && error.reason === undefined) return false;
    throw error;
  }
}
