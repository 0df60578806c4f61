import assert from "node:assert/strict";
import { test } from "node:test";
import {
  availableLocation,
  bucketPath,
  defaultLocation,
  unavailableReason,
  writableLocation,
} from "../../../src/velero/storage-location.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";

function location(
  name: string,
  spec: BackupStorageLocation["spec"] = {},
  status: BackupStorageLocation["status"] = { phase: "Available" },
): BackupStorageLocation {
  return { metadata: { name, namespace: "mke" }, spec, status };
}

const unavailable = (message?: string): BackupStorageLocation =>
  location("default", { default: true }, { phase: "Unavailable", ...(message === undefined ? {} : { message }) });

test("the default location is the one marked so, else the one called default", () => {
  const [plain, marked, called] = [location("a"), location("b", { default: true }), location("default")];
  assert.equal(defaultLocation([plain, called, marked]), marked);
  assert.equal(defaultLocation([plain, called]), called);
  assert.equal(defaultLocation([plain]), undefined);
});

test("a backup goes to the default location, or to the one that is named", () => {
  const [first, second] = [location("a", { default: true }), location("b")];
  assert.equal(writableLocation([first, second], undefined), first);
  assert.equal(writableLocation([first, second], "b"), second);
});

test("without a default location the flag is asked for, and what there is to choose", () => {
  assert.throws(() => writableLocation([location("a"), location("b")], undefined), {
    kind: "usage",
    message: /needs --storage-location/,
    next: ["locations: a, b"],
  });
  assert.throws(() => writableLocation([], undefined), { next: ["locations: none"] });
});

test("a named location that does not exist is no usage error: it may have been deleted", () => {
  assert.throws(() => writableLocation([location("a")], "b"), {
    kind: "failed",
    message: "location b does not exist",
    next: ["kubectl mkebackup list locations        (a)"],
  });
});

test("a read-only location takes no backups, but is good enough to restore from", () => {
  const readOnly = location("a", { accessMode: "ReadOnly" });
  assert.throws(() => writableLocation([readOnly], "a"), { kind: "failed", message: /location a is read-only/ });
  assert.equal(availableLocation([readOnly], "a"), readOnly);
});

test("an unavailable location serves neither, and the cause is said", () => {
  const broken = unavailable('BackupStorageLocation "default" is unavailable: dial tcp 10.0.0.1:9000: i/o timeout');
  const refusal = { kind: "failed", message: "location default is Unavailable: dial tcp 10.0.0.1:9000: i/o timeout" };
  assert.throws(() => writableLocation([broken], undefined), refusal);
  assert.throws(() => availableLocation([broken], "default"), refusal);
});

test("a location that the server has not looked at serves neither", () => {
  const fresh = location("a", {}, {});
  const refusal = { message: "location a is not checked: the Velero server has not checked it yet" };
  assert.throws(() => writableLocation([fresh], "a"), refusal);
  assert.throws(() => availableLocation([fresh], "a"), refusal);
});

test("a backup whose location is gone cannot be restored", () => {
  assert.throws(() => availableLocation([location("a")], "b"), {
    kind: "failed",
    message: "the backup lies in location b, which does not exist (any more)",
  });
});

const s3 = "rpc error: code = Unknown desc = operation error S3: ListObjectsV2,";
const dialled =
  'https response error StatusCode: 0, RequestID: , HostID: , request send failed, Get "http://minio.mke.svc:9000/velero?delimiter=%2F&list-type=2&prefix=":';
const messages: [what: string, message: string | undefined, cause: string][] = [
  [
    "MinIO has no pod",
    `${s3} exceeded maximum number of attempts, 3, ${dialled} dial tcp 10.96.14.11:9000: connect: connection refused`,
    "dial tcp 10.96.14.11:9000: connect: connection refused",
  ],
  [
    "the Service is gone",
    `${s3} ${dialled} dial tcp: lookup minio.mke.svc on 10.96.0.10:53: no such host`,
    "lookup minio.mke.svc: no such host",
  ],
  [
    "the keys are wrong",
    `${s3} https response error StatusCode: 403, RequestID: 17A5, HostID: dd90, api error InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.`,
    "InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.",
  ],
  [
    "somebody put a folder into the bucket",
    "Backup store contains invalid top-level directories: [photos]",
    "Backup store contains invalid top-level directories: [photos]",
  ],
  [
    "the plugin is missing",
    "unable to locate ObjectStore plugin named velero.io/aws",
    "unable to locate ObjectStore plugin named velero.io/aws",
  ],
  ["a plain answer of a plugin", "rpc error: code = Unknown desc = bucket is locked", "bucket is locked"],
  ["no message at all", undefined, "the server gave no reason"],
];
for (const [what, message, cause] of messages) {
  test(`the cause is found when ${what}`, () => {
    const full = message === undefined ? undefined : `BackupStorageLocation "default" is unavailable: ${message}`;
    assert.equal(unavailableReason(unavailable(full)), cause);
  });
}

const paths: [bucket: string | undefined, prefix: string | undefined, path: string][] = [
  ["velero", undefined, "velero"],
  ["velero", "", "velero"],
  ["velero", "/prod/", "velero/prod"],
  ["velero", "a/b", "velero/a/b"],
  [undefined, undefined, ""],
];
for (const [bucket, prefix, path] of paths) {
  test(`bucket ${bucket} with prefix ${prefix} is shown as "${path}"`, () => {
    const objectStorage = { ...(bucket === undefined ? {} : { bucket }), ...(prefix === undefined ? {} : { prefix }) };
    assert.equal(bucketPath(location("a", { objectStorage })), path);
  });
}

const chain = "rpc error: code = Unknown desc = operation error S3: ListObjectsV2, ";
for (const [message, cause] of [
  [`${chain}https response error StatusCode: 404, RequestID: 17, HostID: dd90, NoSuchBucket: `, "NoSuchBucket"],
  [
    `${chain}https response error StatusCode: 403, RequestID: 17, HostID: dd90, api error AccessDenied: Access Denied`,
    "AccessDenied: Access Denied",
  ],
  [
    `${chain}request send failed, Get "https://minio": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  ],
  [
    `${chain}https response error StatusCode: 0, RequestID: , HostID: , canceled, context deadline exceeded`,
    "context deadline exceeded",
  ],
] as const) {
  test(`the cause of an unavailable location is the end of the chain: ${cause}`, () => {
    assert.equal(unavailableReason(unavailable(`BackupStorageLocation "default" is unavailable: ${message}`)), cause);
  });
}
