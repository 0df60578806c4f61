import { Failure } from "../core/failure.ts";
import type { ResourceKind } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { Backup, BackupStorageLocation, Restore, Schedule } from "../velero/types.ts";

/** Reads the object that a user named. Where there is none, the failure tells the names that are most alike. */
export async function findNamed<T extends Backup | Restore | Schedule | BackupStorageLocation>(
  cluster: Cluster,
  kind: ResourceKind<T>,
  { namespace, name }: { namespace: string; name: string },
  { signal, list, instead }: { signal: AbortSignal; list: string; instead?: string | undefined },
): Promise<T> {
  try {
    return await cluster.get(kind, { namespace, name }, signal);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== "NotFound") throw error;
    const known = await cluster.names(kind, { namespace, signal }).catch(() => []);
    const near = mostAlike(
      name,
      known.map((entry) => entry.name),
    );
    const hint = `${instead ?? list}${near.length === 0 ? "" : `        (nearest: ${near.join(", ")})`}`;
    const { message, heading } = error;
    throw new Failure("failed", message, { heading, reason: "NotFound", next: [hint], cause: error });
  }
}

/** Names that share the longest beginning with what was typed. */
function mostAlike(name: string, known: readonly string[]): string[] {
  const common = (other: string) => [...other].findIndex((char, at) => char !== name[at]);
  const score = (other: string) => (common(other) === -1 ? other.length : common(other));
  return known
    .filter((other) => score(other) >= 3)
    .toSorted((a, b) => score(b) - score(a))
    .slice(0, 2);
}
