import type { Pod, ResourceKind, Workload } from "../core/resource.ts";

export const statefulSets: ResourceKind<Workload> = {
  group: "apps",
  version: "v1",
  plural: "statefulsets",
  kind: "StatefulSet",
};

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet";

/** A workload with its pods, as far as both were seen. */
export interface WorkloadState {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  /** Selects its pods: name=velero. */
  readonly selector: string;
  /** Image of the container asked for. */
  readonly image: string | undefined;
  /** That container's name; undefined when it has none. */
  readonly container?: string | undefined;
  /** What it may use, as the pod says: 512Mi. */
  readonly memoryLimit?: string | undefined;
  /** True when its data lives on a claim, false when it dies with the pod. */
  readonly persistent: boolean;
  /** Undefined when pods could not be seen. */
  readonly pods: readonly PodState[] | undefined;
}

export interface PodState {
  readonly name: string;
  readonly node: string | undefined;
  readonly ready: boolean;
  readonly created: Date | undefined;
  /** When its readiness last changed. */
  readonly since: Date | undefined;
  /** When the container asked for last began to run. */
  readonly started: Date | undefined;
  readonly restarts: number;
  readonly lastEnd: { readonly reason: string; readonly at: Date | undefined } | undefined;
  /** Why it does not run: ImagePullBackOff, Unschedulable. */
  readonly trouble: string | undefined;
}

// Fields that only health looks at, beyond those every part of the program reads.
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
}
type ContainerState = NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>[number];
interface FullPodStatus {
  readonly conditions?: readonly Condition[];
  readonly containerStatuses?: readonly ContainerState[];
  readonly initContainerStatuses?: readonly ContainerState[];
}

/** Describes a workload by one of its containers. `pods` may hold the pods of others too. */
export function describeWorkload(
  kind: WorkloadKind,
  workload: Workload,
  container: string | undefined,
  pods: readonly Pod[] | undefined,
): WorkloadState {
  const { metadata, spec, status } = workload;
  const labels = spec?.selector?.matchLabels ?? {};
  const containers = spec?.template?.spec?.containers ?? [];
  const main = containers.find(({ name }) => name === container) ?? containers[0];
  const claims = (spec as { volumeClaimTemplates?: readonly unknown[] } | undefined)?.volumeClaimTemplates ?? [];
  const volumes = spec?.template?.spec?.volumes ?? [];
  const own = pods?.filter((pod) => isSelected(pod, labels) && pod.metadata.deletionTimestamp === undefined);
  return {
    kind,
    name: metadata.name,
    wanted: kind === "DaemonSet" ? (status?.desiredNumberScheduled ?? 0) : (spec?.replicas ?? 1),
    ready: (kind === "DaemonSet" ? status?.numberReady : status?.readyReplicas) ?? 0,
    selector: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
    image: main?.image,
    container: main?.name,
    memoryLimit: main?.resources?.limits?.["memory"],
    persistent: claims.length > 0 || volumes.some((volume) => volume.persistentVolumeClaim !== undefined),
    pods: own?.map((pod) => describePod(pod, main?.name)),
  };
}

function isSelected({ metadata }: Pod, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(labels);
  return wanted.length > 0 && wanted.every(([key, value]) => metadata.labels?.[key] === value);
}

function describePod({ metadata, spec, status }: Pod, container: string | undefined): PodState {
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = (status ?? {}) as FullPodStatus;
  const condition = (type: string) => conditions.find((candidate) => candidate.type === type);
  const main = containerStatuses.find(({ name }) => name === container) ?? containerStatuses[0];
  const ended = main?.lastState?.terminated;
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state?.waiting?.reason ?? []);
  // An init container that cannot start explains why the others wait for it.
  const told = waiting.find((reason) => !["PodInitializing", "ContainerCreating"].includes(reason)) ?? waiting[0];
  const scheduled = condition("PodScheduled");
  const ready = condition("Ready");
  return {
    name: metadata.name,
    node: spec?.nodeName,
    ready: ready?.status === "True",
    created: dateOf(metadata.creationTimestamp),
    since: dateOf(ready?.lastTransitionTime),
    started: dateOf(main?.state?.running?.startedAt),
    restarts: containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    lastEnd: ended === undefined ? undefined : { reason: ended.reason ?? "Error", at: dateOf(ended.finishedAt) },
    trouble: scheduled?.status === "False" ? (scheduled.reason ?? "Unschedulable") : told,
  };
}

export const dateOf = (time: string | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

/** The newest of some times. */
export function latest(times: readonly (Date | undefined)[]): Date | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length === 0 ? undefined : new Date(Math.max(...given.map((time) => time.getTime())));
}

/** Since when all of its pods have been running. */
export const upSince = ({ pods = [] }: WorkloadState): Date | undefined => latest(pods.map(({ started }) => started));

/** Why pods are not ready, in the kubelet's words. */
export const troubleOf = ({ pods = [] }: WorkloadState): string | undefined =>
  pods.find(({ ready, trouble }) => !ready && trouble !== undefined)?.trouble;

export const unreadySince = ({ pods = [] }: WorkloadState): Date | undefined =>
  latest(pods.filter(({ ready }) => !ready).map(({ since }) => since));

const hour = 3_600_000;
/** One restart can be an update; this many are none. */
const restartsThatCount = 3;

export interface Restarts {
  readonly count: number;
  readonly last: Date;
  /** The kubelet's word: OOMKilled, Error. */
  readonly reason: string;
  readonly outOfMemory: boolean;
}

/** How often its pods restarted, where that is worth saying: out of memory within a day, or again and again within an hour. */
export function restartsOf({ pods = [] }: WorkloadState, now: Date): Restarts | undefined {
  const count = pods.reduce((sum, pod) => sum + pod.restarts, 0);
  const ends = pods.flatMap(({ lastEnd }) => lastEnd ?? []);
  const newest = ends.toSorted((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0))[0];
  if (newest?.at === undefined) return undefined;
  const elapsed = now.getTime() - newest.at.getTime();
  const outOfMemory = newest.reason === "OOMKilled" && elapsed < 24 * hour;
  if (!outOfMemory && (count < restartsThatCount || elapsed > hour)) return undefined;
  return { count, last: newest.at, reason: newest.reason, outOfMemory };
}
