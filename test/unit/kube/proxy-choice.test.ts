import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseProxy } from "../../../src/kube/proxy-choice.ts";

const proxy = "http://proxy:3128";
const label = (server: string, env: NodeJS.ProcessEnv, proxyUrl?: string) => chooseProxy(server, proxyUrl, env)?.label;

const values: [value: string, label: string][] = [
  ["http://proxy:3128", "http://proxy:3128"],
  ["https://proxy", "https://proxy:443"],
  ["http://proxy", "http://proxy:80"],
  ["socks5://proxy", "socks5://proxy:1080"],
  ["socks5h://proxy:1081", "socks5h://proxy:1081"],
  ["proxy:3128", "http://proxy:3128"],
  ["10.0.0.1:3128", "http://10.0.0.1:3128"],
  ["http://[fd00::1]:3128", "http://[fd00::1]:3128"],
  ["http://jane:s%40cret@proxy:3128/", "http://proxy:3128"],
];
for (const [value, expected] of values) {
  test(`a proxy can be written as ${value}`, () => {
    assert.equal(label("https://api:6443", { HTTPS_PROXY: value }), expected);
    assert.equal(label("https://api:6443", {}, value), expected);
  });
}

test("user and password are unescaped, and not in the label", () => {
  const chosen = chooseProxy("https://api:6443", "http://ja%3Ane:s%40cret@proxy:3128", {});
  assert.deepEqual(chosen?.login, { user: "ja:ne", password: "s@cret" });
  assert.doesNotMatch(chosen.label, /cret|ne/);
});

test("other schemes, and no URL at all, are refused without repeating the password", () => {
  assert.throws(() => label("https://api", {}, "ftp://jane:secret@proxy"), {
    message: 'proxy-url of the kubeconfig: unsupported scheme "ftp", must be http, https, or socks5',
  });
  assert.throws(() => label("https://api", { HTTPS_PROXY: "http://jane:sec ret@:1" }), {
    message: "HTTPS_PROXY is no URL of a proxy",
  });
  for (const unescaped of ["http://jane:12#cret@proxy:3128", "jane:12/cret@proxy:3128", "http://jane:12?@proxy"]) {
    assert.throws(() => label("https://api", {}, unescaped), {
      message: "proxy-url of the kubeconfig is no URL of a proxy",
    });
  }
});

test("the variable is the one for the server's protocol, capitals first, and an empty one is none", () => {
  const [https, http] = ["https://api:6443", "http://api:8001"];
  assert.equal(label(https, { HTTP_PROXY: proxy, ALL_PROXY: proxy }), undefined);
  assert.equal(label(http, { HTTPS_PROXY: proxy }), undefined);
  assert.equal(label(http, { HTTP_PROXY: proxy }), proxy);
  assert.equal(label(https, { HTTPS_PROXY: "http://a:1", https_proxy: "http://b:1" }), "http://a:1");
  assert.equal(label(https, { HTTPS_PROXY: "", https_proxy: "http://b:1" }), "http://b:1");
  assert.equal(label(http, { http_proxy: "http://b:1" }), "http://b:1");
  assert.equal(chooseProxy(https, undefined, { https_proxy: proxy })?.source, "https_proxy");
});

test("proxy-url wins over the environment, and NO_PROXY and loopback say nothing about it", () => {
  const env = { HTTPS_PROXY: "http://other:1", NO_PROXY: "*" };
  assert.equal(label("https://api:6443", env, proxy), proxy);
  assert.equal(label("https://127.0.0.1:6443", {}, proxy), proxy);
  assert.equal(label("https://api:6443", { HTTPS_PROXY: proxy }, ""), proxy);
});

for (const server of ["localhost:6443", "127.0.0.1:6443", "127.8.9.10", "[::1]:6443"]) {
  test(`${server} is never reached through the environment's proxy`, () => {
    assert.equal(label(`https://${server}`, { HTTPS_PROXY: proxy }), undefined);
  });
}

const exceptions: [entry: string, server: string, isDirect: boolean][] = [
  ["*", "api.example.com", true],
  ["example.com", "example.com", true],
  ["example.com", "api.example.com", true],
  ["example.com", "badexample.com", false],
  ["EXAMPLE.com", "api.example.com", true],
  [".example.com", "api.example.com", true],
  [".example.com", "example.com", false],
  ["*.example.com", "api.example.com", true],
  ["*.example.com", "example.com", false],
  ["example.com:6443", "api.example.com:6443", true],
  ["example.com:6443", "api.example.com:443", false],
  ["example.com:443", "api.example.com", true],
  ["other.com, example.com ,", "api.example.com", true],
  ["10.0.0.0/8", "10.1.2.3", true],
  ["10.0.0.0/8", "11.1.2.3", false],
  ["10.0.0.0/8", "ten.example.com", false],
  ["10.0.0.0/33", "10.1.2.3", false],
  ["172.30.0.1", "172.30.0.1:6443", true],
  ["172.30.0.1:6443", "172.30.0.1:6443", true],
  ["172.30.0.1:443", "172.30.0.1:6443", false],
  ["fd00::/8", "[fd00::1]:6443", true],
  ["fd00::1", "[fd00:0::1]:6443", true],
  ["[fd00::1]:6443", "[fd00::1]:6443", true],
  ["[fd00::1]:443", "[fd00::1]:6443", false],
  ["bücher.example", "xn--bcher-kva.example", true],
  ["", "api.example.com", false],
  [":6443", "api.example.com:6443", false],
];
for (const [entry, server, isDirect] of exceptions) {
  test(`NO_PROXY=${entry} ${isDirect ? "means" : "does not mean"} ${server}`, () => {
    const expected = isDirect ? undefined : proxy;
    assert.equal(label(`https://${server}`, { HTTPS_PROXY: proxy, NO_PROXY: entry }), expected);
    assert.equal(label(`https://${server}`, { HTTPS_PROXY: proxy, no_proxy: entry }), expected);
  });
}
