// A MinIO outside of the cluster's Services, on the node's own network: for Velero it is what AWS is.
import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "../scenarios/api.ts";
import { images } from "./images.ts";
import { nodeBridge } from "./layout.ts";
import { namespaceOf } from "./manifests.ts";

export interface ForeignStore {
  readonly url: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  stop(): Promise<void>;
}

export const foreignStore = {
  bucket: "our-backups",
  region: "eu-central-1",
  accessKeyId: "AKIAOURBACKUPS",
  secretAccessKey: "our-secret-access-key",
} as const;

const namespace = "elsewhere";
const port = 9100;
const pods = `/api/v1/namespaces/${namespace}/pods`;

/** Starts it, and resolves when it answers. */
export async function startForeignStore(api: Api): Promise<ForeignStore> {
  const url = `http://${nodeBridge.address}:${port}`;
  const { bucket, region, accessKeyId, secretAccessKey } = foreignStore;
  if ((await api.request("GET", `/api/v1/namespaces/${namespace}`)).status === 404)
    await api.post("/api/v1/namespaces", namespaceOf(namespace));
  await until(`namespace ${namespace} is set up`, async () => {
    const account = await api.request("GET", `/api/v1/namespaces/${namespace}/serviceaccounts/default`);
    return account.status === 200;
  });
  const variables = {
    MINIO_ROOT_USER: accessKeyId,
    MINIO_ROOT_PASSWORD: secretAccessKey,
    MINIO_SITE_REGION: region,
    MINIO_BROWSER: "off",
  };
  await api.post(pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "store" },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "store",
          image: images.minio,
          imagePullPolicy: "IfNotPresent",
          command: ["/bin/sh", "-c"],
          args: [`mkdir -p /data/${bucket} && exec minio server /data --address ${nodeBridge.address}:${port}`],
          env: Object.entries(variables).map(([name, value]) => ({ name, value })),
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", emptyDir: {} }],
    },
  });
  const isLive = () =>
    fetch(`${url}/minio/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until("the foreign store answers", isLive);
  return {
    url,
    ...foreignStore,
    async stop() {
      await api.delete(`${pods}/store?gracePeriodSeconds=0`);
      await until("the foreign store is gone", async () => !(await isLive()));
    },
  };
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`Waited 60 s, and it is not so: ${what}.`);
    await sleep(100);
  }
}
