import { CreateBucketCommand, DeleteBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { minioCredentials } from "../../cluster/manifests.ts";
import { createCertificates } from "../../sandbox/certificates.ts";
import { veleroPath } from "../cluster-state.ts";
import { uniqueName, type World } from "../world.ts";
import { add, emptyBucket, made, type Situation, storeClient, type Undo, type Undoing } from "./situation.ts";

const secrets = "/api/v1/namespaces/mke/secrets";

interface Wanted {
  readonly bucket?: string;
  readonly prefix?: string;
  readonly caCert?: string;
  readonly config?: Readonly<Record<string, string>>;
  /** What the Secret of its own says. */
  readonly credentials?: string;
  readonly credential?: { readonly name: string; readonly key: string };
  readonly spec?: object;
}

export const credentialsText = ({
  id = minioCredentials.user,
  secret = minioCredentials.password,
  profile = "default",
  token = "",
} = {}): string =>
  `[${profile}]\naws_access_key_id=${id}\naws_secret_access_key=${secret}\n${token === "" ? "" : `aws_session_token=${token}\n`}`;

/** A second location in the bucket of the first one, with whatever is to be wrong about it; returns its name. */
export async function addLocation(world: World, undoing: Undoing, wanted: Wanted): Promise<string> {
  const name = uniqueName("broken");
  if (wanted.credentials !== undefined) {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData: { cloud: wanted.credentials } };
    await add(world, undoing, secrets, secret);
  }
  const credential = wanted.credential ?? (wanted.credentials === undefined ? undefined : { name, key: "cloud" });
  const { caCert, prefix, bucket = "velero" } = wanted;
  await add(world, undoing, veleroPath("backupstoragelocations"), {
    apiVersion: "velero.io/v1",
    kind: "BackupStorageLocation",
    metadata: { name },
    spec: {
      provider: "aws",
      validationFrequency: "2s",
      objectStorage: {
        bucket,
        ...(prefix === undefined ? {} : { prefix }),
        ...(caCert === undefined ? {} : { caCert: Buffer.from(caCert).toString("base64") }),
      },
      config: { region: "minio", s3ForcePathStyle: "true", s3Url: "http://minio.mke.svc:9000", ...wanted.config },
      ...(credential === undefined ? {} : { credential }),
      ...wanted.spec,
    },
  });
  return name;
}

/** A bucket of the cluster's MinIO that goes with all it holds. */
export async function addBucket(world: World, undoing: Undoing): Promise<string> {
  const bucket = uniqueName("bucket");
  const client = storeClient(world);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  undoing.add(async () => {
    // A new MinIO has none of the buckets of the one before.
    await emptyBucket(client, bucket).catch(() => undefined);
    await client.send(new DeleteBucketCommand({ Bucket: bucket })).catch(() => undefined);
    client.destroy();
  });
  return bucket;
}

const location =
  (wanted: Wanted) =>
  (world: World): Promise<Undo> =>
    made(async (undoing) => {
      await addLocation(world, undoing, wanted);
    });

/** The API server's own port: TLS, by a CA that nobody but the cluster knows. */
const privateTls = (world: World): string => new URL(world.api.server).origin;

export const locationSituations: readonly Situation[] = [
  {
    name: "wrong access key",
    expect: ["storage.credentials.invalid"],
    make: location({ credentials: credentialsText({ id: "nobody" }) }),
  },
  {
    name: "wrong secret key",
    expect: ["storage.credentials.invalid"],
    make: location({ credentials: credentialsText({ secret: "not-the-password" }) }),
  },
  {
    name: "a session token that MinIO no longer knows",
    expect: ["storage.credentials.expired"],
    make: location({ credentials: credentialsText({ token: "long-forgotten" }) }),
  },
  {
    name: "the Secret of a location is missing",
    expect: ["storage.credentials.missing"],
    make: location({ credential: { name: "no-such-secret", key: "cloud" } }),
  },
  {
    name: "the Secret of a location lacks the key",
    expect: ["storage.credentials.missing"],
    make: location({ credential: { name: "cloud-credentials", key: "no-such-key" } }),
  },
  {
    name: "the profile is not in the credentials",
    expect: ["storage.credentials.missing"],
    make: location({ config: { profile: "nowhere" } }),
  },
  {
    name: "missing bucket",
    expect: ["storage.bucket.missing"],
    make: location({ bucket: "no-such-bucket" }),
  },
  {
    name: "stray directory in the bucket",
    expect: ["storage.bucket.stray-directory"],
    make: (world) =>
      made(async (undoing) => {
        const bucket = await addBucket(world, undoing);
        const client = storeClient(world);
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: "holiday/beach.jpg", Body: "sand" }));
        client.destroy();
        await addLocation(world, undoing, { bucket });
      }),
  },
  {
    name: "a key of config that the plugin does not know",
    expect: ["location.config.invalid"],
    make: location({ config: { bogus: "x" } }),
  },
  {
    name: "an address that is no URL",
    expect: ["location.config.invalid"],
    make: location({ config: { s3Url: "minio.mke.svc:9000" } }),
  },
  {
    name: "a provider without a plugin",
    expect: ["location.config.invalid"],
    make: location({ spec: { provider: "gcp" } }),
  },
  {
    name: "no region",
    expect: ["location.config.invalid"],
    make: location({ config: { region: "" } }),
  },
  {
    name: "a certificate of another CA",
    expect: ["storage.tls.untrusted"],
    make: (world) =>
      location({ config: { s3Url: privateTls(world) }, caCert: createCertificates(["elsewhere"]).authority })(world),
  },
  {
    name: "a host that DNS does not know",
    expect: ["storage.unreachable"],
    make: location({ config: { s3Url: "http://no-such-host.mke.svc:9000" } }),
  },
  {
    name: "a port where nobody listens",
    expect: ["storage.unreachable"],
    make: (world) => location({ config: { s3Url: `http://${new URL(world.api.server).hostname}:1` } })(world),
  },
];
