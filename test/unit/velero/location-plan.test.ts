import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure } from "../../../src/core/failure.ts";
import {
  isMadeHere,
  type LocationWishes,
  planLocation,
  planSecret,
  readAuthority,
  withAuthority,
} from "../../../src/velero/location-plan.ts";
import { storeOf } from "../../../src/velero/storage-location.ts";
import { createCertificates } from "../../sandbox/certificates.ts";

const plan = (wishes: LocationWishes, name = "extra") => planLocation(name, wishes, undefined);
const refused = (wishes: LocationWishes, name?: string): string => {
  try {
    plan(wishes, name);
  } catch (error) {
    const { kind, message, next } = error as Failure;
    assert.equal(kind, "usage");
    return [message, ...next].join("\n");
  }
  return "";
};

test("a bucket of AWS", () => {
  const location = plan({ bucket: "prod-backups", region: "eu-west-1" });
  assert.deepEqual(location.spec, {
    provider: "aws",
    accessMode: "ReadWrite",
    objectStorage: { bucket: "prod-backups" },
    config: { region: "eu-west-1" },
  });
  assert.ok(isMadeHere(location));
});

test("another store, with everything that can be said of it; every value is a text", () => {
  const wishes = {
    bucket: "b",
    prefix: "/clusters/prod/",
    endpoint: "https://nas.example:9000/",
    "public-url": "https://out.example",
    "path-style": true,
    checksum: "none",
    "access-mode": "ReadOnly",
    default: true,
    profile: "backup",
    sse: "AES256",
  };
  const { spec } = planLocation("extra", wishes, { name: "keys", key: "cloud" });
  assert.deepEqual(spec, {
    provider: "aws",
    default: true,
    accessMode: "ReadOnly",
    credential: { name: "keys", key: "cloud" },
    objectStorage: { bucket: "b", prefix: "clusters/prod" },
    config: {
      region: "us-east-1",
      s3Url: "https://nas.example:9000",
      publicUrl: "https://out.example",
      s3ForcePathStyle: "true",
      profile: "backup",
      checksumAlgorithm: "",
      serverSideEncryption: "AES256",
    },
  });
  assert.equal(plan({ bucket: "b", region: "r", "kms-key-id": "k", sse: "aws:kms" }).spec?.config?.["kmsKeyId"], "k");
});

test("what Velero would stumble over is refused, with what to say instead", () => {
  const good = { bucket: "b", region: "r" };
  assert.match(
    refused({ ...good, bucket: "s3://b/clusters/prod" }),
    /more than a name\n--bucket b --prefix clusters\/prod$/,
  );
  assert.match(refused({ ...good, bucket: "a b" }), /cannot be a bucket/);
  assert.match(refused({ region: "r" }), /^say which bucket/);
  assert.match(refused({ bucket: "b" }), /^say where the bucket is\n--region .*\n--endpoint /);
  for (const endpoint of ["nas:9000", "ftp://nas", "http://nas/path", "http://nas?x", "http://", "nas"])
    assert.match(refused({ bucket: "b", endpoint }), /^--endpoint ".*" is not the address of a store/, endpoint);
  assert.match(refused({ ...good, "public-url": "x" }), /^--public-url "x"/);
  assert.match(refused({ ...good, "kms-key-id": "k", sse: "AES256" }), /goes with --sse aws:kms/);
  for (const prefix of ["a//b", "../x", "a b", "a\nb"]) assert.match(refused({ ...good, prefix }), /no folder/, prefix);
  for (const name of ["", "Prod", "a_b", "-a", "x".repeat(250)])
    assert.match(refused(good, name), /cannot name a location/);
});

test("a password in an address is not repeated", () => {
  assert.doesNotMatch(refused({ bucket: "b", endpoint: "https://me:s3cret@nas:9000" }), /s3cret/);
});

test("a Secret holds the one profile under the key that the location names", () => {
  const secret = planSecret({ name: "extra-credentials", namespace: "mke" }, "p", {
    accessKeyId: "a",
    secretAccessKey: "b",
  });
  assert.ok(isMadeHere(secret));
  const text = Buffer.from(secret.data?.["cloud"] ?? "", "base64").toString();
  assert.equal(text, "[p]\naws_access_key_id=a\naws_secret_access_key=b\n");
});

test("a CA file gives its certificates alone", () => {
  const certificate = createCertificates().authority;
  const now = new Date();
  const { pem, warnings } = readAuthority(`subject=/CN=x\n${certificate}\nrubbish`, "ca.crt", now);
  assert.equal(pem.trim(), certificate.trim());
  assert.deepEqual(warnings, []);
  const late = readAuthority(certificate, "ca.crt", new Date("2999-01-01"));
  assert.match(late.warnings[0] ?? "", /^certificate 1 of ca\.crt expired on /);
  const caCert = withAuthority(plan({ bucket: "b", region: "r" }), pem).spec?.objectStorage?.caCert;
  assert.equal(Buffer.from(caCert ?? "", "base64").toString(), pem);
});

test("a file that is no CA is refused", () => {
  const read = (text: string) => () => readAuthority(text, "ca.crt", new Date());
  assert.throws(read("hello"), { message: "ca.crt holds no certificate in PEM (BEGIN CERTIFICATE)" });
  assert.throws(read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), {
    message: /certificate 1 of ca\.crt cannot be read/,
  });
  assert.throws(read("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"), {
    message: /holds a private key/,
  });
});

test("two locations are the same store by address, bucket and folder", () => {
  const base = { bucket: "b", prefix: "p", endpoint: "http://minio:9000" };
  const one = plan(base);
  assert.equal(
    storeOf(one),
    storeOf(plan({ ...base, prefix: "/p/", endpoint: "http://minio:9000/", region: "x" }, "other")),
  );
  for (const other of [
    { ...base, bucket: "c" },
    { ...base, prefix: "q" },
    { ...base, endpoint: "http://minio:9001" },
  ])
    assert.notEqual(storeOf(one), storeOf(plan(other)));
});
