import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { changeCluster } from "../faults/kubeconfig.ts";
import { openHttpProxy, openSocksProxy, type TestProxy } from "../faults/proxies.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

/** The server under a name that only the proxies can look up: whatever arrives has come through one. */
const inside = "api.inside.invalid";
const login = "jane:s3cret";

let world: World;
let http: TestProxy;
let socks: TestProxy;
/** Leads to the server by that name, without naming a proxy. */
let named: string;
let port: string;
const folder = mkdtempSync(join(tmpdir(), "mkebackup-"));
const kubeconfig = (proxyUrl: string) =>
  changeCluster(named, join(folder, proxyUrl.replace(/\W+/g, "-")), { "proxy-url": proxyUrl });

before(async () => {
  world = await openWorld();
  const server = new URL(world.api.server);
  port = server.port || "443";
  const hosts = { [inside]: server.hostname };
  http = await openHttpProxy({ login, hosts });
  socks = await openSocksProxy({ login, hosts });
  named = changeCluster(world.kubeconfig, join(folder, "named"), {
    server: `https://${inside}:${port}`,
    "tls-server-name": await someName(server.hostname, Number(port)),
  });
});
after(async () => {
  await http.close();
  await socks.close();
  rmSync(folder, { recursive: true });
  await world.stop();
});

/** A name that the server's certificate is valid for. */
async function someName(host: string, at: number): Promise<string> {
  const socket = connect({ host, port: at, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const name = /DNS:([^,]+)/.exec(socket.getPeerCertificate().subjectaltname ?? "")?.[1];
  socket.destroy();
  return name ?? host;
}

for (const [scheme, proxy] of [
  ["http", () => http],
  ["socks5", () => socks],
] as const) {
  test(`a ${scheme} proxy-url carries every verb, and the tunnels to MinIO's pod`, async () => {
    const env = { KUBECONFIG: kubeconfig(`${scheme}://${login}@127.0.0.1:${proxy().port}`) };
    assertExit(await world.run("list", env), 0);
    assertExit(await world.run("status", env), 0);
    const name = uniqueName("behind");
    assertExit(await world.run(`create ${name} --include-namespaces shop`, env), 0);
    await world.api.patch("/api/v1/namespaces/shop/configmaps/settings", { data: { [name]: "changed" } });
    const restored = await world.run(`restore ${name} --restore-name ${name}-over --yes`, env);
    assertExit(restored, 0);
    // Only the results in the bucket know this, and the bucket is behind the API server.
    assert.match(restored.stdout, /ConfigMap exists and differs from the backup's/);
    assert.deepEqual([...new Set(proxy().asked)], [`CONNECT ${inside}:${port}`]);
  });
}

test("HTTPS_PROXY is used, said in the log without its password, and NO_PROXY keeps out of it", async () => {
  const env = { KUBECONFIG: named, HTTPS_PROXY: `http://${login}@127.0.0.1:${http.port}` };
  const listed = await world.run("list --log-level=trace", env);
  assertExit(listed, 0);
  const line = `debug: CONNECT ${inside}:${port} through proxy http://127.0.0.1:${http.port} (HTTPS_PROXY) 200 in `;
  assert.ok(listed.stderr.includes(line), listed.stderr);
  assert.doesNotMatch(listed.stderr, /s3cret/);

  const direct = await world.run("list", { ...env, NO_PROXY: `localhost,.inside.invalid:${port}` });
  assertExit(direct, 1);
  assert.match(direct.stderr, /^Unable to connect to the server: dial tcp: lookup api\.inside\.invalid: /);
  // A loopback address never goes through the environment's proxy.
  assertExit(await world.run(`list --server https://127.0.0.1:9`, env), 1);
});

test("proxy-url wins over the environment and over NO_PROXY", async () => {
  const env = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "*" };
  const through = { ...env, KUBECONFIG: kubeconfig(`socks5://${login}@127.0.0.1:${socks.port}`) };
  assertExit(await world.run("list", through), 0);
});

test("a proxy that wants a login, takes none, is not there or not known is one sentence and where it was named", async () => {
  const place = (url: string) => `the proxy ${url} is named by HTTPS_PROXY`;
  const at = `http://127.0.0.1:${http.port}`;
  const list = (proxy: string) => world.run("list --request-timeout=5s", { KUBECONFIG: named, HTTPS_PROXY: proxy });

  const none = await list(at);
  assertExit(none, 1);
  const refused = `Unable to connect to the server: proxy ${at} for ${inside}:${port}: Proxy Authentication Required\n`;
  assert.equal(
    none.stderr,
    `${refused}next  it wants a user and a password: write them into its URL, http://USER:PASSWORD@127.0.0.1:${http.port}\n      ${place(at)}\n`,
  );
  const wrong = await list(`http://jane:wr0ng@127.0.0.1:${http.port}`);
  assertExit(wrong, 1);
  assert.equal(
    wrong.stderr,
    `${refused}next  it did not take the user and the password in its URL\n      ${place(at)}\n`,
  );
  const gone = await list("http://jane:s3cret@127.0.0.1:9");
  assertExit(gone, 1);
  assert.equal(
    gone.stderr,
    `Unable to connect to the server: proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused\nnext  ${place("http://127.0.0.1:9")}\n`,
  );
  const unknown = await list("proxy.nowhere.invalid:3128");
  assertExit(unknown, 1);
  assert.match(
    unknown.stderr,
    /: proxyconnect tcp: dial tcp: lookup proxy\.nowhere\.invalid: .*\nnext {2}the proxy http:/,
  );
  const scheme = await list("ftp://jane:s3cret@proxy");
  assertExit(scheme, 1);
  assert.equal(scheme.stderr, 'error: HTTPS_PROXY: unsupported scheme "ftp", must be http, https, or socks5\n');
});

test("a proxy that forbids the server is told with its words", async () => {
  const strict = await openHttpProxy({ refuseWith: 403 });
  const outcome = await world.run("list", { KUBECONFIG: kubeconfig(`http://127.0.0.1:${strict.port}`) });
  await strict.close();
  assertExit(outcome, 1);
  assert.match(
    outcome.stderr,
    /^Unable to connect to the server: proxy http:\S+ for \S+: Forbidden \(status 403\)\nnext {2}the proxy \S+ is named by proxy-url of the kubeconfig\n$/,
  );
});
