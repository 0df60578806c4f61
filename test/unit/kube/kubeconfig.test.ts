import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { kubeconfigFiles, readKubeconfig } from "../../../src/kube/kubeconfig.ts";

/** A folder with the files that are given; returns a function that makes their paths. */
function folder(t: TestContext, files: Record<string, string>): (name: string) => string {
  const root = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return (name) => join(root, name);
}

const one = `
current-context: first
contexts: [{name: first, context: {cluster: a, user: jane}}]
clusters: [{name: a, cluster: {server: "https://one"}}]
users: [{name: jane, user: {token: one}}]
`;
const two = `
current-context: second
contexts:
- {name: first, context: {cluster: other, user: other}}
- {name: second, context: {cluster: b, user: joe}}
clusters:
- {name: a, cluster: {server: "https://two", insecure-skip-tls-verify: true}}
- {name: b, cluster: {server: "https://b"}}
users: [{name: jane, user: {token: two}}, {name: joe, user: {token: joe}}]
`;
const listed = (...files: string[]) => readKubeconfig(undefined, { KUBECONFIG: files.join(delimiter) });

test("of several files the first to set a name wins, with its whole entry", async (t) => {
  const file = folder(t, { one, two });
  const config = await listed(file("one"), file("two"));
  assert.deepEqual(config.contexts.get("first"), { cluster: "a", user: "jane" });
  assert.deepEqual(config.clusters.get("a"), { server: "https://one" });
  assert.deepEqual(
    [...config.users],
    [
      ["jane", { token: "one" }],
      ["joe", { token: "joe" }],
    ],
  );
});

test("the first file that has a current context decides it", async (t) => {
  const file = folder(t, { one, two, empty: 'current-context: ""', without: "kind: Config" });
  assert.equal((await listed(file("one"), file("two"))).currentContext, "first");
  assert.equal((await listed(file("two"), file("one"))).currentContext, "second");
  assert.equal((await listed(file("empty"), file("without"), file("two"))).currentContext, "second");
});

test("files that do not exist and empty entries of KUBECONFIG are skipped", async (t) => {
  const file = folder(t, { one });
  const config = await readKubeconfig(undefined, {
    KUBECONFIG: ["", file("missing"), file("one"), ""].join(delimiter),
  });
  assert.deepEqual([...config.contexts.keys()], ["first"]);
  assert.deepEqual((await listed(file("missing"))).contexts.size, 0);
});

test("a file that is listed twice is read once", () => {
  const { files } = kubeconfigFiles(undefined, { KUBECONFIG: ["/a", "/b", "/a"].join(delimiter) });
  assert.deepEqual(files, ["/a", "/b"]);
});

test("--kubeconfig is read alone, and has to exist", async (t) => {
  const file = folder(t, { one, two });
  assert.deepEqual([...(await readKubeconfig(file("two"), { KUBECONFIG: file("one") })).users.keys()], ["jane", "joe"]);
  await assert.rejects(readKubeconfig(file("missing"), { KUBECONFIG: file("one") }), {
    message: `the kubeconfig file ${file("missing")} does not exist`,
  });
});

test("without flag and KUBECONFIG it is ~/.kube/config", async (t) => {
  const file = folder(t, { ".kube/config": one });
  assert.equal((await readKubeconfig(undefined, { HOME: file(".") })).currentContext, "first");
  assert.equal((await readKubeconfig(undefined, { HOME: file("."), KUBECONFIG: "" })).currentContext, "first");
});

test("paths are relative to the file that names them", async (t) => {
  const text = `
clusters: [{name: a, cluster: {server: "s", certificate-authority: pki/ca.crt}}]
users:
- name: jane
  user: {client-certificate: ../jane.crt, client-key: /abs/jane.key, tokenFile: token}
- name: bare
  user: {client-certificate: ""}
`;
  const file = folder(t, { "deep/config": text });
  const { clusters, users } = await listed(file("deep/config"));
  assert.equal(clusters.get("a")?.["certificate-authority"], file("deep/pki/ca.crt"));
  assert.deepEqual(users.get("jane"), {
    "client-certificate": file("jane.crt"),
    "client-key": "/abs/jane.key",
    tokenFile: file("deep/token"),
  });
  assert.deepEqual(users.get("bare"), {});
});

test("two entries with one name in a file are refused", async (t) => {
  const text = "users: [{name: jane, user: {token: first}}, {name: jane, user: {token: second}}]";
  const file = folder(t, { config: text });
  await assert.rejects(listed(file("config")), { message: /it has two users named "jane"$/ });
});

for (const [text, problem] of [
  ["users: {}", "users has to be a list"],
  ["users: [jane]", "users holds something that is no map"],
  ["users: [{name: a, user: [b]}]", 'user "a" has to be a map'],
  ["users: [{name: a, user: {as-groups: b}}]", 'as-groups of user "a" has to be a list'],
  ["users: [{name: a, user: {as-user-extra: {b: c}}}]", 'as-user-extra b of user "a" has to be a list'],
  ["users: [{name: a, user: {exec: b}}]", 'exec of user "a" has to be a map'],
  ["current-context: 7", "current-context has to be text: put it in quotes"],
] as const) {
  test(`"${text}" is refused: ${problem}`, async (t) => {
    const file = folder(t, { config: text });
    await assert.rejects(listed(file("config")), {
      name: "Failure",
      message: `cannot read the kubeconfig file ${file("config")}: ${problem}`,
    });
  });
}

test("empty files and lists are no error, nor are entries without a body", async (t) => {
  const file = folder(t, {
    empty: "",
    lists: "users: null\ncontexts: []\nclusters: [{name: a}, {name: b, cluster: null}]",
  });
  const { clusters, users } = await listed(file("empty"), file("lists"));
  assert.deepEqual(
    [...clusters],
    [
      ["a", {}],
      ["b", {}],
    ],
  );
  assert.equal(users.size, 0);
});

test("a JSON file is read too", async (t) => {
  const file = folder(t, { json: JSON.stringify({ "current-context": "x", clusters: [] }) });
  assert.equal((await listed(file("json"))).currentContext, "x");
});

for (const [what, text] of [
  ["broken YAML", "a: [b"],
  ["a list", "- a"],
  ["a plain word", "hello"],
] as const) {
  test(`a file that holds ${what} is refused by name`, async (t) => {
    const file = folder(t, { config: text });
    await assert.rejects(listed(file("config")), (error: Error) => {
      assert.ok(error.message.startsWith(`cannot read the kubeconfig file ${file("config")}: `), error.message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}
