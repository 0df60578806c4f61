import { linesOf } from "../../core/lines.ts";
import { redacted } from "../../core/redacted.ts";
import { pods } from "../../core/resource.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { ask, type Fact } from "../fact.ts";
import type { PodState, WorkloadState } from "../workload.ts";
import type { ProbeOptions } from "./thorough.ts";

const lines = 5;
/** A line may hold a whole stack. */
const longest = 300;

/** What the containers that ended wrote last, by the names of their pods. Asks for none that runs well. */
export async function lookAtLastLines(
  cluster: Cluster,
  workloads: readonly WorkloadState[],
  { namespace, signal, limit }: ProbeOptions,
): Promise<ReadonlyMap<string, Fact<readonly string[]>>> {
  const ended = workloads.flatMap(({ container, pods: own = [] }) =>
    container === undefined ? [] : own.filter(hasEnded).map(({ name }) => ({ pod: name, name: container })),
  );
  const found = ended.map(async ({ pod, name }): Promise<[string, Fact<readonly string[]>]> => {
    const read = async (end: AbortSignal): Promise<readonly string[]> => {
      const written: string[] = [];
      const log = await cluster.logs({ namespace, pod, name }, { previous: true, last: lines, signal: end });
      // Each line stands behind its time.
      for await (const batch of linesOf(log)) written.push(...batch.map((line) => line.replace(/^\S+ /, "")));
      return written.filter((line) => line.trim() !== "").map((line) => redacted(line).slice(0, longest));
    };
    return [pod, await ask({ verb: "get", kind: podLogs, signal, limit, read })];
  });
  return new Map(await Promise.all(found));
}

const hasEnded = ({ lastEnd, ready, trouble }: PodState): boolean =>
  lastEnd !== undefined || (!ready && trouble === "CrashLoopBackOff");

const podLogs = { ...pods, plural: "pods/log" };
