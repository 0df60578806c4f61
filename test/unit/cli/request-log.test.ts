import assert from "node:assert/strict";
import { test } from "node:test";
import { redactBody, requestLog } from "../../../src/cli/request-log.ts";

const line = {
  method: "GET",
  url: "https://api:6443/apis/velero.io/v1/backups?limit=500",
  status: 200,
  milliseconds: 12.4,
};

function logged(level: string | undefined, entry: Parameters<NonNullable<ReturnType<typeof requestLog>>>[0]): string {
  let text = "";
  requestLog(level, {
    write: (more) => {
      text += more;
    },
  })?.(entry);
  return text;
}

for (const level of [undefined, "", "info"]) {
  test(`level ${level} logs nothing`, () => assert.equal(requestLog(level, { write: () => undefined }), undefined));
}

test("debug tells method, URL, status and time, and no body", () => {
  assert.equal(
    logged("debug", { ...line, body: '{"a":1}' }),
    "debug: GET https://api:6443/apis/velero.io/v1/backups?limit=500 200 in 12 ms\n",
  );
});

test("trace tells the body too, when there is one", () => {
  assert.match(logged("trace", { ...line, body: '{"kind":"Backup"}' }), /\ntrace: \{"kind":"Backup"\}\n$/);
  assert.doesNotMatch(logged("trace", { ...line, status: "socket hang up" }), /trace/);
});

const secret = "s3cr3t-value";
const secrets: [what: string, document: object][] = [
  ["a signed link", { status: { downloadURL: `http://minio:9000/velero/x?X-Amz-Signature=${secret}` } }],
  ["the data of a Secret", { kind: "Secret", data: { "root-password": secret, other: secret } }],
  ["the plain data of a Secret", { kind: "Secret", stringData: { password: secret } }],
  ["the data of several Secrets", { items: [{ data: { a: secret } }, { data: { b: secret } }] }],
  ["a token that was granted", { kind: "TokenRequest", status: { token: secret } }],
  ["a token with quotes and backslashes", { token: `"\\"${secret}\\` }],
  ["a password", { spec: { password: secret } }],
  ["a client key", { user: { "client-key-data": secret } }],
  [
    "what kubectl apply noted of a Secret",
    {
      metadata: {
        annotations: {
          "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ data: { "root-password": secret } }),
        },
      },
    },
  ],
  ["data whose values hold braces", { data: { a: `}{${secret}`, b: `{"x":"${secret}"}` } }],
];
for (const [what, document] of secrets) {
  test(`${what} never reaches the log`, () => {
    const text = logged("trace", { ...line, body: JSON.stringify(document) });
    assert.doesNotMatch(text, new RegExp(secret));
    assert.match(text, /…/);
  });
}

test("an answer that is not JSON is not shown: nothing tells what of it is secret", () => {
  assert.equal(redactBody(`token=${secret}`), "18 characters that are not JSON");
});

test("what is no secret stays readable around one", () => {
  const body = JSON.stringify({ kind: "DownloadRequest", status: { phase: "Processed", downloadURL: "http://x" } });
  assert.equal(redactBody(body), '{"kind":"DownloadRequest","status":{"phase":"Processed","downloadURL":"…"}}');
});

for (const [what, url] of [
  [
    "a signed link",
    `http://minio/velero/x?X-Amz-Algorithm=AWS4&X-Amz-Credential=${secret}%2F2026&X-Amz-Signature=${secret}`,
  ],
  ["an old signed link", `http://minio/velero/x?AWSAccessKeyId=${secret}&Expires=1&Signature=${secret}`],
  ["a session's token", `http://minio/x?x-amz-security-token=${secret}`],
  ["a bearer token", `https://api/x?token=${secret}&limit=5`],
] as const) {
  test(`the query of ${what} never reaches the log`, () => {
    for (const level of ["debug", "trace"]) assert.doesNotMatch(logged(level, { ...line, url }), new RegExp(secret));
  });
}

test("other parts of a query stay", () => {
  assert.match(logged("debug", { ...line, url: "https://api/x?token=a&limit=5" }), /\?token=…&limit=5 200/);
});
