import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import { deployments, type Secret, secrets } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { BucketKeys, BucketSettings, Trust } from "../object-store/object-store.ts";
import { keysOf, profilesIn } from "./credentials-file.ts";
import { isOn } from "./location-settings.ts";
import { isVeleroServer } from "./server.ts";
import { folderOf } from "./storage-location.ts";
import type { BackupStorageLocation } from "./types.ts";

/** The names `velero install` and the charts mount their credentials under. */
const credentialsVolume = "cloud-credentials";

/** Throws for a location that is not S3's. */
export function bucketSettings(
  { spec, metadata }: Pick<BackupStorageLocation, "metadata" | "spec">,
  trust: Pick<Trust, "ca" | "insecureSkipTlsVerify">,
): BucketSettings {
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
    endpoint: config["s3Url"] || undefined,
    forcePathStyle: isOn(config["s3ForcePathStyle"]),
    ...encryptionOf(config),
    ...trust,
  };
}

/** As Velero's plugin writes; but for keys of a customer's own (SSE-C), which are files of the server. */
function encryptionOf(config: Readonly<Record<string, string>>): Pick<BucketSettings, "encryption"> {
  const {
    kmsKeyId = "",
    serverSideEncryption = "",
    customerKeyEncryptionFile = "",
    customerKeyEncryptionSecret = "",
  } = config;
  if (kmsKeyId !== "") return { encryption: { algorithm: "aws:kms", keyId: kmsKeyId } };
  if (serverSideEncryption === "" || customerKeyEncryptionFile !== "" || customerKeyEncryptionSecret !== "") return {};
  return { encryption: { algorithm: serverSideEncryption } };
}

/** Where links to the location's files lead, and where its bucket is for whoever has the keys; undefined with AWS's own hosts. */
export function endpointsOf({ spec }: BackupStorageLocation): { links: URL | undefined; keys: URL | undefined } {
  const { s3Url = "", publicUrl = "" } = spec?.config ?? {};
  return { links: URL.parse(publicUrl || s3Url) ?? undefined, keys: URL.parse(s3Url) ?? undefined };
}

/** The CA that the location names for its store, PEM; undefined when it names none. Throws when it may not be read. */
export async function authorityOf(
  cluster: Cluster,
  { spec, metadata }: Pick<BackupStorageLocation, "metadata" | "spec">,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { caCert, caCertRef } = spec?.objectStorage ?? {};
  if (caCertRef === undefined) return caCert ? fromBase64(caCert) : undefined;
  const { namespace = "" } = metadata;
  const secret: Secret = await cluster.get(secrets, { namespace, name: caCertRef.name }, signal);
  const encoded = secret.data?.[caCertRef.key];
  if (encoded !== undefined) return fromBase64(encoded);
  throw new Failure("failed", `Secret ${caCertRef.name} in namespace ${namespace} has no key ${caCertRef.key}`);
}

const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");

/** What to do about a store whose certificate is not trusted. */
export function untrusted(failure: Failure, location: BackupStorageLocation, unread: unknown): Failure {
  const { name, namespace } = location.metadata;
  const skips = location.spec?.config?.["insecureSkipTLSVerify"] === "true";
  const lines = [
    ...(unread === undefined ? [] : [`the CA of location ${name} could not be read: ${sentenceOf(unread)}`]),
    ...(skips
      ? [`location ${name} lets the server skip this check (insecureSkipTLSVerify), which is not this user's choice`]
      : [
          `put its CA into the location: kubectl -n ${namespace} edit backupstoragelocation ${name} (objectStorage.caCert)`,
        ]),
    "or believe any certificate: --insecure-skip-tls-verify (of the API server too)",
  ];
  return new Failure("failed", failure.message, {
    reason: "Untrusted",
    next: [...failure.next, ...lines],
    cause: failure,
  });
}

/** backups/N/N-results.gz below the location's prefix. */
export function objectKey(location: Pick<BackupStorageLocation, "spec">, path: string): string {
  const folder = folderOf(location);
  return folder === "" ? path : `${folder}/${path}`;
}

/** Where a location's keys are kept, and the keys. */
export interface HeldKeys {
  readonly secret: string;
  readonly key: string;
  readonly profile: string;
  readonly keys: BucketKeys;
}

/** The location's keys: the Secret it names, else the one that the server's pod mounts. */
export async function bucketKeys(
  cluster: Cluster,
  location: BackupStorageLocation,
  signal: AbortSignal,
): Promise<BucketKeys> {
  return (await heldKeys(cluster, location, signal)).keys;
}

export async function heldKeys(
  cluster: Cluster,
  location: Pick<BackupStorageLocation, "metadata" | "spec">,
  signal: AbortSignal,
): Promise<HeldKeys> {
  const namespace = location.metadata.namespace ?? "";
  const read = (name: string): Promise<Secret> => cluster.get(secrets, { namespace, name }, signal);
  const own = location.spec?.credential;
  // The usual one is read beside finding out whether it is the one: a round trip less.
  const usual = own === undefined ? read(credentialsVolume) : undefined;
  usual?.catch(() => undefined);
  const named = own ?? { name: await mountedSecret(cluster, namespace, signal), key: "cloud" };
  const secret = await (usual !== undefined && named.name === credentialsVolume ? usual : read(named.name));
  const encoded = secret.data?.[named.key];
  if (encoded === undefined)
    throw new Failure("failed", `Secret ${named.name} in namespace ${namespace} has no key ${named.key}`);
  const profile = location.spec?.config?.["profile"] || "default";
  const keys = parseCredentials(fromBase64(encoded), profile, named.name);
  return { secret: named.name, key: named.key, profile, keys };
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
  const found = profilesIn(text).get(profile);
  const keys = found === undefined ? "" : keysOf(found);
  if (typeof keys !== "string") return keys;
  throw new Failure("failed", `Secret ${secretName} holds no keys for profile ${profile}`);
}
