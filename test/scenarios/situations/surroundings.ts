import { veleroPath } from "../cluster-state.ts";
import { createUser } from "../restricted-user.ts";
import { eventually, uniqueName, type World } from "../world.ts";
import { add, change, made, type Situation, type Undo, type Undoing } from "./situation.ts";

const mkeConfig = "/apis/mke.mirantis.com/v1alpha1/namespaces/mke/mkeconfigs/mke";
const defaultLocation = `${veleroPath("backupstoragelocations")}/default`;
const namespaces = "/api/v1/namespaces";

/** MKE's configuration says something else; undoing puts every changed field back, and takes new ones out. */
export async function declare(
  { api }: World,
  undoing: Undoing,
  spec: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { spec: before } = (await api.get(mkeConfig)) as { spec: object };
  undoing.add(async () => {
    // A merge patch alone would leave what was added inside of a map.
    await api.patch(mkeConfig, { spec: { backup: null } });
    await api.patch(mkeConfig, { spec: before });
  });
  await api.patch(mkeConfig, { spec });
}

const declared =
  (spec: Readonly<Record<string, unknown>>) =>
  (world: World): Promise<Undo> =>
    made((undoing) => declare(world, undoing, spec));

const inCluster = {
  type: "InCluster",
  external_options: {},
  in_cluster_options: { admin_credentials_secret: "minio-credentials", enable_ui: true },
};

/** Another Velero, scaled to 0: what it is for is told by its location. */
async function addVelero({ api }: World, undoing: Undoing, namespace: string, hasLocation: boolean): Promise<void> {
  await api.post(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  undoing.add(async () => {
    await api.delete(`${namespaces}/${namespace}`);
    await eventually(
      `namespace ${namespace} is gone`,
      () => api.request("GET", `${namespaces}/${namespace}`),
      ({ status }) => status === 404,
    );
  });
  const labels = { component: "velero", deploy: "velero" };
  const containers = [{ name: "velero", image: "velero:none", command: ["/velero"], args: ["server"] }];
  await api.post(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "velero", labels },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  if (!hasLocation) return;
  await api.post(`/apis/velero.io/v1/namespaces/${namespace}/backupstoragelocations`, {
    apiVersion: "velero.io/v1",
    kind: "BackupStorageLocation",
    metadata: { name: "default" },
    spec: { provider: "aws", objectStorage: { bucket: "ours" }, config: { region: "eu-central-1" }, default: true },
  });
}

let token = "";

export const surroundingSituations: readonly Situation[] = [
  {
    name: "the default location is read-only",
    expect: ["location.read-only"],
    make: (world) =>
      made((undoing) =>
        change(
          world,
          undoing,
          defaultLocation,
          { spec: { accessMode: "ReadOnly" } },
          { spec: { accessMode: "ReadWrite" } },
        ),
      ),
  },
  {
    name: "MKE 4.1.3, whose configuration has no backup section",
    expect: [],
    make: declared({ version: "v4.1.3", backup: null }),
  },
  {
    name: "MKE 4.2, whose configuration has a schedule section",
    expect: [],
    make: declared({
      version: "v4.2.0",
      backup: { enabled: true, schedule: { enabled: true, cron: "0 3 * * *" }, storage_provider: inCluster },
    }),
  },
  {
    name: "MKE switches backups off, and Velero runs",
    expect: ["config.disabled"],
    make: declared({ backup: { enabled: false } }),
  },
  {
    name: "MKE declares a distributed MinIO, and one pod runs",
    expect: ["config.drift"],
    make: declared({ backup: { storage_provider: { in_cluster_options: { distributed: true } } } }),
  },
  {
    name: "MKE names a Secret of MinIO's keys that is not there",
    expect: ["credentials.root-missing"],
    make: declared({
      backup: { storage_provider: { in_cluster_options: { admin_credentials_secret: "no-such-secret" } } },
    }),
  },
  {
    name: "MKE's configuration names a provider that there is not",
    expect: ["config.invalid"],
    make: declared({ backup: { storage_provider: { type: "Elsewhere" } } }),
  },
  {
    name: "a ConfigMap with another configuration of MKE",
    expect: ["config.conflict", "config.drift"],
    make: (world) =>
      made(async (undoing) => {
        const other =
          "spec: {backup: {enabled: true, storage_provider: {type: InCluster, in_cluster_options: {distributed: true}}}}";
        await add(world, undoing, "/api/v1/namespaces/mke/configmaps", {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "mke-config" },
          data: { "mke4.yaml": other },
        });
      }),
  },
  {
    name: "MKE declares External, and Velero writes to MinIO",
    expect: ["config.not-applied"],
    make: declared({
      backup: {
        storage_provider: {
          type: "External",
          external_options: { provider: "aws", bucket: "our-backups", region: "eu-central-1" },
          in_cluster_options: null,
        },
      },
    }),
  },
  {
    name: "an API whose server is missing",
    expect: ["api.unavailable"],
    make: (world) =>
      made(async (undoing) => {
        const version = "v1alpha1";
        const group = `${uniqueName("broken")}.mkebackup.test`;
        await add(world, undoing, "/apis/apiregistration.k8s.io/v1/apiservices", {
          apiVersion: "apiregistration.k8s.io/v1",
          kind: "APIService",
          metadata: { name: `${version}.${group}` },
          spec: {
            group,
            version,
            groupPriorityMinimum: 1000,
            versionPriority: 15,
            insecureSkipTLSVerify: true,
            service: { namespace: "mke", name: "no-such-service", port: 443 },
          },
        });
      }),
  },
  {
    name: "a namespace that does not go away",
    expect: ["namespace.terminating"],
    // It is given ten minutes, and when it was deleted is the API server's to say.
    worlds: ["sandbox"],
    make: (world) =>
      made(async (undoing) => {
        const { api } = world;
        const name = uniqueName("stuck");
        await api.post(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
        await api.post(`${namespaces}/${name}/configmaps`, {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "held", finalizers: ["mkebackup.test/hold"] },
        });
        undoing.add(async () => {
          await api.patch(`${namespaces}/${name}/configmaps/held`, { metadata: { finalizers: null } });
        });
        await api.delete(`${namespaces}/${name}`);
        world.makeOlder?.("namespaces", name, 20);
      }),
  },
  {
    name: "a user who may only read backups",
    expect: ["rights.missing"],
    flags: () => `--token ${token}`,
    make: async ({ api }) => {
      const rules = [
        { apiGroups: ["velero.io"], resources: ["backups", "backupstoragelocations"], verbs: ["get", "list"] },
      ];
      const user = await createUser(api, uniqueName("reader"), rules);
      token = user.token;
      return user.remove;
    },
  },
  {
    name: "a Velero in namespace velero beside MKE's",
    expect: ["engine.several"],
    make: (world) => made((undoing) => addVelero(world, undoing, "velero", true)),
  },
  {
    name: "k0rdent's own Velero, which has no location",
    expect: [],
    make: (world) => made((undoing) => addVelero(world, undoing, "k0rdent", false)),
  },
];
