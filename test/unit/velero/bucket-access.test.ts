import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import type { KubeObject, ResourceKind } from "../../../src/core/resource.ts";
import {
  authorityOf,
  bucketKeys,
  bucketSettings,
  endpointsOf,
  objectKey,
  parseCredentials,
  untrusted,
} from "../../../src/velero/bucket-access.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";
import { type FakeClusterOptions, fakeCluster } from "../fake-cluster.ts";

const location = (spec: BackupStorageLocation["spec"]): BackupStorageLocation => ({
  metadata: { name: "default", namespace: "mke" },
  spec: { provider: "aws", ...spec },
});
const base64 = (text: string) => Buffer.from(text).toString("base64");
const signal = new AbortController().signal;

const trust = { ca: undefined, insecureSkipTlsVerify: false };

test("the settings of MKE's own MinIO", () => {
  const config = { region: "minio", s3ForcePathStyle: "true", s3Url: "http://minio.mke.svc:9000" };
  assert.deepEqual(bucketSettings(location({ config, objectStorage: { bucket: "velero" } }), trust), {
    bucket: "velero",
    region: "minio",
    endpoint: "http://minio.mke.svc:9000",
    forcePathStyle: true,
    insecureSkipTlsVerify: false,
    ca: undefined,
  });
});

test("the settings of AWS: that the server checks no certificate is not the user's choice", () => {
  const config = { insecureSkipTLSVerify: "true" };
  const own = location({ provider: "velero.io/aws", config, objectStorage: { bucket: "b" } });
  assert.deepEqual(bucketSettings(own, { ...trust, ca: "PEM" }), {
    bucket: "b",
    region: "us-east-1",
    endpoint: undefined,
    forcePathStyle: false,
    insecureSkipTlsVerify: false,
    ca: "PEM",
  });
});

test("objects are encrypted as the server would have them encrypted", () => {
  const encryptionOf = (config: Record<string, string>) => bucketSettings(location({ config }), trust).encryption;
  assert.equal(encryptionOf({}), undefined);
  assert.deepEqual(encryptionOf({ serverSideEncryption: "AES256" }), { algorithm: "AES256" });
  assert.deepEqual(encryptionOf({ kmsKeyId: "k", serverSideEncryption: "AES256" }), {
    algorithm: "aws:kms",
    keyId: "k",
  });
  assert.equal(encryptionOf({ serverSideEncryption: "AES256", customerKeyEncryptionFile: "/key" }), undefined);
});

test("another provider's bucket cannot be read this way", () => {
  assert.throws(() => bucketSettings(location({ provider: "azure" }), trust), {
    kind: "failed",
    message: /location default is of provider azure; only S3/,
  });
});

test("the location's CA is in it, or in a Secret, or there is none", async () => {
  const secret = {
    kind: "Secret",
    metadata: { name: "store-ca", namespace: "mke" },
    data: { "ca.crt": base64("REF") },
  };
  const cluster = fakeCluster({ objects: [secret] });
  const of = (objectStorage: NonNullable<BackupStorageLocation["spec"]>["objectStorage"]) =>
    authorityOf(cluster, location(objectStorage === undefined ? {} : { objectStorage }), signal);
  assert.equal(await of(undefined), undefined);
  assert.equal(await of({ caCert: "" }), undefined);
  assert.equal(await of({ caCert: base64("PEM") }), "PEM");
  assert.equal(await of({ caCertRef: { name: "store-ca", key: "ca.crt" } }), "REF");
  await assert.rejects(of({ caCertRef: { name: "store-ca", key: "tls.crt" } }), {
    message: "Secret store-ca in namespace mke has no key tls.crt",
  });
  await assert.rejects(of({ caCertRef: { name: "other", key: "ca.crt" } }), { reason: "NotFound" });
});

test("links lead to the public URL, keys to the server's own", () => {
  const endpoints = (config: Record<string, string>) => {
    const { links, keys } = endpointsOf(location({ config }));
    return [links?.href, keys?.href];
  };
  assert.deepEqual(endpoints({ s3Url: "http://minio.mke.svc:9000", publicUrl: "https://s3.example.com" }), [
    "https://s3.example.com/",
    "http://minio.mke.svc:9000/",
  ]);
  assert.deepEqual(endpoints({ s3Url: "http://minio.mke.svc:9000" }), [
    "http://minio.mke.svc:9000/",
    "http://minio.mke.svc:9000/",
  ]);
  assert.deepEqual(endpoints({}), [undefined, undefined]);
});

test("an untrusted store names the flag, and says that the server's own choice does not count", () => {
  const failure = new Failure("failed", "cannot reach the object store s3:443: tls", { reason: "Untrusted" });
  const next = (config: Record<string, string>, unread?: Failure) =>
    untrusted(failure, location({ config }), unread).next;
  assert.deepEqual(next({}), [
    "put its CA into the location: kubectl -n mke edit backupstoragelocation default (objectStorage.caCert)",
    "or believe any certificate: --insecure-skip-tls-verify (of the API server too)",
  ]);
  assert.match(next({ insecureSkipTLSVerify: "true" })[0] ?? "", /^location default lets the server skip this check/);
  assert.equal(
    next({}, new Failure("failed", "secrets is forbidden"))[0],
    "the CA of location default could not be read: secrets is forbidden",
  );
});

