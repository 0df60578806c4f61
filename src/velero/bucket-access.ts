import { Failure, hasReason } from "../core/failure.ts";
import { deployments, type Secret, secrets } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { BucketKeys, BucketSettings } from "../object-store/object-store.ts";
import { isVeleroServer } from "./server.ts";
import type { BackupStorageLocation } from "./types.ts";

/** The names `velero install` and the charts mount their credentials under. */
const credentialsVolume = "cloud-credentials";

export function bucketSettings({ spec, metadata }: BackupStorageLocation): BucketSettings {
  const { config = {}, objectStorage = {}, provider = "" } = spec ?? {};
  if (!["aws", "velero.io/aws"].includes(provider)) {
    throw new Failure(
      "failed",
      `location ${metadata.name} is of provider ${provider}; only S3 can be read without the Velero server`,
    );
  }
  return {
    bucket: objectStorage.bucket ?? "",
    region: config["region"] || "us-east-1",
    endpoint: config["s3Url"],
    forcePathStyle: config["s3ForcePathStyle"] === "true",
    insecureSkipTlsVerify: config["insecureSkipTLSVerify"] === "true",
    ca: objectStorage.caCert === undefined ? undefined : Buffer.from(objectStorage.caCert, "base64").toString("utf8"),
  };
}

/** backups/N/N-results.gz below the location's prefix. */
export function objectKey({ spec }: BackupStorageLocation, path: string): string {
  const prefix = (spec?.objectStorage?.prefix ?? "").replace(/^\/+|\/+$/g, "");
  return prefix === "" ? path : `${prefix}/${path}`;
}

/** The location's keys: the Secret it names, else the one that the server's pod mounts. */
export async function bucketKeys(
  cluster: Cluster,
  location: BackupStorageLocation,
  signal: AbortSignal,
): Promise<BucketKeys> {
  const namespace = location.metadata.namespace ?? "";
  const named = location.spec?.credential ?? { name: await mountedSecret(cluster, namespace, signal), key: "cloud" };
  const secret: Secret = await cluster.get(secrets, { namespace, name: named.name }, signal);
  const encoded = secret.data?.[named.key];
  if (encoded === undefined)
    throw new Failure("failed", `Secret ${named.name} in namespace ${namespace} has no key ${named.key}`);
  const profile = location.spec?.config?.["profile"] || "default";
  return parseCredentials(Buffer.from(encoded, "base64").toString("utf8"), profile, named.name);
}

async function mountedSecret(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<string> {
  const found = await cluster.list(deployments, { namespace, signal }).catch((error: unknown) => {
    if (hasReason(error, "Forbidden")) return [];
    throw error;
  });
  const volumes = found.find(isVeleroServer)?.spec?.template?.spec?.volumes ?? [];
  return volumes.find(({ name }) => name === credentialsVolume)?.secret?.secretName ?? credentialsVolume;
}

/** Reads one profile of an AWS credentials file. */
export function parseCredentials(text: string, profile: string, secretName: string): BucketKeys {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[(?:profile )?([^\]]+)\]/.exec(line)?.[1]?.trim() ?? section;
    const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === profile && key !== undefined && value !== undefined) values.set(key, value);
  }
  const [accessKeyId, secretAccessKey] = [values.get("aws_access_key_id"), values.get("aws_secret_access_key")];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Failure("failed", `Secret ${secretName} holds no keys for profile ${profile}`);
  }
  const sessionToken = values.get("aws_session_token");
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
