import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionFailure, requestTimedOut } from "../../../src/kube/connection-failure.ts";

const broken = (code: string, message = "it broke", more: object = {}) =>
  Object.assign(new Error(message), { code }, more);
const dial = (code: string) => broken(code, "", { syscall: "connect", address: "10.0.0.7", port: 6443 });
const untrusted = "tls: failed to verify certificate: x509: certificate";
const otherName = (host: string, subjectaltname: string) =>
  broken("ERR_TLS_CERT_ALTNAME_INVALID", "no match", { host, cert: { subjectaltname } });

const unable: [what: string, cause: NodeJS.ErrnoException, why: string, reason: string][] = [
  ["a name nobody knows", broken("ENOTFOUND"), "dial tcp: lookup mke.example: no such host", "Unreachable"],
  [
    "a name server that is silent",
    broken("EAI_AGAIN"),
    "dial tcp: lookup mke.example: temporary failure in name resolution",
    "Unreachable",
  ],
  ["no route", dial("EHOSTUNREACH"), "dial tcp 10.0.0.7:6443: connect: no route to host", "Unreachable"],
  ["no network", dial("ENETUNREACH"), "dial tcp 10.0.0.7:6443: connect: network is unreachable", "Unreachable"],
  ["nobody there", dial("ETIMEDOUT"), "dial tcp 10.0.0.7:6443: connect: connection timed out", "Unreachable"],
  [
    "no route to any address of a name",
    Object.assign(new AggregateError([dial("EHOSTUNREACH"), dial("ENETUNREACH")], ""), { code: "EHOSTUNREACH" }),
    "dial tcp 10.0.0.7:6443: connect: no route to host",
    "Unreachable",
  ],
  ["a reset", broken("ECONNRESET", "read ECONNRESET"), "read: connection reset by peer", "Unreachable"],
  ["a hang-up", broken("ECONNRESET", "socket hang up"), "EOF", "Unreachable"],
  ["half an answer", broken("ECONNRESET", "aborted"), "unexpected EOF", "Unreachable"],
  ["half an answer in gzip", broken("Z_BUF_ERROR", "unexpected end of file"), "unexpected EOF", "Unreachable"],
  ["a pipe that broke", broken("EPIPE", "write EPIPE"), "write: broken pipe", "Unreachable"],
  [
    "a plain server where TLS was expected",
    broken(
      "EPROTO",
      "write EPROTO 40B3:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:x.c:78:",
    ),
    "http: server gave HTTP response to HTTPS client",
    "Untrusted",
  ],
  [
    "a server that wants a client's certificate",
    broken(
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "40:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:rec.c:916:SSL alert number 116",
    ),
    "remote error: tls: certificate required",
    "Untrusted",
  ],
  [
    "a server that does not know the client's authority",
    broken("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "40:error:0A000418:SSL routines:x:tlsv1 alert unknown ca:rec.c:916:"),
    "remote error: tls: unknown certificate authority",
    "Untrusted",
  ],
  [
    "a certificate for other names",
    otherName("api.example", "DNS:localhost, DNS:mke.local, IP Address:127.0.0.1"),
    `${untrusted} is valid for localhost, mke.local, not api.example`,
    "Untrusted",
  ],
  [
    "a certificate for other addresses",
    otherName("10.1.2.3", "DNS:localhost, IP Address:127.0.0.1"),
    `${untrusted} is valid for 127.0.0.1, not 10.1.2.3`,
    "Untrusted",
  ],
  [
    "a certificate for no address at all",
    otherName("10.1.2.3", "DNS:localhost"),
    "tls: failed to verify certificate: x509: cannot validate certificate for 10.1.2.3 because it doesn't contain any IP SANs",
    "Untrusted",
  ],
  ...[
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "CERT_SIGNATURE_FAILURE",
  ].map((code): [string, NodeJS.ErrnoException, string, string] => [
    code,
    broken(code),
    `${untrusted} signed by unknown authority`,
    "Untrusted",
  ]),
  ...["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"].map((code): [string, NodeJS.ErrnoException, string, string] => [
    code,
    broken(code),
    `${untrusted} has expired or is not yet valid`,
    "Untrusted",
  ]),
  ["something new", broken("ENEW"), "it broke", "Unreachable"],
  ["an error without words", broken("ENEW", ""), "ENEW", "Unreachable"],
];
for (const [what, cause, why, reason] of unable) {
  test(`${what} is told as kubectl tells it, and keeps its cause`, () => {
    const failure = connectionFailure("https://mke.example:6443/k8s", cause);
    assert.equal(failure.sentence, `Unable to connect to the server: ${why}`);
    assert.equal(failure.reason, reason);
    assert.equal(failure.cause, cause);
  });
}

test("a port where nobody listens is kubectl's own sentence", () => {
  const failure = connectionFailure("https://mke.example:6443/k8s", dial("ECONNREFUSED"));
  assert.equal(
    failure.sentence,
    "The connection to the server mke.example:6443 was refused - did you specify the right host or port?",
  );
  assert.equal(failure.reason, "Unreachable");
});

test("a server that hangs up on plain HTTP may want TLS", () => {
  const hangUp = broken("ECONNRESET", "socket hang up");
  assert.match(connectionFailure("http://mke:6443", hangUp).next.join(), /https:\/\/mke:6443/);
  assert.deepEqual(connectionFailure("https://mke:6443", hangUp).next, []);
});

test("a timeout names the host, the time, the flag and how far it came", () => {
  const server = "https://mke.example:6443";
  const begin = "Unable to connect to the server:";
  const answer = requestTimedOut(server, 30_000, "sent");
  assert.equal(answer.sentence, `${begin} no answer from mke.example:6443 within 30s`);
  assert.match(answer.next.join(), /--request-timeout.*readyz/);
  const handshake = requestTimedOut(server, 1500, "securing");
  assert.equal(handshake.sentence, `${begin} net/http: TLS handshake timeout (mke.example:6443, 1.5s)`);
  const connection = requestTimedOut(server, 1000, "connecting", "http://proxy:3128");
  assert.equal(
    connection.sentence,
    `${begin} no connection to mke.example:6443 through the proxy http://proxy:3128 within 1s`,
  );
  assert.match(connection.next.join(), /--request-timeout.*proxy/);
});
