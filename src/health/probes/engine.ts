import { deployments } from "../../core/resource.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ServedKind } from "../../kube/discovery.ts";
import { type EngineFound, readEngine } from "../../mke/engine.ts";
import { ask, type Fact } from "../fact.ts";

export interface EngineProbe {
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly limit: number;
  /** What the API server serves, when somebody asked; without it the era and MKE's own backups stay unknown. */
  readonly served: Promise<readonly ServedKind[] | undefined> | undefined;
}

/** What takes backups in this cluster. Never throws for what could not be seen. */
export const probeEngine = (
  cluster: Cluster,
  { namespace, signal, limit, served }: EngineProbe,
): Promise<Fact<EngineFound>> =>
  ask({
    verb: "list",
    kind: deployments,
    signal,
    limit,
    read: (end) => readEngine(cluster, { namespace, served, signal: end }),
  });
