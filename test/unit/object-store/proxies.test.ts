import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { after, before, type TestContext, test } from "node:test";
import { routeTo } from "../../../src/kube/route.ts";
import type { BucketSettings } from "../../../src/object-store/object-store.ts";
import { openObjectStore } from "../../../src/object-store/open.ts";
import { openHttpProxy, openSocksProxy, type TestProxy } from "../../faults/proxies.ts";
import { createCertificates } from "../../sandbox/certificates.ts";
import { fakeCluster } from "../fake-cluster.ts";

/** Only the proxies know where this is. */
const host = "store.outside.invalid";
const certificates = createCertificates([host]);
const { key, certificate: cert } = certificates.server;
const login = "jane:s3cret";
const { signal } = new AbortController();
const keys = { accessKeyId: "a", secretAccessKey: "s" };

const plain = createServer((_, response) => response.end("content"));
const secure = createSecureServer({ key, cert }, (_, response) => response.end("content"));
let proxies: Record<"http" | "socks5", TestProxy>;
before(async () => {
  for (const server of [plain, secure])
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const hosts = { [host]: "127.0.0.1" };
  proxies = { http: await openHttpProxy({ login, hosts }), socks5: await openSocksProxy({ login, hosts }) };
});
after(async () => {
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    server.close();
  }
  await proxies.http.close();
  await proxies.socks5.close();
});

const portOf = (server: typeof plain | typeof secure) => (server.address() as AddressInfo).port;

/** A store in an environment of these variables. */
function storeWith(t: TestContext, env: NodeJS.ProcessEnv) {
  const route = (server: string, tls: Parameters<typeof routeTo>[0]["tls"]) => routeTo({ server, tls }, { env });
  const store = openObjectStore(fakeCluster({}), { route });
  t.after(() => store.close());
  return store;
}

for (const scheme of ["http", "socks5"] as const) {
  test(`an external store behind TLS is reached through a ${scheme} proxy, by links and by keys`, async (t) => {
    const proxy = `${scheme}://${login}@127.0.0.1:${proxies[scheme].port}`;
    const store = storeWith(t, { HTTPS_PROXY: proxy });
    const trust = { ca: certificates.authority, insecureSkipTlsVerify: false };
    const opened = await store.open(new URL(`https://${host}:${portOf(secure)}/b/file?X-Amz-Signature=1`), trust, {
      signal,
    });
    assert.equal((await buffer(opened.content)).toString(), "content");
    assert.equal(opened.way, `by proxy ${scheme}://127.0.0.1:${proxies[scheme].port}`);
    const endpoint = `https://${host}:${portOf(secure)}`;
    const settings: BucketSettings = { bucket: "b", region: "r", endpoint, forcePathStyle: true, ...trust };
    assert.equal(
      (await buffer((await store.bucket(settings, keys).open("file", { signal })).content)).toString(),
      "content",
    );
    assert.deepEqual([...new Set(proxies[scheme].asked)], [`CONNECT ${host}:${portOf(secure)}`]);
  });
}

test("a proxy passes plain requests on, with the whole URL", async (t) => {
  const store = storeWith(t, { HTTP_PROXY: `http://${login}@127.0.0.1:${proxies.http.port}` });
  const url = `http://${host}:${portOf(plain)}/b/file`;
  const trust = { ca: undefined, insecureSkipTlsVerify: false };
  const { content } = await store.open(new URL(url), trust, { signal });
  assert.equal((await buffer(content)).toString(), "content");
  assert.ok(proxies.http.asked.includes(`GET ${url}`), proxies.http.asked.join("\n"));
});

test("NO_PROXY keeps out of it, and what only pods can reach never goes by a proxy", async (t) => {
  const env = { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: host };
  const store = storeWith(t, env);
  const trust = { ca: undefined, insecureSkipTlsVerify: false };
  await assert.rejects(store.open(new URL(`https://${host}:1/b/file`), trust, { signal }), {
    message: /^cannot reach the object store store\.outside\.invalid:1: dial tcp: lookup /,
  });
  await assert.rejects(store.open(new URL("http://minio.mke.svc:9000/b/file"), trust, { signal }), {
    message: 'services "minio" not found',
  });
});

test("a proxy that refuses is told of the store, without the link", async (t) => {
  const store = storeWith(t, { HTTPS_PROXY: `http://127.0.0.1:${proxies.http.port}` });
  const trust = { ca: undefined, insecureSkipTlsVerify: false };
  const url = new URL(`https://${host}:${portOf(secure)}/b/file?X-Amz-Signature=1`);
  await assert.rejects(store.open(url, trust, { signal }), (error: { message: string; reason: string }) => {
    const at = `${host}:${portOf(secure)}`;
    const proxy = `http://127.0.0.1:${proxies.http.port}`;
    assert.equal(
      error.message,
      `cannot reach the object store ${at}: proxy ${proxy} for ${at}: Proxy Authentication Required`,
    );
    assert.equal(error.reason, "ProxyRefused");
    return true;
  });
});

for (const scheme of ["http", "socks5"] as const) {
  test(`step by step through a ${scheme} proxy: it is named, and the store's certificate is seen behind it`, async (t) => {
    const proxy = `${scheme}://${login}@127.0.0.1:${proxies[scheme].port}`;
    const endpoint = `https://${host}:${portOf(secure)}`;
    const settings = { bucket: "b", region: "r", endpoint, forcePathStyle: true, insecureSkipTlsVerify: false };
    const trusted = storeWith(t, { HTTPS_PROXY: proxy }).probe?.(
      { ...settings, ca: certificates.authority },
      () => keys,
    );
    const label = `${scheme}://127.0.0.1:${proxies[scheme].port}`;
    assert.deepEqual(await trusted?.find(signal), { by: "proxy", label });
    assert.equal(await trusted?.connect(signal), `by proxy ${label}`);
    assert.ok((await trusted?.secure(signal))?.names.includes(host));
    assert.equal((await trusted?.ask({ method: "GET" }, signal))?.content.toString(), "content");

    const untrusted = storeWith(t, { HTTPS_PROXY: proxy }).probe?.({ ...settings, ca: undefined }, () => keys);
    assert.equal(await untrusted?.connect(signal), `by proxy ${label}`);
    await assert.rejects(async () => untrusted?.secure(signal), { reason: "Untrusted" });
  });
}

test("step by step through a proxy that refuses, or that is not there", async (t) => {
  const settings = { bucket: "b", region: "r", endpoint: `https://${host}:1`, forcePathStyle: true };
  const trust = { ca: undefined, insecureSkipTlsVerify: false };
  for (const [port, words] of [
    [proxies.http.port, /proxy \S+ for \S+: Proxy Authentication Required$/],
    [9, /proxyconnect tcp: dial tcp 127\.0\.0\.1:9: connect: connection refused$/],
  ] as const) {
    const probe = storeWith(t, { HTTPS_PROXY: `http://127.0.0.1:${port}` }).probe?.(
      { ...settings, ...trust },
      () => keys,
    );
    await assert.rejects(async () => probe?.connect(signal), { message: words });
  }
});
