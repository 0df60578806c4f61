import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Connection } from "../../../src/kube/connection.ts";
import { openCredentials } from "../../../src/kube/credentials.ts";
import { fakeTime } from "../fake-time.ts";

const open = (user: Connection["user"], cluster: Connection["cluster"] = {}) =>
  openCredentials({ context: "c", server: "https://api:6443", cluster, user, requestTimeout: 0 });
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
    "Impersonate-Extra-example.com%2Fscope": ["x", "y"],
  });
});

test("certificates inside the kubeconfig win over files", async (t) => {
  const file = fileWith(t, "from file");
  const base64 = Buffer.from("inside").toString("base64");
  const inside = await open(
    { "client-certificate": file, "client-certificate-data": base64, "client-key-data": base64 },
    { "certificate-authority": file, "certificate-authority-data": base64 },
  );
  assert.deepEqual([inside.tls.cert, inside.tls.key, inside.tls.ca].map(String), ["inside", "inside", "inside"]);
  const files = await open({ "client-certificate": file, "client-key": file, "client-key-data": "" });
  assert.deepEqual([files.tls.cert, files.tls.key].map(String), ["from file", "from file"]);
});

test("the server's certificate is checked unless the kubeconfig says not to", async () => {
  assert.deepEqual((await open({})).tls, { rejectUnauthorized: true });
  const relaxed = await open({}, { "insecure-skip-tls-verify": true, "tls-server-name": "api" });
  assert.deepEqual(relaxed.tls, { rejectUnauthorized: false, servername: "api" });
});

const missing: [what: string, user: Connection["user"], cluster: Connection["cluster"]][] = [
  ["the cluster's CA", {}, { "certificate-authority": "/nowhere/file" }],
  ["the client certificate", { "client-certificate": "/nowhere/file" }, {}],
  ["the client key", { "client-key": "/nowhere/file" }, {}],
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

test("a program that logs in is run, and its token sent", async () => {
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "ran" },
  };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: ["-e", `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`],
    interactiveMode: "Never",
  };
  const headers = await headersOf({ exec, as: "jane" });
  assert.deepEqual(headers, { Authorization: "Bearer ran", "Impersonate-User": "jane" });
});

test("a program that fails is a sentence, not a stack trace", async () => {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "no-such-program-anywhere",
    interactiveMode: "Never",
  };
  await assert.rejects(headersOf({ exec }), {
    name: "Failure",
    message: /^cannot log in to https:\/\/api:6443 as the kubeconfig says: /,
  });
});