for (const [prefix, key] of [
  [undefined, "backups/b1"],
  ["/", "backups/b1"],
  ["/prod/eu/", "prod/eu/backups/b1"],
] as const) {
  test(`below prefix ${prefix} the key is ${key}`, () => {
    const own = location({ objectStorage: prefix === undefined ? {} : { prefix } });
    assert.equal(objectKey(own, "backups/b1"), key);
  });
}

const file = `[default]
aws_access_key_id=AKIA1
aws_secret_access_key = se/cret=1
[profile other]
  aws_access_key_id: ignored
  aws_access_key_id = AKIA2\r
  aws_secret_access_key=second
  aws_session_token=token
`;
test("one profile of a credentials file is read", () => {
  assert.deepEqual(parseCredentials(file, "default", "s"), {
    accessKeyId: "AKIA1",
    secretAccessKey: "se/cret=1",
  });
  assert.deepEqual(parseCredentials(file, "other", "s"), {
    accessKeyId: "AKIA2",
    secretAccessKey: "second",
    sessionToken: "token",
  });
});

test("a credentials file without the profile's keys is named, never shown", () => {
  assert.throws(() => parseCredentials(file, "third", "cloud-credentials"), {
    message: "Secret cloud-credentials holds no keys for profile third",
  });
});

const secret = (name: string, key = "cloud", text = file) => ({
  kind: "Secret",
  metadata: { name, namespace: "mke" },
  data: { [key]: base64(text) },
});
const server = {
  kind: "Deployment",
  metadata: { name: "velero", namespace: "mke" },
  spec: {
    template: {
      spec: {
        containers: [{ name: "velero" }],
        volumes: [{ name: "cloud-credentials", secret: { secretName: "mounted" } }],
      },
    },
  },
};
const found: [what: string, options: FakeClusterOptions, spec: BackupStorageLocation["spec"], id: string][] = [
  ["that the location names", { objects: [secret("own", "s3")] }, { credential: { name: "own", key: "s3" } }, "AKIA1"],
  ["that the server's pod mounts", { objects: [server, secret("mounted")] }, {}, "AKIA1"],
  [
    "called as velero install calls it, without a server to see",
    { objects: [secret("cloud-credentials")] },
    {},
    "AKIA1",
  ],
  [
    "called as velero install calls it, where Deployments may not be listed",
    {
      objects: [server, secret("cloud-credentials")],
      refuse: ({ verb }) => (verb === "list" ? "Forbidden" : undefined),
    },
    {},
    "AKIA1",
  ],
  [
    "with the location's profile",
    { objects: [secret("cloud-credentials")] },
    { config: { profile: "other" } },
    "AKIA2",
  ],
];
for (const [what, options, spec, id] of found) {
  test(`the keys come from the Secret ${what}`, async () => {
    assert.equal((await bucketKeys(fakeCluster(options), location(spec), signal)).accessKeyId, id);
  });
}

test("a Secret without the key that is expected is said", async () => {
  const objects = [secret("cloud-credentials", "other-key")];
  await assert.rejects(bucketKeys(fakeCluster({ objects }), location({}), signal), {
    message: "Secret cloud-credentials in namespace mke has no key cloud",
  });
});

test("a Secret that may not be read is the server's refusal", async () => {
  const refuse: FakeClusterOptions["refuse"] = ({ verb }) => (verb === "get" ? "Forbidden" : undefined);
  await assert.rejects(bucketKeys(fakeCluster({ refuse }), location({}), signal), { reason: "Forbidden" });
});

test("the usual Secret is read beside finding out whether it is the one, and once", async () => {
  const cluster = fakeCluster({ objects: [secret("cloud-credentials")] });
  const asked: string[] = [];
  const { signal } = new AbortController();
  const answered = Promise.withResolvers<void>();
  const slow = {
    ...cluster,
    list: async <T extends KubeObject>(kind: ResourceKind<T>) => {
      asked.push(kind.plural);
      await answered.promise;
      return cluster.list(kind);
    },
    get: async <T extends KubeObject>(
      kind: ResourceKind<T>,
      reference: { namespace?: string | undefined; name: string },
    ) => {
      asked.push(`${kind.plural}/${reference.name}`);
      return cluster.get(kind, reference);
    },
  };
  const keys = bucketKeys(slow, location({}), signal);
  await new Promise(setImmediate);
  assert.deepEqual(asked.toSorted(), ["deployments", "secrets/cloud-credentials"]);
  answered.resolve();
  assert.equal((await keys).accessKeyId, "AKIA1");
  assert.equal(asked.length, 2);
});
