// Whether a location's store would answer Velero, and what Velero says when it would not.
import { secrets, services } from "../api/objects.ts";
import type { BackupStorageLocation } from "./kinds.ts";
import type { ForeignStore, World } from "./world.ts";

/** In the order in which the plugin names them. */
const configKeys = [
  ...["region", "s3Url", "publicUrl", "kmsKeyId", "customerKeyEncryptionFile", "customerKeyEncryptionSecret"],
  ...["s3ForcePathStyle", "signatureVersion", "credentialsFile", "profile", "serverSideEncryption"],
  ...["insecureSkipTLSVerify", "enableSharedConfig", "tagging", "checksumAlgorithm", "bucket", "prefix", "caCert"],
];
const rpc = "rpc error: code = Unknown desc = ";

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string | undefined;
}

/** The keys of the location's profile; undefined when there are none. */
export function credentialsOf({ store, namespace }: World, { spec }: BackupStorageLocation): Keys | undefined {
  const { name, key } = spec.credential ?? { name: "cloud-credentials", key: "cloud" };
  const text = Buffer.from(store.get(secrets, namespace, name)?.data?.[key] ?? "", "base64").toString();
  const profile = spec.config?.["profile"] ?? "default";
  const [, section = ""] =
    text
      .split(/^\[/m)
      .find((part) => part.startsWith(`${profile}]`))
      ?.split("]") ?? [];
  const value = (field: string) => new RegExp(`^\\s*${field}\\s*=\\s*(.+?)\\s*$`, "m").exec(section)?.[1];
  const [accessKeyId, secretAccessKey] = [value("aws_access_key_id"), value("aws_secret_access_key")];
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, token: value("aws_session_token") };
}

/** Velero's sentence about a request that fails; undefined when the store would answer it. */
export function storeFailure(world: World, location: BackupStorageLocation, operation: string): string | undefined {
  return configFailure(world, location) ?? answerOf(world, location, `${rpc}operation error S3: ${operation}, `);
}

/** What stops the server before it asks the store anything. */
function configFailure({ store, namespace }: World, { spec }: BackupStorageLocation): string | undefined {
  const { config = {}, credential, provider } = spec;
  if (!/^(velero\.io\/)?aws$/.test(provider)) return `unable to locate ObjectStore plugin named velero.io/${provider}`;
  if (credential !== undefined) {
    const { name, key } = credential;
    const data = store.get(secrets, namespace, name)?.data;
    if (data === undefined) return missingCredentials(`Secret "${name}" not found`);
    if (data[key] === undefined) return missingCredentials(`"${name}" secret is missing data for key "${key}"`);
  }
  const { s3Url = "" } = config;
  if (s3Url !== "" && !/^https?:\/\//.test(s3Url))
    return `${rpc}Invalid s3 url ${s3Url}, URL must be valid according to https://golang.org/pkg/net/url/#Parse and start with http:// or https://`;
  const invalid = Object.keys(config).filter((key) => !configKeys.includes(key));
  if (invalid.length === 0) return undefined;
  return `${rpc}config has invalid keys [${invalid.join(" ")}]; valid keys are [${configKeys.join(" ")}]`;
}

const missingCredentials = (why: string) => `unable to get credentials: unable to get key for secret: ${why}`;

function answerOf(world: World, location: BackupStorageLocation, failed: string): string | undefined {
  const { bucket } = location.spec.objectStorage;
  const { s3Url = "", region = "", profile } = location.spec.config ?? {};
  if (region === "")
    return `${failed}failed to resolve service endpoint, endpoint rule error, A region must be set when sending requests to S3.`;
  const url = new URL(s3Url === "" ? `https://s3.${region}.amazonaws.com` : s3Url);
  const unanswered = (why: string, tries = "exceeded maximum number of attempts, 3, ") =>
    `${failed}${tries}https response error StatusCode: 0, RequestID: , HostID: , request send failed, ` +
    `Get "${url.origin}/${bucket}?delimiter=%2F&list-type=2&prefix=": ${why}`;
  const given = credentialsOf(world, location);
  if (given === undefined && profile !== undefined) return `${rpc}failed to get shared config profile, ${profile}`;
  if (given === undefined)
    return `${rpc}failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled, context deadline exceeded`;
  const store = storeAt(world, url);
  if (typeof store === "string") return unanswered(store, store.endsWith("no such host") ? "" : undefined);
  const refused = (code: number, name: string, message: string) =>
    `${failed}https response error StatusCode: ${code}, RequestID: 18B5A9E0C6F0D1A2, HostID: dd9025bab4ad464b049177c95eb6ebf374d3b3fd1af9251148b658df7ac2e3e8, ${name}: ${message}`;
  if ("status" in store) return refused(store.status, `api error ${store.code}`, store.message);
  if (store.region !== undefined && store.region !== region)
    return refused(
      400,
      "api error AuthorizationHeaderMalformed",
      `The authorization header is malformed; the region is wrong; expecting '${store.region}'.`,
    );
  const { accessKeyId, secretAccessKey } = store.credentials;
  if (given.accessKeyId !== accessKeyId) {
    return refused(
      403,
      "api error InvalidAccessKeyId",
      "The Access Key Id you provided does not exist in our records.",
    );
  }
  if (given.token !== undefined)
    return refused(403, "api error InvalidTokenId", "The security token included in the request is invalid");
  if (given.secretAccessKey !== secretAccessKey) {
    return refused(
      403,
      "api error SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    );
  }
  return store.hasBucket(bucket) ? undefined : refused(404, "NoSuchBucket", "The specified bucket does not exist");
}

/** The store behind an address, or why nobody answers there. */
function storeAt(world: World, url: URL): ForeignStore | string {
  const foreign = world.foreignStores.get(url.origin);
  if (foreign !== undefined) return foreign;
  const [, name = ""] = /^(minio|minio-tls)\.mke\.svc(?:\.cluster\.local)?$/.exec(url.hostname) ?? [];
  const isAddress = /^[\d.]+$/.test(url.hostname);
  const address = isAddress ? url.hostname : world.store.get(services, "mke", name)?.spec.clusterIP;
  if (address === undefined) return `dial tcp: lookup ${url.hostname} on 10.96.0.10:53: no such host`;
  // The API server is the one thing at such an address that listens.
  if (isAddress && url.protocol === "https:")
    return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
  const runs = !isAddress && world.objectStore.running && url.port === "9000";
  return runs ? world.objectStore : `dial tcp ${address}:${url.port || "80"}: connect: connection refused`;
}
