import type { ResourceKind } from "../core/resource.ts";
import type { StoreProbe } from "../object-store/object-store.ts";
import type { StorageProof } from "../velero/storage-proof.ts";
import type { Context } from "./command.ts";
import type { ProofSteps } from "./proof-steps.ts";

/** S3 refuses requests that were signed by a clock further off, in milliseconds. */
const mostSkew = 15 * 60_000;

/** Holds the store's clock and the cluster's, by which the server signs, against this machine's. */
export async function proveClocks(
  steps: ProofSteps,
  probe: StoreProbe | undefined,
  context: Context,
): Promise<StorageProof["skew"]> {
  const store = probe?.skew;
  let cluster: number | undefined;
  await steps.take("clocks", undefined, async () => {
    cluster = await clockOfCluster(context);
    if (store === undefined && cluster === undefined) return { detail: "no answer tells a time", skipped: true };
    const detail = [clockText("store", store), clockText("cluster", cluster)].join(", ");
    const apart = store === undefined || cluster === undefined ? undefined : store - cluster;
    const isFar = [store, cluster, apart].some((skew) => skew !== undefined && Math.abs(skew) > mostSkew);
    return isFar
      ? { detail, hint: "set the clocks by NTP: S3 refuses what is signed more than 15 minutes off" }
      : { detail };
  });
  return { store, cluster };
}

function clockText(whose: string, skew: number | undefined): string {
  if (skew === undefined) return `${whose}'s unknown`;
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (seconds < 2) return `${whose}'s as here`;
  return `${whose}'s ${seconds < 120 ? `${seconds}s` : `${Math.round(seconds / 60)}m`} ${skew > 0 ? "ahead" : "behind"}`;
}

/** Since Kubernetes 1.28. Everybody may ask who they are; the answer says when. */
const selfReviews: ResourceKind = {
  group: "authentication.k8s.io",
  version: "v1",
  plural: "selfsubjectreviews",
  kind: "SelfSubjectReview",
  clusterScoped: true,
};

/** The API server's clock against this machine's in milliseconds, to about a second; undefined when it tells no time. */
async function clockOfCluster({ cluster, signal }: Context): Promise<number | undefined> {
  try {
    const before = Date.now();
    const review = await (await cluster()).create(selfReviews, { metadata: { name: "" } }, { fleeting: true, signal });
    const at = Date.parse(review.metadata.creationTimestamp ?? "");
    // The time has whole seconds, cut off.
    return Number.isNaN(at) ? undefined : Math.round(at + 500 - (before + Date.now()) / 2);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
