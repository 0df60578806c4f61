import assert from "node:assert/strict";
import { test } from "node:test";
import { type StorageCauseCode, storageCause } from "../../../src/velero/storage-cause.ts";

const s3 = (status: number, words: string, operation = "ListObjectsV2") =>
  `BackupStorageLocation "l" is unavailable: rpc error: code = Unknown desc = operation error S3: ${operation}, https response error StatusCode: ${status}, RequestID: 18EB0F70FFFC6258, HostID: dd9025bab4ad464b049177c95eb6ebf374d3b3fd1af9251148b658df7ac2e3e8, ${words}`;
const unsent = (url: string, why: string) =>
  `BackupStorageLocation "l" is unavailable: rpc error: code = Unknown desc = operation error S3: ListObjectsV2, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , HostID: , request send failed, Get "${url}/velero?delimiter=%2F&list-type=2&prefix=": ${why}`;
const own = (words: string) => `BackupStorageLocation "l" is unavailable: ${words}`;
const plugin = (words: string) => own(`rpc error: code = Unknown desc = ${words}`);
const refused = (words: string) => `the object store at minio.mke.svc:9000 answered ${words}`;

/** Of Velero 1.18 and 1.13 with the AWS plugin 1.14, of older plugins, and of this program. */
const messages: readonly (readonly [code: StorageCauseCode, message: string, says?: string])[] = [
  ["wrong-key", s3(403, "api error InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.")],
  ["wrong-key", refused("InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.")],
  [
    "wrong-secret",
    s3(
      403,
      "api error SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ),
  ],
  ["expired-token", s3(403, "api error InvalidTokenId: The security token included in the request is invalid")],
  ["expired-token", s3(400, "api error ExpiredToken: The provided token has expired.")],
  ["missing-bucket", s3(404, "NoSuchBucket: The specified bucket does not exist")],
  [
    "missing-bucket",
    plugin("NoSuchBucket: The specified bucket does not exist\n\tstatus code: 404, request id: 1, host id: "),
  ],
  ["missing-bucket", "cannot list bucket other: NoSuchBucket"],
  ["bad-bucket-name", s3(400, "api error InvalidBucketName: The specified bucket is not valid.")],
  ["denied", s3(403, "api error AccessDenied: Access Denied.")],
  ["denied", refused("AccessDenied: Access Denied.")],
  ["denied", s3(403, "api error Forbidden: Forbidden", "HeadBucket")],
  [
    "wrong-region",
    s3(
      400,
      "api error AuthorizationHeaderMalformed: The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'",
    ),
  ],
  [
    "wrong-region",
    s3(
      301,
      "api error PermanentRedirect: The bucket you are attempting to access must be addressed using the specified endpoint.",
    ),
  ],
  ["wrong-region", plugin("unable to determine bucket's region, bucket: velero")],
  [
    "skewed",
    s3(
      403,
      "api error RequestTimeTooSkewed: The difference between the request time and the server's time is too large.",
    ),
  ],
  [
    "no-host",
    unsent("http://no-such.mke.svc:9000", "dial tcp: lookup no-such.mke.svc on 172.30.0.1:53: no such host"),
    "DNS knows no host no-such.mke.svc",
  ],
  [
    "no-host",
    "cannot reach the object store a.example:9000: dial tcp: lookup a.example: no such host",
    "DNS knows no host a.example",
  ],
  ["no-host", 'Error from server (NotFound): services "no-such" not found', "the cluster has no Service no-such"],
  ["refused", unsent("http://172.30.0.1:9", "dial tcp 172.30.0.1:9: connect: connection refused")],
  ["refused", "Service minio in namespace mke has no port 9999: it has 9000, 9001"],
  ["unanswered", unsent("http://minio.mke.svc:9999", "dial tcp 10.96.9.0:9999: i/o timeout")],
  ["unanswered", "cannot reach the object store a:9000: no answer within 30s"],
  ["no-pods", "Service minio in namespace mke has no pod that is ready"],
  [
    "untrusted",
    unsent("https://a:6443", "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
    "the store's certificate is not trusted: certificate signed by unknown authority",
  ],
  [
    "untrusted",
    unsent(
      "https://a:6443",
      "x509: certificate has expired or is not yet valid: current time 2026-11-24T00:00:00Z is after 2025-01-01T00:00:00Z",
    ),
  ],
  ["plain-http", unsent("https://minio.mke.svc:9000", "http: server gave HTTP response to HTTPS client")],
  [
    "stray-directory",
    own("Backup store contains invalid top-level directories: [junk other]"),
    "the bucket holds directories that are not Velero's: junk other",
  ],
  ["stray-directory", own("Backup store contains 4 invalid top-level directories: [junk other x1 ...]")],
  [
    "invalid-config",
    plugin(
      "config has invalid keys [S3Url bogus]; valid keys are [region s3Url publicUrl profile insecureSkipTLSVerify bucket prefix caCert]",
    ),
    "the location's config has keys that the plugin does not know: S3Url bogus",
  ],
  [
    "invalid-config",
    plugin('could not parse s3ForcePathStyle (expected bool): strconv.ParseBool: parsing "maybe": invalid syntax'),
  ],
  [
    "invalid-config",
    own(
      `backup storage location's bucket name "a/b" must not contain a '/' (if using a prefix, put it in the 'Prefix' field instead)`,
    ),
  ],
  ["invalid-config", own("cannot specify both caCert and caCertRef in objectStorage")],
  [
    "bad-url",
    plugin(
      "Invalid s3 url minio.mke.svc:9000, URL must be valid according to https://golang.org/pkg/net/url/#Parse and start with http:// or https://",
    ),
  ],
  ["no-plugin", own("unable to locate ObjectStore plugin named velero.io/azure")],
  ["secret-missing", own('unable to get credentials: unable to get key for secret: Secret "l" not found')],
  [
    "secret-missing",
    own('unable to get credentials: unable to get key for secret: "l" secret is missing data for key "cloud"'),
  ],
  ["secret-missing", "Secret l in namespace mke has no key cloud"],
  ["secret-missing", 'Error from server (NotFound): secrets "l" not found'],
  ["bad-ca", own('error getting CA certificate from secret: unable to get key for secret: Secret "no-ca" not found')],
  ["bad-ca", "the location's caCert is not a certificate in PEM"],
  ["profile-missing", plugin("failed to get shared config profile, nosuch"), "the credentials have no profile nosuch"],
  ["profile-missing", "Secret l holds no keys for profile nosuch", "the credentials have no profile nosuch"],
  [
    "no-credentials",
    plugin(
      "failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled, context deadline exceeded",
    ),
  ],
  ["busy", s3(503, "api error SlowDown: Please reduce your request rate.")],
  ["not-s3", refused("status 404, and no word of S3")],
  ["encryption", refused("NotImplemented: Server side encryption specified but KMS is not configured")],
  ["encryption", refused("KMS.NotFoundException: Key 'arn:aws:kms:eu-west-1:1:key/no' does not exist")],
  ["host-style", refused("a list of its buckets: it wants path style")],
  [
    "proxy",
    "cannot reach the object store a:9000: proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused",
  ],
];

for (const [code, message, says] of messages) {
  test(`${code}: ${message.slice(-70)}`, () => {
    const cause = storageCause(message);
    assert.equal(cause?.code, code);
    if (says !== undefined) assert.equal(cause?.sentence, says);
    assert.doesNotMatch(`${cause?.sentence}${cause?.hint}`, /undefined|\$1|\.$/);
  });
}

test("the region that the store names is the one to set", () => {
  const [malformed, redirected] = [
    "expecting 'eu-central-1'",
    "must be addressed using the specified endpoint. (region eu-west-3)",
  ];
  assert.equal(storageCause(`AuthorizationHeaderMalformed: ${malformed}`)?.region, "eu-central-1");
  assert.equal(
    storageCause(`AuthorizationHeaderMalformed: ${malformed}`)?.hint,
    "set spec.config.region to eu-central-1",
  );
  assert.equal(storageCause(`PermanentRedirect: ${redirected}`)?.region, "eu-west-3");
  assert.equal(storageCause("PermanentRedirect: x")?.region, undefined);
});

test("what is not known is not guessed", () => {
  for (const message of ["", "the moon is in the wrong phase", 'backups.velero.io "a" not found'])
    assert.equal(storageCause(message), undefined);
});
