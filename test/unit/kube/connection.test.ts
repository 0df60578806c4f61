import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ConnectionFlags, resolveConnection } from "../../../src/kube/connection.ts";

const kubeconfig = `
current-context: prod
contexts:
- {name: prod, context: {cluster: prod, user: jane, namespace: shop}}
- {name: test, context: {cluster: test, user: joe}}
- {name: broken, context: {cluster: gone, user: joe}}
- {name: bare, context: {}}
clusters:
- {name: prod, cluster: {server: "https://prod:6443/", certificate-authority-data: UEVN}}
- {name: test, cluster: {server: "https://test:6443/k8s/"}}
users:
- {name: jane, user: {client-certificate-data: Yw==, client-key-data: aw==, as: root}}
- {name: joe, user: {token: joe}}
`;

function home(t: TestContext, text?: string, mke = false): NodeJS.ProcessEnv {
  const root = mkdtempSync(join(tmpdir(), "home-"));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, ".kube"));
  if (text !== undefined) writeFileSync(join(root, ".kube", "config"), text);
  if (mke) mkdirSync(join(root, ".mke"));
  if (mke) writeFileSync(join(root, ".mke", "mke.kubeconf"), "");
  return { HOME: root };
}
const resolved = (t: TestContext, flags: ConnectionFlags = {}) => resolveConnection(flags, home(t, kubeconfig));

test("the current context decides, without a final slash of the server", async (t) => {
  const env = home(t, kubeconfig);
  assert.deepEqual(await resolveConnection({}, env), {
    context: "prod",
    server: "https://prod:6443",
    cluster: { server: "https://prod:6443/", "certificate-authority-data": "UEVN" },
    user: { "client-certificate-data": "Yw==", "client-key-data": "aw==", as: "root" },
    userOrigin: { file: join(env["HOME"] ?? "", ".kube", "config"), name: "jane" },
    requestTimeout: 30_000,
  });
});

test("the path of a server behind a proxy is kept", async (t) => {
  assert.equal((await resolved(t, { context: "test" })).server, "https://test:6443/k8s");
});

test("--context, --cluster and --user each choose an entry", async (t) => {
  assert.equal((await resolved(t, { context: "test" })).user.token, "joe");
  assert.equal((await resolved(t, { cluster: "test" })).server, "https://test:6443/k8s");
  assert.equal((await resolved(t, { user: "joe" })).user.token, "joe");
  assert.equal((await resolved(t, { user: "joe" })).server, "https://prod:6443");
});

const overrides: [flags: ConnectionFlags, part: "cluster" | "user", expected: object][] = [
  [{ "insecure-skip-tls-verify": true }, "cluster", { "insecure-skip-tls-verify": true }],
  [{ "insecure-skip-tls-verify": false }, "cluster", { "insecure-skip-tls-verify": false }],
  [{ "tls-server-name": "api" }, "cluster", { "tls-server-name": "api" }],
  [{ as: "jack" }, "user", { as: "jack" }],
  [{ "as-group": ["a", "b"] }, "user", { as: "root", "as-groups": ["a", "b"] }],
  [{ "as-uid": "7" }, "user", { as: "root", "as-uid": "7" }],
  [{ "client-certificate": "/c" }, "user", { "client-certificate": "/c", "client-certificate-data": "" }],
  [{ "client-key": "/k" }, "user", { "client-key": "/k", "client-key-data": "" }],
];
for (const [flags, part, expected] of overrides) {
  test(`${JSON.stringify(flags)} overrides the kubeconfig`, async (t) => {
    const actual = (await resolved(t, flags))[part];
    assert.deepEqual({ ...actual, ...expected }, actual);
  });
}

test("a CA named on the command line replaces the one inside the kubeconfig", async (t) => {
  const { cluster } = await resolved(t, { "certificate-authority": "/ca" });
  assert.equal(cluster["certificate-authority"], "/ca");
  assert.equal(cluster["certificate-authority-data"], undefined);
});

test("a token on the command line replaces the user's other ways to log in, and keeps whom to impersonate", async (t) => {
  assert.deepEqual((await resolved(t, { token: "t" })).user, { token: "t", as: "root" });
});

test("--server overrides the address and keeps the rest", async (t) => {
  const connection = await resolved(t, { server: "http://127.0.0.1:8001/" });
  assert.equal(connection.server, "http://127.0.0.1:8001");
  assert.equal(connection.cluster["certificate-authority-data"], "UEVN");
});

test("--server alone is enough, without any kubeconfig", async (t) => {
  const connection = await resolveConnection({ server: "http://127.0.0.1:8001", token: "t" }, home(t));
  assert.equal(connection.server, "http://127.0.0.1:8001");
  assert.deepEqual(connection.user, { token: "t" });
  assert.equal(connection.context, "");
});

test("--request-timeout is kept, also 0 for no limit", async (t) => {
  assert.equal((await resolved(t, { requestTimeout: 5000 })).requestTimeout, 5000);
  assert.equal((await resolved(t, { requestTimeout: 0 })).requestTimeout, 0);
});

