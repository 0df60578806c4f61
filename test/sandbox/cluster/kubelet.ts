// The node: starts and stops pods, holds their volumes and their logs.
import { randomBytes } from "node:crypto";
import type { ObjectMeta } from "../api/objects.ts";
import { isTrue } from "../api/requests.ts";
import { badRequest } from "../api/status.ts";
import { randomSuffix, type Store, timestamp } from "../api/store.ts";
import type { Clock } from "../clock.ts";
import { ContainerLog } from "./container-logs.ts";
import { type Container, type ContainerStatus, type Pod, pods } from "./types.ts";

/** What a volume holds: never the bytes themselves, only what a workload prints of them. */
export interface VolumeContent {
  readonly bytes: number;
  readonly sha256: string;
}

export type PodEvent = "started" | "stopped";

/** The init container by which Velero holds a restored pod back until its volumes are filled. */
export const restoreWait = "restore-wait";

export const nodeName = "node-1";

const startTime = 300;
const stopTime = 200;

export class Kubelet {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #volumes = new Map<string, Map<string, VolumeContent>>();
  readonly #logs = new Map<string, ContainerLog>();
  readonly #stopping = new Set<string>();
  readonly #listeners: ((event: PodEvent, pod: Pod) => void)[] = [];
  #started = 0;
  #booting = true;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    store.watch(({ type, resource, object }) => {
      if (resource !== "pods") return;
      const pod = object as Pod;
      if (type === "ADDED") this.#create(pod);
      else if (type === "DELETED") this.#forget(pod);
      else if (pod.metadata.deletionTimestamp !== undefined) this.#terminate(pod);
    });
  }

  /** From now on pods take their time to start; until then nobody waits for what the cluster holds from the beginning. */
  finishBooting(): void {
    this.#booting = false;
  }

  /** Tells when the containers of a pod run and when they no longer do. */
  onPod(listener: (event: PodEvent, pod: Pod) => void): void {
    this.#listeners.push(listener);
  }

  /** What a container of the pod has written. Throws a StatusError when there is no such container, or it has not begun. */
  logs({ metadata, spec }: Pod, query: URLSearchParams): ContainerLog {
    const container = query.get("container") ?? spec.containers[0]?.name ?? "";
    const what = `container "${container}" in pod "${metadata.name}"`;
    if (![...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === container))
      throw badRequest(`container ${container} is not valid for pod ${metadata.name}`);
    if (isTrue(query.get("previous"))) throw badRequest(`previous terminated ${what} not found`);
    const log = this.#logs.get(metadata.uid ?? "");
    if (log !== undefined) return log;
    const reason = spec.initContainers === undefined ? "ContainerCreating" : "PodInitializing";
    throw badRequest(`${what} is waiting to start: ${reason}`);
  }

  /** A container of the pod writes a line. */
  write(uid: string, line: string): void {
    this.#logs.get(uid)?.write(line);
  }

  volume(pod: Pod, name: string): VolumeContent | undefined {
    return this.#volumes.get(uidOf(pod))?.get(name);
  }

  fillVolume(pod: Pod, name: string, content: VolumeContent): void {
    this.#volumesOf(pod).set(name, content);
  }

  /** Lets a pod go on that was held back by its restore-wait container. */
  releaseRestored({ namespace, name }: ObjectMeta): void {
    this.#clock.after(startTime / 2, () => this.#start(namespace, name));
  }

  #volumesOf(pod: Pod): Map<string, VolumeContent> {
    const uid = uidOf(pod);
    const volumes = this.#volumes.get(uid) ?? new Map<string, VolumeContent>();
    this.#volumes.set(uid, volumes);
    return volumes;
  }

  #create({ metadata: { namespace, name, creationTimestamp = "" }, spec }: Pod): void {
    // Not inside the event: others still have to hear of the new pod before its first change.
    this.#clock.after(1, () => {
      this.#store.update(pods, namespace, name, (draft) => {
        draft.spec.nodeName ??= nodeName;
        // Every pod has this volume; a backup of volumes leaves it out.
        draft.spec.volumes = [
          ...(draft.spec.volumes ?? []),
          { name: `kube-api-access-${randomSuffix()}`, projected: {} },
        ];
        draft.status = {
          phase: "Pending",
          startTime: creationTimestamp,
          hostIP: "172.30.0.1",
          conditions: conditions(false, this.#store.now()),
          containerStatuses: draft.spec.containers.map((container) => containerStatus(container, undefined)),
        };
      });
    });
    if (spec.initContainers?.some((container) => container.name === restoreWait)) return;
    this.#clock.after(this.#booting ? 1 : startTime, () => this.#start(namespace, name));
  }

  #start(namespace: string | undefined, name: string): void {
    const before = this.#store.get(pods, namespace, name);
    if (before === undefined || before.metadata.deletionTimestamp !== undefined) return;
    this.#started += 1;
    const troubled = troubledStatuses(before, timestamp(this.#store.now()));
    if (troubled !== undefined) {
      this.#store.update(pods, namespace, name, (draft) => {
        draft.status = { phase: "Pending", ...draft.status, containerStatuses: troubled };
      });
      return;
    }
    const podIP = `10.244.0.${this.#started + 1}`;
    const pod = this.#store.update(pods, namespace, name, (draft) => {
      draft.status = {
        ...draft.status,
        phase: "Running",
        podIP,
        conditions: conditions(true, this.#store.now()),
        containerStatuses: draft.spec.containers.map((container) => ({
          ...containerStatus(container, timestamp(this.#store.now())),
          ...endedBefore(container, timestamp(this.#store.now())),
        })),
      };
    });
    if (pod === undefined) return;
    this.#run(pod);
    for (const listener of this.#listeners) listener("started", pod);
  }

  /** The sample workload's script: make a file of random bytes unless there is one, print its checksum. */
  #run(pod: Pod): void {
    const script = pod.spec.containers.flatMap(({ command = [] }) => command).join("\n");
    const [, bytes] = /head -c (\d+) \/dev\/urandom/.exec(script) ?? [];
    const log = new ContainerLog();
    const lines = (pod.spec.volumes ?? [])
      .filter(({ emptyDir }) => emptyDir !== undefined && bytes !== undefined)
      .map(({ name }) => {
        const made = { bytes: Number(bytes), sha256: randomBytes(32).toString("hex") };
        const content = this.volume(pod, name) ?? made;
        this.fillVolume(pod, name, content);
        return `sha256 ${content.sha256}`;
      });
    for (const line of lines) log.write(line);
    this.#logs.set(uidOf(pod), log);
  }

  #terminate(pod: Pod): void {
    const { namespace, name, uid = "" } = pod.metadata;
    if (this.#stopping.has(uid)) return;
    this.#stopping.add(uid);
    this.#clock.after(stopTime, () => this.#store.remove(pods, namespace, name));
  }

  #forget(pod: Pod): void {
    const uid = uidOf(pod);
    this.#volumes.delete(uid);
    this.#logs.get(uid)?.end();
    this.#logs.delete(uid);
    this.#stopping.delete(uid);
    for (const listener of this.#listeners) listener("stopped", pod);
  }
}

const uidOf = ({ metadata }: Pod) => metadata.uid ?? "";

function conditions(ready: boolean, since: Date) {
  const lastTransitionTime = timestamp(since);
  const status = ready ? ("True" as const) : ("False" as const);
  const unready = ready ? {} : { reason: "ContainersNotReady", message: "containers with unready status" };
  return [
    { type: "PodScheduled", status: "True" as const, lastTransitionTime },
    { type: "Initialized", status: "True" as const, lastTransitionTime },
    { type: "ContainersReady", status, lastTransitionTime, ...unready },
    { type: "Ready", status, lastTransitionTime, ...unready },
  ];
}

/** Containers that do not come to life as their pod's template wants them, as the kubelet reports them; undefined when all do. */
function troubledStatuses({ spec }: Pod, now: string): ContainerStatus[] | undefined {
  const found = spec.containers.map((container) => ({ container, trouble: troubleOf(container) }));
  if (found.every(({ trouble }) => trouble === undefined)) return undefined;
  return found.map(({ container, trouble }) => {
    const status = containerStatus(container, undefined);
    if (trouble === undefined) return status;
    if (trouble.exitCode === undefined) return { ...status, state: { waiting: { reason: trouble.reason } } };
    const { reason, exitCode } = trouble;
    return {
      ...status,
      restartCount: 1,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { reason, exitCode, startedAt: now, finishedAt: now } },
    };
  });
}

/** What reads zeros without end is killed once, and comes back. */
function endedBefore({ args = [] }: Container, now: string): Partial<ContainerStatus> {
  if (!args.some((arg) => arg.includes("/dev/zero"))) return {};
  const terminated = { reason: "OOMKilled", exitCode: 137, startedAt: now, finishedAt: now };
  return { restartCount: 1, lastState: { terminated } };
}

function troubleOf({ image = "", args = [], resources }: Container): { reason: string; exitCode?: number } | undefined {
  if (image.includes("no-such-image")) return { reason: "ErrImagePull" };
  if (args.includes("--no-such-flag")) return { reason: "Error", exitCode: 1 };
  const [, mebibytes] = /^(\d+)Mi$/.exec(resources?.limits?.memory ?? "") ?? [];
  return Number(mebibytes) < 28 ? { reason: "OOMKilled", exitCode: 137 } : undefined;
}

function containerStatus({ name, image = "" }: Container, startedAt: string | undefined): ContainerStatus {
  const running = startedAt !== undefined;
  return {
    name,
    image,
    imageID: "",
    ready: running,
    started: running,
    restartCount: 0,
    state: running ? { running: { startedAt } } : { waiting: { reason: "ContainerCreating" } },
    lastState: {},
  };
}
