import { Failure } from "../core/failure.ts";
import { waitUntil } from "../core/wait.ts";
import type { Cluster } from "../kube/cluster.ts";
import { storageLocations } from "../velero/kinds.ts";
import { storageCause } from "../velero/storage-cause.ts";
import { isAvailable, unavailableReason } from "../velero/storage-location.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { Context } from "./command.ts";

/** The server looks at each location once a minute, unless it was told another time. */
const usualLimit = 120_000;

/**
 * Waits until the Velero server has checked a location: after the given moment where there is one, and with its Secret where
 * that is new, since the server may hear of a location before it hears of a Secret that was made before it.
 */
export async function waitUntilChecked(
  cluster: Cluster,
  context: Context,
  { namespace, name }: { namespace: string; name: string },
  { after, limit = usualLimit, isSecretNew }: { after?: Date; limit?: number | undefined; isSecretNew?: boolean },
): Promise<BackupStorageLocation> {
  context.tell(`Waiting for the Velero server to check location ${name} (it looks once a minute).`);
  try {
    return await waitUntil(() => cluster.get(storageLocations, { namespace, name }, context.signal), {
      until: ({ status }) =>
        status?.phase !== undefined &&
        status.lastValidationTime !== undefined &&
        (after === undefined || new Date(status.lastValidationTime) > after) &&
        !(isSecretNew && storageCause(status.message ?? "")?.code === "secret-missing"),
      signal: context.signal,
      limit,
      what: `the Velero server to check location ${name}`,
      onTrouble: (sentence) => context.tell(sentence),
    });
  } catch (error) {
    if (context.signal.aborted)
      throw new Failure("interrupted", `\nStopped waiting; location ${name} stays as it was just made.`, {
        heading: "",
      });
    if (!(error instanceof Failure) || error.kind !== "timeout") throw error;
    throw new Failure("timeout", error.message, { next: [`kubectl mkebackup describe location/${name}`] });
  }
}

/** What is wrong with a location that the server has checked; undefined when it is available, or nobody waited. */
export function unavailable(location: BackupStorageLocation): Failure | undefined {
  const { name } = location.metadata;
  const cause = storageCause(location.status?.message ?? "");
  if (location.status?.phase === undefined || isAvailable(location)) return undefined;
  return new Failure(
    "failed",
    `location ${name} is ${location.status.phase}: ${cause?.sentence ?? unavailableReason(location)}`,
    {
      next: [...(cause === undefined ? [] : [cause.hint]), `kubectl mkebackup describe location/${name}`],
    },
  );
}
