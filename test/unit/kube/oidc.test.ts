import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { openCredentials } from "../../../src/kube/credentials.ts";
import { listenOnLoopback } from "../../sandbox/api/loopback.ts";
import { createCertificates } from "../../sandbox/certificates.ts";

const { authority, server: own } = createCertificates();
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
/** A token that expires this many seconds from now. */
const jwt = (seconds: number): string =>
  `${encoded({ alg: "RS256" })}.${encoded({ sub: "jane", exp: Math.floor(Date.now() / 1000) + seconds })}.c2lnbmF0dXJl`;

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}
type Answer = readonly [status: number, body: unknown];

/** An identity provider with a CA of its own. `answer` decides what its token endpoint says. */
async function issuer(t: TestContext, answer: (asked: Asked) => Answer, discovery?: Answer) {
  const requests: Asked[] = [];
  const server = createServer({ key: own.key, cert: own.certificate }, async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    const asked = { path: request.url ?? "", authorization: request.headers.authorization, form };
    requests.push(asked);
    const isDiscovery = asked.path.endsWith("/.well-known/openid-configuration");
    const found: Answer = discovery ?? [200, { issuer: url, token_endpoint: `${url}/token` }];
    const [status, body] = isDiscovery ? found : answer(asked);
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  const url = `https://127.0.0.1:${await listenOnLoopback(server)}/realm`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, requests, tokenRequests: () => requests.filter(({ path }) => path === "/realm/token") };
}

const kubeconfig = (config: Readonly<Record<string, string>>): string => `# mine
users:
- name: joe
  user: {token: joe}
- name: jane # by the provider
  user:
    auth-provider:
      name: oidc
      config: ${JSON.stringify(config)}
`;

/** Opens the credentials of a user whose kubeconfig says this. */
function open(
  t: TestContext,
  config: Readonly<Record<string, string>>,
  { warnings = [], env = {} }: { warnings?: string[]; env?: NodeJS.ProcessEnv } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "oidc-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "config");
  writeFileSync(file, kubeconfig(config), { mode: 0o600 });
  const user = { "auth-provider": { name: "oidc", config } };
  const connection = { context: "c", server: "https://api:6443", cluster: {}, requestTimeout: 0 };
  const opened = openCredentials(
    { ...connection, user, userOrigin: { file, name: "jane" } },
    {
      env,
      signal: new AbortController().signal,
      onWarning: (sentence) => warnings.push(sentence),
    },
  );
  return { file, opened };
}

const trust = { "idp-certificate-authority-data": Buffer.from(authority).toString("base64") };
const client = (url: string) => ({ "idp-issuer-url": url, "client-id": "kubernetes", ...trust });

test("an id-token that is valid is used, and nobody is asked", async (t) => {
  const token = jwt(600);
  const { opened } = open(t, { ...client("https://nowhere.invalid"), "id-token": token });
  assert.deepEqual(await (await opened).headers(), { Authorization: `Bearer ${token}` });
});

