// A second location of the cluster's MinIO, in a bucket of its own: what is tried there disturbs nobody who uses the first.
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Api } from "../scenarios/api.ts";
import { minioCredentials, systemNamespace } from "./manifests.ts";

const kinds = `/apis/velero.io/v1/namespaces/${systemNamespace}`;
const limitMs = 120_000;

export interface SecondLocation {
  readonly name: string;
  readonly bucket: string;
  /** MinIO's pod, which this machine reaches because the node runs on it: http://HOST:PORT. */
  readonly store: string;
  /** A client with MinIO's own keys. */
  readonly client: S3Client;
  /** Takes a backup of a namespace with its volumes, and resolves when it has ended. */
  backUp(name: string, namespace: string): Promise<void>;
  /** Makes links name an address that needs no tunnel (publicUrl), or takes that back. */
  publish(reachable: boolean): Promise<void>;
  /** Removes the location, its backups and its bucket. */
  remove(): Promise<void>;
}

/** Makes it, and resolves when Velero has found it available. */
export async function makeSecondLocation(api: Api, name: string): Promise<SecondLocation> {
  const store = await reachableStore(api);
  const client = new S3Client({
    endpoint: store,
    region: "minio",
    forcePathStyle: true,
    credentials: { accessKeyId: minioCredentials.user, secretAccessKey: minioCredentials.password },
  });
  const path = `${kinds}/backupstoragelocations/${name}`;
  await client.send(new CreateBucketCommand({ Bucket: name }));
  await api.post(`${kinds}/backupstoragelocations`, {
    apiVersion: "velero.io/v1",
    kind: "BackupStorageLocation",
    metadata: { name, namespace: systemNamespace },
    spec: {
      provider: "aws",
      objectStorage: { bucket: name },
      config: { region: "minio", s3ForcePathStyle: "true", s3Url: `http://minio.${systemNamespace}.svc:9000` },
    },
  });
  const location: SecondLocation = {
    name,
    bucket: name,
    store,
    client,
    async backUp(backup, namespace) {
      await api.post(`${kinds}/backups`, {
        apiVersion: "velero.io/v1",
        kind: "Backup",
        metadata: { name: backup, namespace: systemNamespace },
        spec: { includedNamespaces: [namespace], defaultVolumesToFsBackup: true, storageLocation: name },
      });
      await until(`backup ${backup} to end`, async () => {
        const phase = await phaseOf(api, `${kinds}/backups/${backup}`);
        return ["Completed", "PartiallyFailed", "Failed", "FailedValidation"].includes(phase);
      });
    },
    publish: async (reachable) => {
      await api.patch(path, { spec: { config: { publicUrl: reachable ? store : null } } });
    },
    async remove() {
      // Without its location the server can delete nothing more: the objects go first, and the bucket is emptied by hand.
      await api.delete(path);
      const { items } = (await api.get(`${kinds}/backups?labelSelector=velero.io/storage-location=${name}`)) as {
        items: { metadata: { name: string } }[];
      };
      for (const { metadata } of items) await api.delete(`${kinds}/backups/${metadata.name}`);
      await api.request("DELETE", `${kinds}/backuprepositories?labelSelector=velero.io/storage-location=${name}`);
      await empty(client, name);
      await client.send(new DeleteBucketCommand({ Bucket: name }));
      client.destroy();
    },
  };
  try {
    await until(`location ${name} to be available`, async () => (await phaseOf(api, path)) === "Available");
    return location;
  } catch (error) {
    await location.remove();
    throw error;
  }
}

/** A pod of MinIO, by name and address. */
export async function minioPod(api: Api): Promise<{ name: string; address: string }> {
  const query = `labelSelector=${encodeURIComponent("app.kubernetes.io/name=minio")}`;
  const found = (await api.get(`/api/v1/namespaces/${systemNamespace}/pods?${query}`)) as {
    items: { metadata: { name: string }; status: { podIP?: string } }[];
  };
  const pod = found.items.find(({ status }) => status.podIP !== undefined);
  if (pod === undefined) throw new Error("MinIO has no pod.");
  return { name: pod.metadata.name, address: pod.status.podIP ?? "" };
}

const reachableStore = async (api: Api): Promise<string> => `http://${(await minioPod(api)).address}:9000`;

async function empty(client: S3Client, bucket: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    const Objects = Contents.map(({ Key }) => ({ Key }));
    if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  }
}

async function phaseOf(api: Api, path: string): Promise<string> {
  const { status } = (await api.get(path)) as { status?: { phase?: string } };
  return status?.phase ?? "";
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs / 1000} s for ${what}.`);
    await sleep(100);
  }
}
