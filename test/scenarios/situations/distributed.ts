// MinIO in four pods, as MKE runs it with in_cluster_options.distributed.
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { forgetRepositories, locationBecomes, scale, veleroPath } from "../cluster-state.ts";
import { eventually, type World } from "../world.ts";
import { add, change, made, type Situation, storeClient, type Undoing } from "./situation.ts";
import { storeAnswers } from "./stores.ts";
import { declare } from "./surroundings.ts";

const deployments = "/apis/apps/v1/namespaces/mke/deployments";
const statefulSets = "/apis/apps/v1/namespaces/mke/statefulsets";
const services = "/api/v1/namespaces/mke/services";
const location = `${veleroPath("backupstoragelocations")}/default`;
const members = [0, 1, 2, 3].map((ordinal) => `minio-${ordinal}`);

interface Container {
  readonly env?: readonly object[];
  readonly [field: string]: unknown;
}
interface Deployment {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly selector: object;
    readonly template: {
      readonly metadata: object;
      readonly spec: { readonly containers: readonly Container[]; readonly [field: string]: unknown };
    };
  };
}

/** Puts four pods in the place of MinIO's one, behind the same Service. */
async function distribute(world: World, undoing: Undoing): Promise<void> {
  const { api } = world;
  const single = (await api.get(`${deployments}/minio`)) as unknown as Deployment;
  undoing.add(async () => {
    await scale(api, "minio", 1);
    await storeAnswers(world);
    await locationBecomes(api, "Available");
    await forgetRepositories(api);
  });
  await scale(api, "minio", 0);
  await podsAreGone(world);
  // MKE has the one workload or the other.
  const label = (name: string) => ({ metadata: { labels: { "app.kubernetes.io/name": name } } });
  await change(world, undoing, `${deployments}/minio`, label("shelved"), label("minio"));
  undoing.add(() => podsAreGone(world));
  await add(world, undoing, statefulSets, {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "minio", labels: single.metadata.labels },
    spec: {
      replicas: members.length,
      serviceName: "minio-headless",
      podManagementPolicy: "Parallel",
      // A new template is for the last pod alone.
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: members.length - 1 } },
      selector: single.spec.selector,
      template: withMembers(single, await addressesOf(world, undoing)),
    },
  });
  await change(
    world,
    undoing,
    location,
    { spec: { validationFrequency: "2s", backupSyncPeriod: "1s" } },
    { spec: { validationFrequency: null, backupSyncPeriod: null } },
  );
  await declare(world, undoing, { backup: { storage_provider: { in_cluster_options: { distributed: true } } } });
  await makeBucket(world);
  await locationBecomes(api, "Available");
}

/** In the last of the four pods, MinIO ends. */
async function stopLast({ api }: World): Promise<void> {
  const path = `${statefulSets}/minio`;
  const { spec } = (await api.get(path)) as unknown as Deployment;
  const containers = spec.template.spec.containers.map((container) => ({
    ...container,
    args: ["exec sleep 2147483647"],
  }));
  await api.patch(path, { spec: { template: { spec: { containers } } } });
  await eventually(
    "three of the four are ready",
    async () => (await api.get(path)) as { status: { readyReplicas?: number; updatedReplicas?: number } },
    ({ status }) => status.readyReplicas === members.length - 1 && status.updatedReplicas === 1,
  );
}

/** Each pod has a Service of its own: its address is known before there is a pod, and stays. */
async function addressesOf(world: World, undoing: Undoing): Promise<ReadonlyMap<string, string>> {
  const addresses = new Map<string, string>();
  for (const name of members) {
    await add(world, undoing, services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: {
        publishNotReadyAddresses: true,
        selector: { "statefulset.kubernetes.io/pod-name": name },
        ports: [{ port: 9000 }],
      },
    });
    const { spec } = (await world.api.get(`${services}/${name}`)) as { spec: { clusterIP: string } };
    addresses.set(name, spec.clusterIP);
  }
  return addresses;
}

function withMembers({ spec: { template } }: Deployment, addresses: ReadonlyMap<string, string>) {
  const [container] = template.spec.containers;
  // The cluster's DNS knows no names of pods. MinIO finds out by its address which of the members it is itself.
  const lines = [...addresses].map(
    ([name, address]) =>
      `echo "$([ "$HOSTNAME" = ${name} ] && echo "$POD_IP" || echo ${address}) ${name}" >> /etc/hosts`,
  );
  const run = `exec minio server 'http://minio-{0...${members.length - 1}}:9000/data' --console-address :9001`;
  const script = [...lines, run].join("\n");
  const env = [
    ...(container?.env ?? []),
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    // Its drives are folders of one disk here, which it refuses otherwise.
    { name: "MINIO_CI_CD", value: "1" },
  ];
  return {
    ...template,
    spec: { ...template.spec, containers: [{ ...container, command: ["/bin/sh", "-c"], args: [script], env }] },
  };
}

async function makeBucket(world: World): Promise<void> {
  const client = storeClient(world);
  const make = () =>
    // One that comes while they begin to know each other can wait for half a minute.
    client.send(new CreateBucketCommand({ Bucket: "velero" }), { abortSignal: AbortSignal.timeout(5000) }).then(
      () => true,
      (error: Error) => error.name === "BucketAlreadyOwnedByYou",
    );
  await eventually("the four take a bucket", make, (isThere) => isThere).finally(() => client.destroy());
}

async function podsAreGone({ api }: World): Promise<void> {
  await eventually(
    "the pods of MinIO are gone",
    async () =>
      (await api.get("/api/v1/namespaces/mke/pods?labelSelector=app.kubernetes.io%2Fname%3Dminio")) as {
        items: object[];
      },
    ({ items }) => items.length === 0,
  );
}

/** The sandbox has no pods of StatefulSets, and no drives. They empty MinIO. */
const worlds = ["cluster"] as const;

export const distributedSituations: readonly Situation[] = [
  {
    name: "a healthy distributed MinIO",
    expect: [],
    worlds,
    limit: 90_000,
    make: (world) => made((undoing) => distribute(world, undoing)),
  },
  {
    name: "one of the four pods of a distributed MinIO is not ready",
    expect: ["storage.degraded"],
    worlds,
    limit: 90_000,
    make: (world) =>
      made(async (undoing) => {
        await distribute(world, undoing);
        await stopLast(world);
      }),
  },
];