test("an id-token that has expired is renewed, and both tokens are written where the old ones stood", async (t) => {
  const renewed = jwt(600);
  const { url, requests } = await issuer(t, () => [
    200,
    { id_token: renewed, refresh_token: "r2", token_type: "bearer" },
  ]);
  const { opened, file } = open(t, { ...client(url), "id-token": jwt(-1), "refresh-token": "r1" });
  const { headers } = await opened;
  assert.deepEqual(await headers(), { Authorization: `Bearer ${renewed}` });
  assert.deepEqual(await headers(), { Authorization: `Bearer ${renewed}` });
  const form = { grant_type: "refresh_token", refresh_token: "r1", client_id: "kubernetes" };
  assert.deepEqual(requests, [
    { path: "/realm/.well-known/openid-configuration", authorization: undefined, form: {} },
    { path: "/realm/token", authorization: undefined, form },
  ]);
  const written = readFileSync(file, "utf8");
  assert.ok(written.includes(renewed) && /"?refresh-token"?: "?r2/.test(written), written);
  assert.match(written, /^# mine\n/);
  assert.match(written, /# by the provider/);
  assert.match(written, /token: joe/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("an id-token about to expire is renewed before it does", async (t) => {
  const { url, tokenRequests } = await issuer(t, () => [200, { id_token: jwt(600) }]);
  const { opened } = open(t, { ...client(url), "id-token": jwt(5), "refresh-token": "r" });
  await opened;
  assert.equal(tokenRequests().length, 1);
});

test("the CA of the provider may be a file", async (t) => {
  const { url } = await issuer(t, () => [200, { id_token: jwt(600) }]);
  const ca = join(mkdtempSync(join(tmpdir(), "oidc-ca-")), "ca.crt");
  t.after(() => rmSync(join(ca, ".."), { recursive: true }));
  writeFileSync(ca, authority);
  const { "idp-certificate-authority-data": _, ...rest } = client(url);
  const { opened } = open(t, { ...rest, "idp-certificate-authority": ca, "refresh-token": "r" });
  assert.match((await (await opened).headers())["Authorization"] as string, /^Bearer /);
});

test("a CA file of the provider that is not there is named", async (t) => {
  const { "idp-certificate-authority-data": _, ...rest } = client("https://login.example");
  const { opened } = open(t, { ...rest, "idp-certificate-authority": "/nowhere/ca", "refresh-token": "r" });
  await assert.rejects(opened, { message: "cannot read the identity provider's CA: /nowhere/ca: ENOENT" });
});

test("a provider whose CA is unknown is not trusted", async (t) => {
  const { url, requests } = await issuer(t, () => [200, { id_token: jwt(600) }]);
  const { opened } = open(t, { "idp-issuer-url": url, "client-id": "k", "refresh-token": "secret-refresh" });
  await assert.rejects(opened, {
    name: "Failure",
    message: /^cannot log in at https:\/\/127\.0\.0\.1:\d+: .*certificate/,
  });
  assert.deepEqual(requests, []);
});

test("a client secret is told in the header, and in the form to a provider that wants it there", async (t) => {
  const { url, tokenRequests } = await issuer(t, ({ form }) =>
    form["client_secret"] === "s:t" ? [200, { id_token: jwt(600) }] : [401, { error: "invalid_client" }],
  );
  const { opened } = open(t, { ...client(url), "client-secret": "s:t", "refresh-token": "r" });
  await opened;
  const [first, second] = tokenRequests();
  assert.equal(first?.authorization, `Basic ${Buffer.from("kubernetes:s%3At").toString("base64")}`);
  assert.equal(first?.form["client_secret"], undefined);
  assert.equal(second?.authorization, undefined);
  assert.equal(second?.form["client_id"], "kubernetes");
});

const refusals: readonly [what: string, answer: Answer, discovery: Answer | undefined, message: RegExp][] = [
  [
    "a refresh-token that is not good any more",
    [400, { error: "invalid_grant", error_description: "Token is not active" }],
    undefined,
    /^cannot log in at https:\S+: failed to refresh token: Token is not active$/,
  ],
  [
    "an answer without an id-token",
    [200, { access_token: "a" }],
    undefined,
    /token response did not contain an id_token/,
  ],
  ["a provider that is broken", [502, "<html>"], undefined, /failed to refresh token: status 502$/],
  ["a page that is no discovery document", [200, {}], [404, "not here"], /names no token_endpoint \(status 404\)$/],
];
for (const [what, answer, discovery, message] of refusals) {
  test(`${what} is a sentence without secrets`, async (t) => {
    const { url } = await issuer(t, () => answer, discovery);
    const { opened, file } = open(t, { ...client(url), "client-secret": "s3cret", "refresh-token": "r3fresh" });
    const before = readFileSync(file, "utf8");
    await assert.rejects(opened, (error: Error & { next: string[] }) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message + error.next.join(), /s3cret|r3fresh/);
      return true;
    });
    assert.equal(readFileSync(file, "utf8"), before);
  });
}

test("an expired id-token without a refresh-token says what to do", async (t) => {
  const { opened } = open(t, { ...client("https://login.example"), "id-token": jwt(-1) });
  await assert.rejects(opened, {
    message: "No valid id-token, and cannot refresh without refresh-token",
    next: ["log in again at https://login.example: the id-token of the kubeconfig has expired"],
  });
});

test("an id-token that is none is said, and not shown", async (t) => {
  const { opened } = open(t, { ...client("https://login.example"), "id-token": "t0ken" });
  await assert.rejects(opened, (error: Error) => {
    assert.match(error.message, /^the id-token of the kubeconfig is not a JSON Web Token/);
    assert.doesNotMatch(error.message, /t0ken/);
    return true;
  });
});

for (const field of ["idp-issuer-url", "client-id"]) {
  test(`an auth provider without ${field} is refused`, async (t) => {
    const { [field]: _, ...config } = client("https://login.example") as Record<string, string>;
    await assert.rejects(open(t, config).opened, {
      message: `Must provide ${field} in the auth-provider of the kubeconfig`,
    });
  });
}

test("a provider is reached through the proxy that the environment names", async (t) => {
  const targets: (string | undefined)[] = [];
  const proxy = createPlainServer().on("connect", ({ url }, socket) => {
    targets.push(url);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  const port = await listenOnLoopback(proxy);
  t.after(() => proxy.close());
  const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
  const { opened } = open(t, { ...client("https://login.example"), "refresh-token": "r" }, { env });
  await assert.rejects(opened, { name: "Failure", message: /proxy http:\/\/127\.0\.0\.1:\d+/ });
  assert.deepEqual(targets, ["login.example:443"]);
});

test("tokens that cannot be written are used all the same, with a warning", async (t) => {
  const { url } = await issuer(t, () => [200, { id_token: jwt(600) }]);
  const warnings: string[] = [];
  const { opened, file } = open(t, { ...client(url), "refresh-token": "r" }, { warnings });
  rmSync(file);
  assert.match((await (await opened).headers())["Authorization"] as string, /^Bearer /);
  assert.deepEqual(warnings, [
    `the new login could not be written to ${file} (ENOENT): the next one may have to be by hand`,
  ]);
});