for (const flags of [{ "as-group": ["a"] }, { "as-uid": "7" }, { "as-user-extra": ["a=b"] }]) {
  test(`${JSON.stringify(flags)} without a user to impersonate is refused`, async (t) => {
    await assert.rejects(resolved(t, { user: "joe", ...flags }), { kind: "usage", message: /need --as/ });
  });
}

test("--as-user-extra takes several keys, and several values of one", async (t) => {
  const extra = ["scope=a", "example.com/reason=x=y", "scope=b", "empty="];
  assert.deepEqual((await resolved(t, { as: "jack", "as-user-extra": extra })).user["as-user-extra"], {
    scope: ["a", "b"],
    "example.com/reason": ["x=y"],
    empty: [""],
  });
});

for (const pair of ["scope", "=value", ""]) {
  test(`--as-user-extra "${pair}" is refused instead of being dropped`, async (t) => {
    await assert.rejects(resolved(t, { as: "jack", "as-user-extra": [pair] }), {
      kind: "usage",
      message: `--as-user-extra: cannot read "${pair}"`,
    });
  });
}

const mistakes: [flags: ConnectionFlags, message: string][] = [
  [{ context: "other" }, 'context "other" does not exist'],
  [{ context: "other", server: "http://x" }, 'context "other" does not exist'],
  [{ user: "nobody" }, 'auth info "nobody" does not exist'],
  [{ cluster: "nowhere" }, 'cluster "nowhere" does not exist'],
  [{ context: "broken" }, 'cluster "gone" does not exist, or has no server'],
  [{ context: "bare" }, 'context "bare" names no cluster'],
  [{ server: "https://" }, "https:// is not the address of a server: host must be a URL or a host:port pair"],
];
for (const [flags, message] of mistakes) {
  test(`${JSON.stringify(flags)} is refused: ${message}`, async (t) => {
    await assert.rejects(resolved(t, flags), { name: "Failure", message });
  });
}

test("an unknown context is answered with those there are", async (t) => {
  await assert.rejects(resolved(t, { context: "other" }), {
    next: ["kubectl config use-context prod        (contexts: prod, test, broken, bare)"],
  });
});

test("a kubeconfig without a current context says so", async (t) => {
  const text = kubeconfig.replace("current-context: prod", "");
  await assert.rejects(resolveConnection({}, home(t, text)), { message: "the kubeconfig has no current context" });
});

test("with nothing configured, the kubeconfig that MKE wrote is offered", async (t) => {
  const env = home(t, undefined, true);
  await assert.rejects(resolveConnection({}, env), {
    message: "no cluster is configured: neither KUBECONFIG nor ~/.kube/config names one",
    next: [`export KUBECONFIG=${join(env["HOME"] ?? "", ".mke", "mke.kubeconf")}`],
  });
});

test("with nothing configured at all, the flag is offered", async (t) => {
  await assert.rejects(resolveConnection({}, home(t)), { next: ["kubectl mkebackup status --kubeconfig FILE"] });
});

/** A pod's environment and the folder with its service account. */
function pod(t: TestContext): { env: NodeJS.ProcessEnv; folder: string } {
  const env = home(t);
  const folder = join(env["HOME"] ?? "", "serviceaccount");
  mkdirSync(folder);
  writeFileSync(join(folder, "token"), "t");
  return { env: { ...env, KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" }, folder };
}

test("in a pod the service account is the user, where nothing else is configured", async (t) => {
  const { env, folder } = pod(t);
  assert.deepEqual(await resolveConnection({}, env, folder), {
    context: "",
    server: "https://10.96.0.1:443",
    cluster: { "certificate-authority": join(folder, "ca.crt") },
    user: { tokenFile: join(folder, "token") },
    requestTimeout: 30_000,
  });
  const ipv6 = await resolveConnection({}, { ...env, KUBERNETES_SERVICE_HOST: "fd00::1" }, folder);
  assert.equal(ipv6.server, "https://[fd00::1]:443");
});

test("in a pod, too, flags override", async (t) => {
  const { env, folder } = pod(t);
  const { cluster, user } = await resolveConnection(
    { token: "flag", as: "jack", "certificate-authority": "/ca" },
    env,
    folder,
  );
  assert.deepEqual(user, { token: "flag", as: "jack" });
  assert.deepEqual(cluster, { "certificate-authority": "/ca" });
});

test("in a pod a kubeconfig or an address wins over the service account", async (t) => {
  const { env, folder } = pod(t);
  assert.equal(
    (await resolveConnection({ server: "http://127.0.0.1:8001" }, env, folder)).server,
    "http://127.0.0.1:8001",
  );
  const file = join(folder, "config");
  writeFileSync(file, kubeconfig);
  assert.equal((await resolveConnection({}, { ...env, KUBECONFIG: file }, folder)).context, "prod");
});

test("an address of a pod's API server without a service account is no configuration", async (t) => {
  const { env } = pod(t);
  await assert.rejects(resolveConnection({}, env, "/nowhere"), { message: /^no cluster is configured/ });
});

test("an explicit kubeconfig says that the pod's own account is not meant", async (t) => {
  const { env, folder } = pod(t);
  const empty = join(folder, "empty");
  writeFileSync(empty, "");
  await assert.rejects(resolveConnection({ kubeconfig: empty }, env, folder), { message: /^no cluster is configured/ });
});
