import assert from "node:assert/strict";
import { test } from "node:test";
import { pods } from "../../../src/core/resource.ts";
import { answerFailure, connectionFailure, requestTimedOut } from "../../../src/kube/server-failure.ts";
import { backups } from "../../../src/velero/kinds.ts";

const status = (reason: string, message: string, details?: object) =>
  JSON.stringify({ kind: "Status", status: "Failure", reason, message, ...(details === undefined ? {} : { details }) });
const named = { name: "nightly", group: "velero.io", kind: "backups" };

const answers: [what: string, code: number, body: string, sentence: string, reason: string][] = [
  [
    "an object that is missing",
    404,
    status("NotFound", 'backups.velero.io "nightly" not found', named),
    'Error from server (NotFound): backups.velero.io "nightly" not found',
    "NotFound",
  ],
  [
    "a namespace that is missing",
    404,
    status("NotFound", 'namespaces "mke" not found', { name: "mke", kind: "namespaces" }),
    'Error from server (NotFound): namespaces "mke" not found',
    "NotFound",
  ],
  [
    "a kind that the server knows not, as a Status",
    404,
    status("NotFound", "the server could not find the requested resource", {}),
    'error: the server doesn\'t have a resource type "backups"',
    "NoSuchKind",
  ],
  [
    "a kind that the server knows not, as plain text",
    404,
    "404 page not found\n",
    'error: the server doesn\'t have a resource type "backups"',
    "NoSuchKind",
  ],
  [
    "a right that is missing",
    403,
    status(
      "Forbidden",
      'backups.velero.io is forbidden: User "system:serviceaccount:shop:ci" cannot list resource "backups" in API group "velero.io" in the namespace "mke"',
    ),
    'Error from server (Forbidden): backups.velero.io is forbidden: User "system:serviceaccount:shop:ci" cannot list resource "backups" in API group "velero.io" in the namespace "mke"',
    "Forbidden",
  ],
  [
    "a name that is taken",
    409,
    status("AlreadyExists", 'backups.velero.io "nightly" already exists', named),
    'Error from server (AlreadyExists): backups.velero.io "nightly" already exists',
    "AlreadyExists",
  ],
  [
    "a login that failed",
    401,
    status("Unauthorized", "Unauthorized"),
    "error: You must be logged in to the server (Unauthorized)",
    "Unauthorized",
  ],
  [
    "a list that grew too old",
    410,
    status("Expired", "The provided continue parameter is too old"),
    "Error from server (Expired): The provided continue parameter is too old",
    "Expired",
  ],
  [
    "one field that is wrong",
    422,
    status("Invalid", 'Backup.velero.io "nightly" is invalid: spec.ttl: Invalid value: "x": bad', {
      ...named,
      causes: [{ field: "spec.ttl", message: 'Invalid value: "x": bad' }],
    }),
    'The Backup "nightly" is invalid: spec.ttl: Invalid value: "x": bad',
    "Invalid",
  ],
  [
    "several fields that are wrong",
    422,
    status("Invalid", 'Backup.velero.io "nightly" is invalid: [spec.ttl: bad, metadata.name: worse]', {
      ...named,
      causes: [
        { field: "spec.ttl", message: "bad" },
        { field: "metadata.name", message: "worse" },
      ],
    }),
    'The Backup "nightly" is invalid\n* spec.ttl: bad\n* metadata.name: worse',
    "Invalid",
  ],
  [
    "an error inside the server",
    500,
    status("InternalError", "Internal error occurred: etcdserver: leader changed"),
    "Error from server (InternalError): Internal error occurred: etcdserver: leader changed",
    "InternalError",
  ],
  ["an answer without a body", 503, "", "Error from server (InternalError): status 503", "InternalError"],
  [
    "a load balancer's plain text",
    502,
    "upstream connect error\nmore\n",
    "Error from server (InternalError): upstream connect error",
    "InternalError",
  ],
];
for (const [what, code, body, sentence, reason] of answers) {
  test(`${what} (${code}) is told as kubectl tells it`, () => {
    const failure = answerFailure(code, body, backups);
    assert.equal(failure.sentence, sentence);
    assert.equal(failure.reason, reason);
  });
}

test("a missing kind of Velero says that Velero is not installed; another kind does not", () => {
  assert.match(answerFailure(404, "404 page not found", backups).next.join(), /Velero is not installed/);
  assert.deepEqual(answerFailure(404, "404 page not found", pods).next, []);
});

test("a path without a kind that is not there is just not found", () => {
  assert.equal(answerFailure(404, "404 page not found", undefined).reason, "Unknown");
});

const broken = (code: string, message = "it broke") => Object.assign(new Error(message), { code });
const connections: [code: string, sentence: string, reason: string][] = [
  [
    "ECONNREFUSED",
    "The connection to the server mke.example:6443 was refused - did you specify the right host or port?",
    "Unreachable",
  ],
  ["ENOTFOUND", "Unable to connect to the server: dial tcp: lookup mke.example: no such host", "Unreachable"],
  ["EAI_AGAIN", "Unable to connect to the server: dial tcp: lookup mke.example: no such host", "Unreachable"],
  ["ETIMEDOUT", "Unable to connect to the server: it broke", "Unreachable"],
  ["ECONNRESET", "Unable to connect to the server: it broke", "Unreachable"],
  ["EPIPE", "Unable to connect to the server: it broke", "Unreachable"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "Unable to connect to the server: it broke", "Untrusted"],
  ...[
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  ].map((code): [string, string, string] => [
    code,
    "Unable to connect to the server: x509: certificate signed by unknown authority",
    "Untrusted",
  ]),
  ...["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"].map((code): [string, string, string] => [
    code,
    "Unable to connect to the server: x509: certificate has expired or is not yet valid",
    "Untrusted",
  ]),
];
for (const [code, sentence, reason] of connections) {
  test(`a connection that fails with ${code} is ${reason}, and keeps its cause`, () => {
    const cause = broken(code);
    const failure = connectionFailure("https://mke.example:6443/k8s", cause);
    assert.equal(failure.sentence, sentence);
    assert.equal(failure.reason, reason);
    assert.equal(failure.cause, cause);
  });
}

test("an error that says nothing is named by its code", () => {
  assert.match(connectionFailure("https://x", broken("EHOSTUNREACH", "")).message, /EHOSTUNREACH/);
});

test("a timeout names the host, the time and the flag", () => {
  const failure = requestTimedOut("https://mke.example:6443", 30_000);
  assert.equal(failure.sentence, "Unable to connect to the server: no answer from mke.example:6443 within 30s");
  assert.match(failure.next.join(), /--request-timeout/);
});
