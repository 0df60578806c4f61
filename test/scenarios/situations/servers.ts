import { scale } from "../cluster-state.ts";
import { eventually, type World } from "../world.ts";
import { change, made, type Situation } from "./situation.ts";

const velero = "/apis/apps/v1/namespaces/mke/deployments/velero";
const agents = "/apis/apps/v1/namespaces/mke/daemonsets/node-agent";

interface Workload {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } };
  readonly status?: { readonly readyReplicas?: number; readonly numberReady?: number };
}

/** Changes the first container of a workload; undoing waits until its pods are ready again. */
async function changeContainer(world: World, path: string, changed: object) {
  const { spec } = (await world.api.get(path)) as unknown as Workload;
  const [first, ...others] = spec.template.spec.containers;
  const containers = (all: readonly object[]) => ({ spec: { template: { spec: { containers: all } } } });
  return made(async (undoing) => {
    undoing.add(() => becomesReady(world, path));
    await change(
      world,
      undoing,
      path,
      containers([{ ...first, ...changed }, ...others]),
      containers(spec.template.spec.containers),
    );
  });
}

async function becomesReady({ api }: World, path: string): Promise<void> {
  await eventually(
    `${path} is ready`,
    async () => (await api.get(path)) as unknown as Workload,
    ({ status }) => (status?.readyReplicas ?? status?.numberReady ?? 0) > 0,
  );
}

/** Takes all the memory there is, once in the life of its pod; then it is a server as any other. */
const hungryAtFirst = {
  command: ["/bin/sh", "-c"],
  args: [
    "[ -e /scratch/hungry ] && exec /velero server --uploader-type=kopia --store-validation-frequency=10s; touch /scratch/hungry; exec tail /dev/zero",
  ],
};

export const serverSituations: readonly Situation[] = [
  {
    name: "Velero scaled to 0",
    expect: ["server.down"],
    make: async ({ api }) => {
      await scale(api, "velero", 0);
      return () => scale(api, "velero", 1);
    },
  },
  {
    name: "Velero crashes as soon as it starts",
    expect: ["server.down"],
    make: (world) => changeContainer(world, velero, { args: ["server", "--no-such-flag"] }),
  },
  {
    name: "Velero has too little memory to start",
    expect: ["server.down"],
    make: (world) => changeContainer(world, velero, { resources: { limits: { memory: "24Mi" } } }),
  },
  {
    name: "Velero ran out of memory, and runs again",
    limit: 60_000,
    expect: ["server.memory"],
    make: (world) => changeContainer(world, velero, { ...hungryAtFirst, resources: { limits: { memory: "512Mi" } } }),
  },
  {
    name: "the node agent's image cannot be pulled",
    expect: ["agents.down"],
    make: (world) => changeContainer(world, agents, { image: "mkebackup.test/no-such-image:1" }),
  },
];
