import { setTimeout as sleep } from "node:timers/promises";
import { Failure, hasReason, mayPass } from "../core/failure.ts";
import { linesOf } from "../core/lines.ts";
import { type Pod, pods } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { isServerPod, serverContainer } from "./server.ts";

export interface ServerLogOptions {
  /** What was written before is left out, as far as the pods' node can tell. */
  readonly since: Date;
  readonly signal: AbortSignal;
}

/** After this long without a line the stream is opened again: a connection may be dead without a word. In milliseconds. */
const silence = 90_000;
/** So long nothing may be heard of the server before following ends with the reason, in milliseconds. */
const patience = 120_000;
const pause = 1000;

/**
 * What the server's pods have written that their nodes still keep: of the container before a restart, too. In batches, pod
 * by pod, the oldest first. Throws reason Forbidden when the user may not read pods or their logs.
 */
export async function* serverLines(
  cluster: Cluster,
  namespace: string,
  { since, signal }: ServerLogOptions,
): AsyncGenerator<string[]> {
  for (const pod of await serverPods(cluster, namespace, signal)) {
    const of = { namespace, pod: pod.metadata.name, name: serverContainer };
    const status = pod.status?.containerStatuses?.find(({ name }) => name === serverContainer);
    if (Date.parse(status?.lastState?.terminated?.finishedAt ?? "") >= since.getTime())
      yield* written(cluster.logs(of, { previous: true, since, signal }));
    yield* written(cluster.logs(of, { since, signal }));
  }
}

/** What a container that has not begun, or is gone, has written is nothing. */
async function* written(opening: Promise<AsyncIterable<Buffer>>): AsyncGenerator<string[]> {
  try {
    for await (const lines of linesOf(await opening)) yield lines.map((line) => split(line).text);
  } catch (error) {
    if (!isNotThere(error)) throw error;
  }
}

/**
 * The same, and then what the server writes from now on, until `end` is aborted. A stream that breaks is taken up again where
 * it broke, and the pod that follows a pod is read from its beginning.
 */
export async function* followServerLines(
  cluster: Cluster,
  namespace: string,
  { since, signal, end }: ServerLogOptions & { readonly end: AbortSignal },
): AsyncGenerator<string[]> {
  let [current, last] = ["", ""];
  let heard = performance.now();
  const newer = (lines: readonly string[]): string[] => {
    heard = performance.now();
    const fresh = lines.map(split).filter(({ time }) => time > last);
    last = fresh.at(-1)?.time ?? last;
    return fresh.map(({ text }) => text);
  };
  while (!end.aborted) {
    try {
      const pod = (await serverPods(cluster, namespace, signal)).at(-1);
      if (pod !== undefined) {
        if (pod.metadata.uid !== current) [current, last] = [pod.metadata.uid ?? "", ""];
        const watch = new AbortController();
        const ends = AbortSignal.any([signal, end, watch.signal]);
        const timer = setTimeout(() => watch.abort(), silence);
        try {
          const from = last === "" ? since : new Date(last);
          const of = { namespace, pod: pod.metadata.name, name: serverContainer };
          for await (const lines of linesOf(await cluster.logs(of, { follow: true, since: from, signal: ends }))) {
            timer.refresh();
            yield newer(lines);
          }
        } finally {
          clearTimeout(timer);
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      const isOver = error instanceof Failure && !mayPass(error) && !isNotThere(error);
      if (!end.aborted && (isOver || (mayPass(error) && performance.now() - heard > patience))) throw error;
    }
    await sleep(pause, undefined, { signal: AbortSignal.any([signal, end]) }).catch(() => signal.throwIfAborted());
  }
  // The last words may not have been on their way yet.
  for await (const lines of remaining()) yield lines;

  async function* remaining(): AsyncGenerator<string[]> {
    const pod = (await serverPods(cluster, namespace, signal).catch(() => [])).at(-1);
    if (pod === undefined || pod.metadata.uid !== current || last === "") return;
    const of = { namespace, pod: pod.metadata.name, name: serverContainer };
    try {
      for await (const lines of linesOf(await cluster.logs(of, { since: new Date(last), signal }))) yield newer(lines);
    } catch {
      signal.throwIfAborted();
    }
  }
}

/** The server's pods, the oldest first. */
async function serverPods(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Pod[]> {
  const bornAt = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? "") || 0;
  return (await cluster.list(pods, { namespace, signal }))
    .filter(isServerPod)
    .toSorted((a, b) => bornAt(a) - bornAt(b));
}

const isNotThere = (error: unknown): boolean => hasReason(error, "NotFound") || hasReason(error, "BadRequest");

/** A line of a container without its time, and that time in a form that sorts: Go leaves zeros at its end out. */
function split(line: string): { readonly time: string; readonly text: string } {
  const [, second, fraction = "", text] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z ?(.*)$/s.exec(line) ?? [];
  if (second === undefined) return { time: "~", text: line };
  return { time: `${second}.${fraction.padEnd(9, "0")}Z`, text: text ?? "" };
}
