// What Velero says about a location, and the one rule that tells what it means.
import { known } from "../../../src/health/fact.ts";
import { type Case, testRules } from "./rule-cases.ts";
import { location, refused } from "./samples.ts";

const s3 = (end: string): string =>
  `rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: 18A, HostID: dd9, ${end}`;

const messages: Readonly<Record<string, readonly [message: string, found: string]>> = {
  "an access key that the store does not know": [
    s3("api error InvalidAccessKeyId: The Access Key Id you provided does not exist in our records."),
    "fail storage.credentials.invalid",
  ],
  "a secret key that is not the access key's": [
    s3(
      "api error SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.",
    ),
    "fail storage.credentials.invalid",
  ],
  "a token of yesterday": [
    s3("api error ExpiredToken: The provided token has expired."),
    "fail storage.credentials.expired",
  ],
  "a token that never was one": [
    s3("api error InvalidTokenId: The security token included in the request is invalid"),
    "fail storage.credentials.expired",
  ],
  "keys that may not": [s3("api error AccessDenied: Access Denied."), "fail storage.denied"],
  "no bucket": [s3("NoSuchBucket: The specified bucket does not exist"), "fail storage.bucket.missing"],
  "another region": [
    s3(
      "api error AuthorizationHeaderMalformed: The authorization header is malformed; the region is wrong; expecting 'eu-west-1'.",
    ),
    "fail storage.region.wrong",
  ],
  "a stray directory": [
    "Backup store contains invalid top-level directories: [holiday-pictures]",
    "fail storage.bucket.stray-directory",
  ],
  "a profile that is not there": [
    "rpc error: code = Unknown desc = failed to get shared config profile, backup",
    "fail storage.credentials.missing",
  ],
  "a Secret that is not there": [
    'unable to get credentials: unable to get key for secret: Secret "gone" not found',
    "fail storage.credentials.missing",
  ],
  "a certificate of nobody": [
    'request send failed, Get "https://s3.example.com/velero": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "fail storage.tls.untrusted",
  ],
  "an unknown host": [
    'Get "http://nowhere.example:9000/velero": dial tcp: lookup nowhere.example on 10.96.0.10:53: no such host',
    "fail storage.unreachable",
  ],
  "a port that nobody listens at": [refused, "fail storage.unreachable"],
  "a setting that the plugin does not know": [
    "rpc error: code = Unknown desc = config has invalid keys [S3URL]; valid keys are [s3Url region]",
    "fail location.config.invalid",
  ],
  "a clock that is wrong": [
    s3("api error RequestTimeTooSkewed: The difference between the request time and the server's time is too large."),
    "fail storage.clock",
  ],
  "a store that is overloaded": [
    "rpc error: api error SlowDown: Please reduce your request rate.",
    "fail storage.busy",
  ],
  "something that nobody has seen before": [
    "rpc error: code = Unknown desc = the moon is full",
    "fail location.unavailable",
  ],
};

testRules(
  Object.fromEntries(
    Object.entries(messages).map(([name, [message, found]]): [string, Case] => [
      name,
      {
        facts: {
          // A store outside of the cluster.
          locations: known([
            location(
              { phase: "Unavailable", message: `BackupStorageLocation "default" is unavailable: ${message}` },
              { config: { region: "us-east-1", s3Url: "https://s3.example.com" } },
            ),
          ]),
          objectStore: known(undefined),
          // What is declared is that store too.
          configuration: { state: "failed", sentence: "none" },
        },
        found: [found],
        evidence: /^Velero says: .*\.$/,
      },
    ]),
  ),
);
