import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject, ResourceKind } from "../../../src/core/resource.ts";
import type { Cluster } from "../../../src/kube/cluster.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

/** What one GET is answered with: an object, or the reason of a failure. */
export type Stage = KubeObject | string;

/** A fake cluster in which objects of some kinds change from one look to the next; the last stage stays. */
export function stagedCluster(
  stages: readonly (readonly [kind: ResourceKind, ...stages: Stage[]])[],
  options: FakeClusterOptions = {},
): Cluster & { readonly looks: ReadonlyMap<string, number> } {
  const cluster = fakeCluster(options);
  const looks = new Map<string, number>();
  return {
    ...cluster,
    looks,
    async get<T extends KubeObject>(
      kind: ResourceKind<T>,
      reference: { namespace?: string | undefined; name: string },
    ) {
      const own = stages.find(([staged]) => staged.kind === kind.kind)?.slice(1) as Stage[] | undefined;
      if (own === undefined) return cluster.get(kind, reference);
      const at = looks.get(kind.kind) ?? 0;
      looks.set(kind.kind, at + 1);
      const stage = own[Math.min(at, own.length - 1)];
      if (typeof stage === "string") throw new Failure("failed", `the server says ${stage}`, { reason: stage });
      return stage as T;
    },
  };
}
