import type { Api } from "./api.ts";
import type { Running } from "./program.ts";
import { eventually, type World } from "./world.ts";

const velero = "/apis/velero.io/v1/namespaces/mke";

interface Phased {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly phase?: string; readonly message?: string };
}

interface PodSeen {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export const backupPath = (name: string): string => `${velero}/backups/${name}`;
export const veleroPath = (kind: string): string => `${velero}/${kind}`;

/** Waits until the server works on a backup that a running program has asked for; fails as soon as the program has ended. */
export async function hasBegun(api: Api, name: string, { child, ended }: Running): Promise<void> {
  await eventually(
    `backup ${name} runs`,
    async () => {
      if (child.exitCode !== null) throw new Error(`the program ended: ${JSON.stringify(await ended)}`);
      return api.request("GET", backupPath(name));
    },
    ({ body }) => (body["status"] as { phase?: string } | undefined)?.phase === "InProgress",
  );
}

export async function names(api: Api, path: string): Promise<string[]> {
  const { items } = (await api.get(path)) as { items: Phased[] };
  return items.map(({ metadata }) => metadata.name);
}

export async function phase(api: Api, path: string): Promise<string> {
  return ((await api.get(path)) as unknown as Phased).status?.phase ?? "";
}

/** Scales a Deployment of namespace mke and waits until its pods are as many. */
export async function scale(api: Api, deployment: "minio" | "velero", replicas: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/mke/deployments/${deployment}`;
  await api.patch(path, { spec: { replicas } });
  await eventually(
    `${deployment} has ${replicas} ready pods`,
    async () => (await api.get(path)) as { status?: { readyReplicas?: number; replicas?: number } },
    ({ status }) => (status?.readyReplicas ?? 0) === replicas && (status?.replicas ?? 0) === replicas,
  );
}

export async function locationBecomes(api: Api, wanted: "Available" | "Unavailable"): Promise<void> {
  await eventually(
    `location default is ${wanted}`,
    () => phase(api, `${velero}/backupstoragelocations/default`),
    (seen) => seen === wanted,
  );
}

/** Kills the server's pods; their Deployment starts new ones. */
export const restartVelero = (api: Api): Promise<void> => restart(api, "component%3Dvelero");

/**
 * For after a backup that was refused: Velero 1.18 can keep its place in the queue, and then begins no other before it is
 * started anew.
 */
export async function freeQueue({ name, velero, api }: Pick<World, "name" | "velero" | "api">): Promise<void> {
  if (name === "cluster" && velero === "1.18") await restartVelero(api);
}

/** Kills the node agents' pods; their DaemonSet starts new ones, which have opened no repository yet. */
export const restartNodeAgents = (api: Api): Promise<void> => restart(api, "name%3Dnode-agent");

async function restart(api: Api, selector: string): Promise<void> {
  const path = `/api/v1/namespaces/mke/pods?labelSelector=${selector}`;
  const killed = await names(api, path);
  for (const pod of killed) await api.delete(`/api/v1/namespaces/mke/pods/${pod}?gracePeriodSeconds=0`);
  await eventually(
    `a new pod with ${decodeURIComponent(selector)} runs`,
    () => podsOf(api, path),
    (pods) => pods.some((pod) => !killed.includes(pod.metadata.name) && isReady(pod)),
  );
}

/** Brings MinIO, Velero and the workload back to what they were, whatever a scenario did. */
export async function recover(api: Api): Promise<void> {
  await scale(api, "minio", 1);
  await scale(api, "velero", 1);
  await locationBecomes(api, "Available");
  await forgetRepositories(api);
}

/**
 * MinIO's data dies with its pod, and with it the repositories of volume data; Velero goes on believing in them until their
 * objects are deleted, and every backup with volumes fails or hangs.
 */
export async function forgetRepositories(api: Api): Promise<void> {
  const path = veleroPath("backuprepositories");
  for (const name of await names(api, path)) await api.delete(`${path}/${name}`);
}

const shop = "/api/v1/namespaces/shop";

async function podsOf(api: Api, path: string): Promise<PodSeen[]> {
  return ((await api.get(path)) as unknown as { items: PodSeen[] }).items;
}

const isReady = ({ metadata, status }: PodSeen): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");

/** The checksums that the workload's pods print of the files in their volumes, sorted. */
export async function checksums(api: Api): Promise<string[]> {
  const pods = await eventually(
    "the two pods of the shop run",
    () => podsOf(api, `${shop}/pods?labelSelector=app%3Dweb`),
    isServing,
  );
  const logs = await Promise.all(
    pods.map(({ metadata }) =>
      eventually(
        `pod ${metadata.name} prints its checksum`,
        async () => (await api.request("GET", `${shop}/pods/${metadata.name}/log?container=web`)).text,
        (text) => /^sha256 [0-9a-f]{64}/m.test(text),
      ),
    ),
  );
  return logs.map((text) => /^sha256 ([0-9a-f]{64})/m.exec(text)?.[1] ?? "").toSorted();
}

const isServing = (pods: readonly PodSeen[]): boolean => pods.length === 2 && pods.every(isReady);

export async function deleteShop(api: Api): Promise<void> {
  await api.delete("/api/v1/namespaces/shop");
  await eventually(
    "namespace shop is gone",
    () => api.request("GET", "/api/v1/namespaces/shop"),
    ({ status }) => status === 404,
  );
}
