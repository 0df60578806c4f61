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

test("the current context decides, without a final slash of the server", (t) => {
  assert.deepEqual(resolved(t), {
    context: "prod",
    server: "https://prod:6443",
    cluster: { server: "https://prod:6443/", "certificate-authority-data": "UEVN" },
    user: { "client-certificate-data": "Yw==", "client-key-data": "aw==", as: "root" },
    requestTimeout: 30_000,
  });
});

test("the path of a server behind a proxy is kept", (t) => {
  assert.equal(resolved(t, { context: "test" }).server, "https://test:6443/k8s");
});

test("--context, --cluster and --user each choose an entry", (t) => {
  assert.equal(resolved(t, { context: "test" }).user.token, "joe");
  assert.equal(resolved(t, { cluster: "test" }).server, "https://test:6443/k8s");
  assert.equal(resolved(t, { user: "joe" }).user.token, "joe");
  assert.equal(resolved(t, { user: "joe" }).server, "https://prod:6443");
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
  test(`${JSON.stringify(flags)} overrides the kubeconfig`, (t) => {
    const actual = resolved(t, flags)[part];
    assert.deepEqual({ ...actual, ...expected }, actual);
  });
}

test("a CA named on the command line replaces the one inside the kubeconfig", (t) => {
  const { cluster } = resolved(t, { "certificate-authority": "/ca" });
  assert.equal(cluster["certificate-authority"], "/ca");
  assert.equal(cluster["certificate-authority-data"], undefined);
});

test("a token on the command line replaces the user's other ways to log in", (t) => {
  const { user } = resolved(t, { token: "t" });
  assert.equal(user.token, "t");
  assert.equal(user["client-certificate-data"], undefined);
});

test("--server overrides the address and keeps the rest", (t) => {
  const connection = resolved(t, { server: "http://127.0.0.1:8001/" });
  assert.equal(connection.server, "http://127.0.0.1:8001");
  assert.equal(connection.cluster["certificate-authority-data"], "UEVN");
});

test("--server alone is enough, without any kubeconfig", (t) => {
  const connection = resolveConnection({ server: "http://127.0.0.1:8001", token: "t" }, home(t));
  assert.equal(connection.server, "http://127.0.0.1:8001");
  assert.deepEqual(connection.user, { token: "t" });
  assert.equal(connection.context, "");
});

test("--request-timeout is kept, also 0 for no limit", (t) => {
  assert.equal(resolved(t, { requestTimeout: 5000 }).requestTimeout, 5000);
  assert.equal(resolved(t, { requestTimeout: 0 }).requestTimeout, 0);
});

test("a group without a user to impersonate is refused", (t) => {
  assert.throws(() => resolved(t, { user: "joe", "as-group": ["a"] }), { kind: "usage", message: /need --as/ });
});

const mistakes: [flags: ConnectionFlags, message: string][] = [
  [{ context: "other" }, "context was not found for specified context: other"],
  [{ context: "other", server: "http://x" }, "context was not found for specified context: other"],
  [{ user: "nobody" }, 'auth info "nobody" does not exist'],
  [{ cluster: "nowhere" }, 'cluster "nowhere" does not exist, or has no server'],
  [{ context: "broken" }, 'cluster "gone" does not exist, or has no server'],
  [{ context: "bare" }, 'context "bare" names no cluster'],
];
for (const [flags, message] of mistakes) {
  test(`${JSON.stringify(flags)} is refused: ${message}`, (t) => {
    assert.throws(() => resolved(t, flags), { name: "Failure", message });
  });
}

test("an unknown context is answered with those there are", (t) => {
  assert.throws(() => resolved(t, { context: "other" }), {
    next: ["kubectl config use-context prod        (contexts: prod, test, broken, bare)"],
  });
});

test("a kubeconfig without a current context says so", (t) => {
  const text = kubeconfig.replace("current-context: prod", "");
  assert.throws(() => resolveConnection({}, home(t, text)), { message: "the kubeconfig has no current context" });
});

test("with nothing configured, the kubeconfig that MKE wrote is offered", (t) => {
  const env = home(t, undefined, true);
  assert.throws(() => resolveConnection({}, env), {
    message: "no cluster is configured: neither KUBECONFIG nor ~/.kube/config names one",
    next: [`export KUBECONFIG=${join(env["HOME"] ?? "", ".mke", "mke.kubeconf")}`],
  });
});

test("with nothing configured at all, the flag is offered", (t) => {
  assert.throws(() => resolveConnection({}, home(t)), { next: ["kubectl mkebackup status --kubeconfig FILE"] });
});

test("an address of a pod's API server without a service account is no configuration", (t) => {
  const env: NodeJS.ProcessEnv = { ...home(t), KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
  // An explicit kubeconfig says that the pod's own account is not meant, where there is one.
  const empty = join(env["HOME"] ?? "", ".kube", "config");
  writeFileSync(empty, "");
  assert.throws(() => resolveConnection({ kubeconfig: empty }, env), { message: /^no cluster is configured/ });
});
