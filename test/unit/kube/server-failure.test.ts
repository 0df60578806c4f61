import assert from "node:assert/strict";
import { test } from "node:test";
import { pods } from "../../../src/core/resource.ts";
import { answerFailure, ExpiredFailure, inDoubt, notDone } from "../../../src/kube/server-failure.ts";
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
  [
    "an answer without a body",
    503,
    "",
    "Error from server (ServiceUnavailable): the server is currently unable to handle the request",
    "ServiceUnavailable",
  ],
  [
    "a gateway that did not wait longer",
    504,
    "stream timeout",
    "Error from server (Timeout): the server was unable to return a response in the time allotted, but may still be processing the request (stream timeout)",
    "Timeout",
  ],
  [
    "a load balancer's plain text",
    502,
    "upstream connect error\nmore\n",
    "Error from server (InternalError): an error on the server (upstream connect error) has prevented the request from succeeding",
    "InternalError",
  ],
  [
    "a load balancer's web page",
    502,
    "<html><body>Bad gateway</body></html>",
    "Error from server (InternalError): an error on the server (a web page: a proxy or load balancer may have sent it) has prevented the request from succeeding",
    "InternalError",
  ],
  [
    "a web page in place of a permission",
    403,
    "<html>Blocked</html>",
    "Error from server (Forbidden): a web page: a proxy or load balancer may have sent it",
    "Unknown",
  ],
  [
    "a web page in place of an object",
    404,
    "<!DOCTYPE html><title>Not found</title>",
    "Error from server (NotFound): the server could not find the requested resource (a web page: a proxy or load balancer may have sent it)",
    "Unknown",
  ],
  [
    "a way to a login",
    302,
    "",
    "Error from server (Unknown): the answer leads elsewhere (status 302): something in between may want a login",
    "Unknown",
  ],
  [
    "too many requests, without words",
    429,
    "",
    "Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later",
    "TooManyRequests",
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
  assert.equal(answerFailure(404, "404 page not found", undefined).reason, "NotFound");
});

test("a list that grew too old keeps the server's way on", () => {
  const offered = JSON.stringify({ reason: "Expired", message: "too old", metadata: { continue: "rest" } });
  const failure = answerFailure(410, offered, backups);
  assert.ok(failure instanceof ExpiredFailure);
  assert.equal(failure.rest, "rest");
  const none = answerFailure(410, status("Expired", "too old"), backups);
  assert.ok(none instanceof ExpiredFailure);
  assert.equal(none.rest, undefined);
});

const lost = answerFailure(503, status("ServiceUnavailable", "shutting down"), backups);

test("a write that may have been done says so, and where to look", () => {
  const effect = { done: 'backups.velero.io "x" was created', look: "kubectl get backups.velero.io x -n mke" };
  const failure = inDoubt(lost, effect);
  assert.equal(
    failure.sentence,
    'Error from server (ServiceUnavailable): shutting down; it is not known whether backups.velero.io "x" was created',
  );
  assert.equal(failure.reason, "ServiceUnavailable");
  assert.match(failure.next.join(), /^kubectl get backups\.velero\.io x -n mke /);
});

test("a write that was turned away says that nothing was changed", () => {
  assert.equal(notDone(lost, 3).sentence, lost.sentence);
  assert.match(notDone(lost, 3).next.join(), /nothing was changed.* 3s/);
});
