import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Connection } from "../../../src/kube/connection.ts";
import { openCredentials } from "../../../src/kube/credentials.ts";
import type { LoginEdge } from "../../../src/kube/login.ts";
import { secureContextOptions } from "../../../src/kube/secure-context.ts";
import { createCertificates } from "../../sandbox/certificates.ts";
import { fakeTime } from "../fake-time.ts";

const edge: LoginEdge = { env: process.env, signal: new AbortController().signal, onWarning: assert.fail };
const open = (user: Connection["user"], cluster: Connection["cluster"] = {}) =>
  openCredentials({ context: "c", server: "https://api:6443", cluster, user, requestTimeout: 0 }, edge);
const headersOf = async (user: Connection["user"]) => (await open(user)).headers();

function fileWith(t: TestContext, text: string): string {
  const root = mkdtempSync(join(tmpdir(), "credentials-"));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, "file"), text);
  return join(root, "file");
}

test("a user without anything sends nothing", async () => assert.deepEqual(await headersOf({}), {}));

test("a token is sent as it is", async () => {
  assert.deepEqual(await headersOf({ token: "abc" }), { Authorization: "Bearer abc" });
});

test("a name and a password are sent as basic authentication, in UTF-8", async () => {
  const { Authorization } = await headersOf({ username: "jane", password: "pä:ss" });
  assert.equal(Authorization, `Basic ${Buffer.from("jane:pä:ss").toString("base64")}`);
});

test("a token file wins over a token, without its line end", async (t) => {
  const tokenFile = fileWith(t, "from-file\n");
  assert.deepEqual(await headersOf({ tokenFile, token: "inline" }), { Authorization: "Bearer from-file" });
});

test("a token file is read again after a minute, since tokens are rotated", async (t) => {
  const time = fakeTime(t) as { now: number };
  const tokenFile = fileWith(t, "old");
  const { headers } = await open({ tokenFile });
  assert.equal((await headers())["Authorization"], "Bearer old");
  writeFileSync(tokenFile, "new");
  time.now = 59_000;
  assert.equal((await headers())["Authorization"], "Bearer old");
  time.now = 61_000;
  assert.equal((await headers())["Authorization"], "Bearer new");
});

test("impersonation is told in full, several groups as several values", async () => {
  const user = {
    as: "jane",
    "as-uid": "7",
    "as-groups": ["a", "b"],
    "as-user-extra": { "example.com/scope": ["x", "y"] },
  };
  assert.deepEqual(await headersOf({ token: "t", ...user }), {
    Authorization: "Bearer t",
    "Impersonate-User": "jane",
    "Impersonate-Uid": "7",
    "Impersonate-Group": ["a", "b"],
    "impersonate-extra-example.com%2fscope": ["x", "y"],
  });
});

test("certificates are read from the kubeconfig or from files", async (t) => {
  const { authority, administrator } = createCertificates();
  const own = [authority, administrator.certificate, administrator.key] as const;
  const [ca, cert, key] = own.map((pem) => Buffer.from(pem).toString("base64"));
  const inside = await open(
    { "client-certificate-data": cert ?? "", "client-key-data": key ?? "" },
    { "certificate-authority-data": ca ?? "" },
  );
  const [caFile, certFile, keyFile] = own.map((pem) => fileWith(t, pem));
  const files = await open(
    { "client-certificate": certFile ?? "", "client-key": keyFile ?? "" },
    { "certificate-authority": caFile ?? "" },
  );
  for (const { tls } of [inside, files]) assert.deepEqual([tls.ca, tls.cert, tls.key].map(String), own);
});

test("a key of another certificate is refused, without a word of either", async () => {
  const [mine, other] = [createCertificates().administrator, createCertificates().administrator];
  const base64 = (pem: string) => Buffer.from(pem).toString("base64");
  const user = { "client-certificate-data": base64(mine.certificate), "client-key-data": base64(other.key) };
  await assert.rejects(secureContextOptions((await open(user)).tls), {
    name: "Failure",
    message: "the client certificate of the kubeconfig is of no use: the key does not belong to the certificate",
  });
});

test("the server's certificate is checked unless the kubeconfig says not to", async () => {
  assert.deepEqual((await open({})).tls, { rejectUnauthorized: true });
  const relaxed = await open({}, { "insecure-skip-tls-verify": true, "tls-server-name": "api" });
  assert.deepEqual(relaxed.tls, { rejectUnauthorized: false, servername: "api" });
});

const missing: [what: string, user: Connection["user"], cluster: Connection["cluster"]][] = [
  ["the cluster's CA", {}, { "certificate-authority": "/nowhere/file" }],
  ["the client certificate", { "client-certificate": "/nowhere/file" }, {}],
  ["the client key", { "client-key": "/nowhere/file", "client-certificate-data": "Yw==" }, {}],
];
for (const [what, user, cluster] of missing) {
  test(`${what} that is not there is named with its file`, async () => {
    await assert.rejects(open(user, cluster), {
      name: "Failure",
      message: `cannot read ${what}: /nowhere/file: no such file`,
    });
  });
}

test("a token file that is not there is said by the first request", async () => {
  const { headers } = await open({ tokenFile: "/nowhere/file" });
  await assert.rejects(async () => headers(), { message: "cannot read the token file: /nowhere/file: no such file" });
});

test("a token file that cannot be read any more leaves the last token in use", async (t) => {
  const time = fakeTime(t) as { now: number };
  const tokenFile = fileWith(t, "old");
  const { headers } = await open({ tokenFile });
  assert.equal((await headers())["Authorization"], "Bearer old");
  rmSync(tokenFile);
  time.now = 61_000;
  assert.equal((await headers())["Authorization"], "Bearer old");
});

test("a token file is read again at once when its token was refused", async (t) => {
  const tokenFile = fileWith(t, "old");
  const credentials = await open({ tokenFile });
  assert.equal((await credentials.headers())["Authorization"], "Bearer old");
  writeFileSync(tokenFile, "new");
  credentials.refused?.();
  assert.equal((await credentials.headers())["Authorization"], "Bearer new");
});

test("an empty token file is said", async (t) => {
  const tokenFile = fileWith(t, " \n");
  const { headers } = await open({ tokenFile });
  await assert.rejects(async () => headers(), { message: `the token file ${tokenFile} is empty` });
});

for (const [field, user] of [
  ["as", { as: "ja\nne" }],
  ["as-groups", { as: "jane", "as-groups": ["a", "b\r"] }],
  ["as-user-extra scope", { as: "jane", "as-user-extra": { scope: ["\0"] } }],
] as const) {
  test(`${field} that no header can carry is refused instead of being dropped`, async () => {
    await assert.rejects(open(user), {
      name: "Failure",
      message: `cannot impersonate: ${field} holds a control character, which no request can carry`,
    });
  });
}
