import type { KubeObject, ResourceKind } from "../core/resource.ts";
import type { Context } from "./command.ts";

/** Since Kubernetes 1.28. Everybody may ask who they are; the answer says when. */
const selfReviews: ResourceKind<KubeObject & { readonly status?: object }> = {
  group: "authentication.k8s.io",
  version: "v1",
  plural: "selfsubjectreviews",
  kind: "SelfSubjectReview",
  clusterScoped: true,
};

/** The API server's clock against this machine's in milliseconds, to about a second; undefined when it tells no time. */
export async function clockOfCluster({
  cluster,
  signal,
}: Pick<Context, "cluster" | "signal">): Promise<number | undefined> {
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
