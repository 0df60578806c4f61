// What the simulated server works with, and how its loops wait for something to do.
import { type KubernetesObject, type ResourceType, resourceName } from "../api/objects.ts";
import type { Store } from "../api/store.ts";
import type { Clock } from "../clock.ts";
import type { Kubelet } from "../cluster/kubelet.ts";
import type { ObjectStore } from "../object-store/object-store.ts";
import type { VeleroVersion } from "./definitions.ts";

/** A store, or what one answers to every request. */
export type ForeignStore = ObjectStore | { readonly status: number; readonly code: string; readonly message: string };

export interface World {
  readonly store: Store;
  readonly clock: Clock;
  readonly kubelet: Kubelet;
  readonly objectStore: ObjectStore;
  /** Stores outside of the cluster, by their origin. */
  readonly foreignStores: ReadonlyMap<string, ForeignStore>;
  readonly version: VeleroVersion;
  /** Velero's own namespace: it looks at objects of its kinds nowhere else. */
  readonly namespace: string;
  /** Every kind the API server serves now. */
  readonly types: () => readonly ResourceType[];
  /** Message with which pod volume backups fail; undefined when they work. */
  readonly volumeFailure: () => string | undefined;
  /** What node agents have opened so far: the uids of an agent's pod and of a BackupRepository, with a space between. */
  readonly openedRepositories: Set<string>;
  /** Writes a line into the log of the server's container. */
  print(line: string): void;
}

/** What a server of that version calls itself. */
export const serverVersion = ({ version }: World): string => (version === "1.18" ? "v1.18.1" : "v1.13.0");

export const isNewer = ({ version }: World): boolean => version === "1.18";

/** Handles the objects of a kind one at a time, oldest first, until the signal is aborted. */
export async function workOn<T extends KubernetesObject>(
  { store, namespace }: World,
  type: ResourceType<T>,
  signal: AbortSignal,
  isDue: (object: T) => boolean,
  handle: (object: T) => Promise<void> | void,
): Promise<void> {
  while (!signal.aborted) {
    const [oldest] = store.list(type, namespace).filter(isDue).sort(byAge);
    if (oldest === undefined) await nextChange(store, type, signal);
    else await handle(oldest);
  }
}

const byAge = (a: KubernetesObject, b: KubernetesObject) =>
  Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion);

function nextChange(store: Store, type: ResourceType, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      unsubscribe();
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(signal.reason);
    };
    const unsubscribe = store.watch(({ resource }) => {
      if (resource !== resourceName(type)) return;
      end();
      // Later, because whoever made the change may not be done with it.
      setImmediate(resolve);
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}

/** Repeats an action with pauses of `milliseconds` until the signal is aborted. */
export async function repeat(
  { clock }: World,
  milliseconds: number,
  signal: AbortSignal,
  action: () => Promise<void> | void,
): Promise<void> {
  while (!signal.aborted) {
    await action();
    await clock.sleep(milliseconds, signal);
  }
}
