import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { keepAlive } from "../../../src/kube/connections.ts";
import { openProxyRoute } from "../../../src/kube/proxy.ts";
import { chooseProxy } from "../../../src/kube/proxy-choice.ts";
import { openSilentPort } from "../../faults/faults.ts";
import { openHttpProxy, openSocksProxy, type TestProxy, type TestProxyOptions } from "../../faults/proxies.ts";
import { createCertificates } from "../../sandbox/certificates.ts";
import { json, localServer, transportTo } from "./local-server.ts";

const certificates = createCertificates();
const own = { ca: certificates.authority, rejectUnauthorized: true };
const read = { method: "GET", path: "/x?a=1" } as const;
/** A name that only the proxy can look up. */
const hosts = { "api.inside": "127.0.0.1" };

async function secureServer(t: TestContext): Promise<number> {
  const { key, certificate: cert } = certificates.server;
  const server = createServer({ key, cert }, (request, response) => {
    response.end(JSON.stringify({ path: request.url, secret: request.headers["proxy-authorization"] ?? "kept" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A transport that goes through a proxy, and the lines it logged. */
async function through(t: TestContext, server: string, proxyUrl: string, options: { timeout?: number } = {}) {
  const proxy = chooseProxy(server, proxyUrl, {});
  assert.ok(proxy !== undefined);
  const connects: (number | string)[] = [];
  // The certificate is for localhost, whatever the name inside is.
  const tls = { ...own, servername: "localhost" };
  const onConnect = (status: number | string) => connects.push(status);
  const route = await openProxyRoute({ server, proxy, tls, keepAlive, onConnect });
  const transport = await transportTo(t, server, { route, ...options });
  return { transport, connects };
}

async function opened(t: TestContext, opening: Promise<TestProxy>): Promise<TestProxy> {
  const proxy = await opening;
  t.after(() => proxy.close());
  return proxy;
}

const kinds: [scheme: string, open: (options?: TestProxyOptions) => Promise<TestProxy>][] = [
  ["http", (options) => openHttpProxy(options)],
  ["https", (options) => openHttpProxy(options, certificates)],
  ["socks5", (options) => openSocksProxy(options)],
];
for (const [scheme, open] of kinds) {
  test(`a ${scheme} proxy looks the server's name up, and the cluster's TLS goes through to the server`, async (t) => {
    const proxy = await opened(t, open({ hosts }));
    const port = await secureServer(t);
    const server = `https://api.inside:${port}`;
    const { transport, connects } = await through(t, server, `${scheme}://localhost:${proxy.port}`);
    assert.deepEqual(await transport.json(read), { path: "/x?a=1", secret: "kept" });
    await transport.json(read);
    assert.deepEqual(proxy.asked, [`CONNECT api.inside:${port}`], "one connection is used for both");
    assert.deepEqual(connects, [200]);
  });

  test(`a ${scheme} proxy takes user and password, and refuses others without the password being said`, async (t) => {
    const proxy = await opened(t, open({ login: "jane:s@cret" }));
    const server = `https://127.0.0.1:${await secureServer(t)}`;
    const at = (login: string) => `${scheme}://${login}localhost:${proxy.port}`;
    const good = await through(t, server, at("jane:s%40cret@"));
    assert.deepEqual(await good.transport.json(read), { path: "/x?a=1", secret: "kept" });
    const bad = await through(t, server, at("jane:wr0ng@"));
    await assert.rejects(bad.transport.json(read), (error: Error & { reason: string; next: string[] }) => {
      assert.equal(error.reason, "ProxyRefused");
      assert.match(error.message, /Proxy Authentication Required|refused the user or the password/);
      assert.match(
        error.next.join("\n"),
        new RegExp(`the proxy ${scheme}://localhost:${proxy.port} is named by proxy-url`),
      );
      assert.doesNotMatch(`${error.message}${error.next}${bad.connects}`, /wr0ng/);
      return true;
    });
    const none = await through(t, server, at(""));
    await assert.rejects(none.transport.json(read), { reason: "ProxyRefused", message: /Authentication|wants a user/ });
  });

  test(`a ${scheme} proxy that is not there is told with its address, and where it was named`, async (t) => {
    const { transport } = await through(t, "https://api.inside:6443", `${scheme}://jane:secret@127.0.0.1:1`);
    await assert.rejects(transport.json(read), {
      reason: "Unreachable",
      message:
        /^Unable to connect to the server: .*connect.* tcp.*: dial tcp 127\.0\.0\.1:1: connect: connection refused$/,
      next: [`the proxy ${scheme}://127.0.0.1:1 is named by proxy-url of the kubeconfig`],
    });
  });

  test(`a ${scheme} proxy that says nothing is given up after the timeout, and holds nothing up`, async (t) => {
    const silent = await openSilentPort();
    t.after(() => silent.close());
    const url = `${scheme}://127.0.0.1:${silent.port}`;
    const { transport } = await through(t, "https://api.inside:6443", url, { timeout: 60 });
    await assert.rejects(transport.json(read), {
      message: `Unable to connect to the server: no connection to api.inside:6443 through the proxy ${url} within 0.06s`,
    });
    transport.close();
  });

  test(`a server on plain HTTP is reached through a ${scheme} proxy`, async (t) => {
    const proxy = await opened(t, open({ login: "jane:secret" }));
    const server = await localServer(t, json({ ok: true }));
    const { transport } = await through(t, server.url, `${scheme}://jane:secret@localhost:${proxy.port}`);
    assert.deepEqual(await transport.json(read), { ok: true });
    // An HTTP proxy passes plain requests on itself: many let nobody tunnel to other ports than 443.
    const asked = scheme === "socks5" ? `CONNECT 127.0.0.1:${server.port}` : `GET ${server.url}/x?a=1`;
    assert.deepEqual(proxy.asked, [asked]);
    assert.equal(server.requests[0]?.headers.host, `127.0.0.1:${server.port}`);
  });
}

test("a proxy that forbids the server is told with its words", async (t) => {
  const proxy = await opened(t, openHttpProxy({ refuseWith: 403 }));
  const { transport } = await through(t, "https://api.inside:6443", `http://127.0.0.1:${proxy.port}`);
  await assert.rejects(transport.json(read), {
    reason: "ProxyRefused",
    message: `Unable to connect to the server: proxy http://127.0.0.1:${proxy.port} for api.inside:6443: Forbidden (status 403)`,
  });
});

test("a SOCKS proxy that cannot reach the server is told with its words", async (t) => {
  const proxy = await opened(t, openSocksProxy({ refuseWith: 4 }));
  const { transport } = await through(t, "https://api.inside:6443", `socks5://127.0.0.1:${proxy.port}`);
  await assert.rejects(transport.json(read), {
    message: `Unable to connect to the server: socks connect tcp 127.0.0.1:${proxy.port}: host unreachable`,
  });
});

test("IPv6 addresses go to a SOCKS proxy as addresses", async (t) => {
  const proxy = await opened(t, openSocksProxy({ refuseWith: 4 }));
  const { transport } = await through(t, "https://[fd00::1:2]:6443", `socks5://127.0.0.1:${proxy.port}`);
  await assert.rejects(transport.json(read));
  assert.deepEqual(proxy.asked, ["CONNECT fd00:0000:0000:0000:0000:0000:0001:0002:6443"]);
});

test("the server's certificate is checked through the proxy too", async (t) => {
  const proxy = await opened(t, openHttpProxy({ hosts }));
  const server = `https://api.inside:${await secureServer(t)}`;
  const chosen = chooseProxy(server, `http://127.0.0.1:${proxy.port}`, {});
  assert.ok(chosen !== undefined);
  const route = await openProxyRoute({ server, proxy: chosen, tls: own, keepAlive, onConnect: () => undefined });
  const transport = await transportTo(t, server, { route });
  await assert.rejects(transport.json(read), {
    reason: "Untrusted",
    message: /x509: certificate is valid for localhost, not api\.inside$/,
  });
});

test("an HTTPS proxy whose certificate nobody vouches for is not trusted with the login", async (t) => {
  const proxy = await opened(t, openHttpProxy({}, createCertificates()));
  const { transport } = await through(t, "https://api.inside:6443", `https://jane:secret@localhost:${proxy.port}`);
  await assert.rejects(transport.json(read), {
    message: /^Unable to connect to the server: proxyconnect tcp: tls: failed to verify certificate: x509: /,
  });
  assert.deepEqual(proxy.asked, []);
});
