import { Failure, hasReason } from "../core/failure.ts";
import { type KubeObject, type ResourceKind, resourceName } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";

/** Throws the server's own sentence when an object of that name exists, before anything is sent. */
export async function refuseTakenName(
  cluster: Cluster,
  kind: ResourceKind,
  { metadata: { namespace, name } }: KubeObject,
  { next, signal }: { next: string; signal: AbortSignal },
): Promise<void> {
  try {
    await cluster.get(kind, { namespace, name }, signal);
  } catch (error) {
    // Whoever may create but not read learns of a taken name from the server's answer.
    if (hasReason(error, "NotFound") || hasReason(error, "Forbidden")) return;
    throw error;
  }
  throw new Failure("failed", `${resourceName(kind)} "${name}" already exists`, {
    heading: "Error from server (AlreadyExists): ",
    reason: "AlreadyExists",
    next: [next],
  });
}
