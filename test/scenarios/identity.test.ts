// Who the client is: what plugins, token files and impersonation make of a request, as the API server sees it.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { createUser } from "./restricted-user.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

type Account = Awaited<ReturnType<typeof createUser>> & { readonly name: string };

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const group = "rbac.authorization.k8s.io";
const readBackups = {
  apiGroups: ["velero.io"],
  resources: ["backups", "backupstoragelocations"],
  verbs: ["get", "list"],
};

let world: World;
let reader: Account;
let stranger: Account;
const folder = mkdtempSync(join(tmpdir(), "identity-"));
const undo: (() => Promise<void>)[] = [];

before(async () => {
  world = await openWorld();
  const account = async (word: string, rules: (typeof readBackups)[]): Promise<Account> => {
    const name = uniqueName(word);
    const made = { ...(await createUser(world.api, name, rules)), name };
    undo.push(() => made.remove());
    return made;
  };
  reader = await account("reader", [readBackups]);
  stranger = await account("stranger", []);
});

after(async () => {
  for (const step of undo.toReversed()) await step();
  rmSync(folder, { recursive: true });
  await world.stop();
});

/** A kubeconfig of the world's cluster with this user; returns the variables that choose it. */
function asUser(user: object): NodeJS.ProcessEnv {
  const { clusters } = parse(readFileSync(world.kubeconfig, "utf8")) as { clusters: { name: string }[] };
  const file = join(folder, uniqueName("config"));
  const contexts = [{ name: "own", context: { cluster: clusters[0]?.name, user: "own" } }];
  writeFileSync(file, JSON.stringify({ "current-context": "own", contexts, clusters, users: [{ name: "own", user }] }));
  return { KUBECONFIG: file };
}

/** A credential plugin of this shell script, and the user that it logs in. */
function plugin(script: string, more: object = {}): { exec: object } {
  const name = uniqueName("plugin");
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  const apiVersion = "client.authentication.k8s.io/v1";
  // The kubeconfig lies beside it.
  return { exec: { apiVersion, command: `./${name}`, interactiveMode: "Never", ...more } };
}

const granting = (status: object): string => {
  const answer = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
  return `cat <<'EOF'\n${JSON.stringify(answer)}\nEOF`;
};

const forbidden = (user: string, resource: string) =>
  new RegExp(`^Error from server \\(Forbidden\\): .*User "${user}" cannot list resource "${resource}"`, "m");

test("a plugin's token is who one is", async () => {
  const env = asUser(plugin(granting({ token: reader.token })));
  assertExit(await world.run("list", env), 0);
  const restores = await world.run("list restores", env);
  assertExit(restores, 1);
  assert.match(restores.stderr, forbidden(`system:serviceaccount:mke:${reader.name}`, "restores"));
});

test("a plugin's client certificate is who one is", async (t) => {
  const { users } = parse(readFileSync(world.kubeconfig, "utf8")) as { users: { user: Record<string, string> }[] };
  const { user = {} } = users[0] ?? {};
  if (!user["client-certificate"] && !user["client-certificate-data"])
    return t.skip("the administrator of this cluster has no client certificate");
  const pem = (name: string) =>
    user[`${name}-data`] ? Buffer.from(user[`${name}-data`] ?? "", "base64") : readFileSync(user[name] ?? "");
  const status = {
    clientCertificateData: String(pem("client-certificate")),
    clientKeyData: String(pem("client-key")),
  };
  assertExit(await world.run("list restores", asUser(plugin(granting(status)))), 0);
});

test("a plugin whose token nobody knows is kubectl's sentence", async () => {
  const outcome = await world.run("list", asUser(plugin(granting({ token: "wrong" }))));
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /^error: You must be logged in to the server/);
});

test("a plugin that fails is heard, and named with its exit code", async () => {
  const outcome = await world.run("list", asUser(plugin("echo 'the session has expired: run login' >&2; exit 3")));
  assertExit(outcome, 1);
  assert.match(
    outcome.stderr,
    /^the session has expired: run login\nUnable to connect to the server: getting credentials: exec: executable \S+plugin-\S+ failed with exit code 3\n/,
  );
});

test("a plugin that has to ask says that there is no terminal", async () => {
  const outcome = await world.run("list", asUser(plugin("exit 9", { interactiveMode: "Always" })));
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /exec plugin cannot support interactive mode: standard input is not a terminal/);
});

test("a plugin that is not installed says how to install it", async () => {
  const exec = { ...plugin("").exec, command: "no-such-plugin", installHint: "Install it:\n  apt install plugin" };
  const outcome = await world.run("list", asUser({ exec }));
  assertExit(outcome, 1);
  assert.equal(
    outcome.stderr,
    "Unable to connect to the server: getting credentials: exec: executable no-such-plugin not found\n" +
      "next  Install it:\n        apt install plugin\n",
  );
});

test("a token file counts as it stands now", async () => {
  const tokenFile = join(folder, "token");
  const env = asUser({ tokenFile: "token" });
  writeFileSync(tokenFile, `${reader.token}\n`);
  assertExit(await world.run("list", env), 0);
  writeFileSync(tokenFile, stranger.token);
  const outcome = await world.run("list -n mke", env);
  assertExit(outcome, 1);
  assert.match(outcome.stderr, forbidden(`system:serviceaccount:mke:${stranger.name}`, "backups"));
});

test("a user without anything is nobody", async () => {
  const outcome = await world.run("list -n mke", asUser({}));
  assertExit(outcome, 1);
  // Which of the two it is is up to the API server's --anonymous-auth.
  assert.match(outcome.stderr, /User "system:anonymous" cannot list|^error: You must be logged in to the server/);
});

test("--as and --as-group act with the rights of that user and that group alone", async () => {
  const [user, members] = [uniqueName("jane"), uniqueName("readers")];
  await grant([readBackups], { kind: "User", name: user });
  await grant([readBackups], { kind: "Group", name: members });
  assertExit(await world.run(`list --as ${user}`), 0);
  assertExit(await world.run(`list --as someone --as-group ${members}`), 0);

  const restores = await world.run(`list restores -n mke --as ${user}`);
  assertExit(restores, 1);
  assert.match(restores.stderr, forbidden(user, "restores"));
  const outside = await world.run("list -n mke --as someone --as-group others");
  assertExit(outside, 1);
  assert.match(outside.stderr, forbidden("someone", "backups"));
});

test("the kubeconfig's impersonation counts as the flags do", async () => {
  const user = uniqueName("joe");
  await grant([readBackups], { kind: "User", name: user });
  const { users } = parse(readFileSync(world.kubeconfig, "utf8")) as { users: { user: object }[] };
  const env = asUser({ ...users[0]?.user, as: user });
  assertExit(await world.run("list", env), 0);
  assertExit(await world.run("list restores -n mke", env), 1);
});

test("UID and extra fields arrive: only those that may be impersonated are let through", async () => {
  const [user, key] = [uniqueName("jim"), "example.com/Scope"];
  await grant([readBackups], { kind: "User", name: user });
  const may = (resource: string, name: string, apiGroup = "authentication.k8s.io") => ({
    apiGroups: [apiGroup],
    resources: [resource],
    resourceNames: [name],
    verbs: ["impersonate"],
  });
  // The API server reads keys in lower case.
  const extra = `userextras/${key.toLowerCase()}`;
  const rules = [may("users", user, ""), may("uids", "7"), may(extra, "a=b"), may(extra, "c")];
  await grantEverywhere(rules, { kind: "ServiceAccount", name: stranger.name, namespace: "mke" });
  const list = (more: string) => world.run(`list --token ${stranger.token} --as ${user} ${more}`);

  assertExit(await list(`--as-uid 7 --as-user-extra ${key}=a=b --as-user-extra ${key}=c`), 0);
  const otherUid = await list("--as-uid 8");
  assertExit(otherUid, 1);
  assert.match(otherUid.stderr, /\(Forbidden\): uids\.authentication\.k8s\.io "8" is forbidden: .*cannot impersonate/);
  const otherValue = await list(`--as-user-extra ${key}=d`);
  assertExit(otherValue, 1);
  assert.match(otherValue.stderr, /cannot impersonate resource "userextras\/example\.com\/scope"/);
  const otherUser = await world.run(`list --token ${stranger.token} --as root`);
  assertExit(otherUser, 1);
  assert.match(otherUser.stderr, /\(Forbidden\): users "root" is forbidden: .*cannot impersonate resource "users"/);
});

test("who is to be impersonated has to be said", async () => {
  const outcome = await world.run("list --as-user-extra scope=a");
  assertExit(outcome, 2);
  assert.match(outcome.stderr, /^error: --as-group, --as-uid and --as-user-extra need --as/);
});

/** Gives somebody these rights in namespace mke, until the end of this file. */
const grant = (rules: readonly object[], subject: object): Promise<void> =>
  bind(`${rbac}/namespaces/mke`, "Role", rules, subject);
const grantEverywhere = (rules: readonly object[], subject: object): Promise<void> =>
  bind(rbac, "ClusterRole", rules, subject);

async function bind(path: string, kind: "Role" | "ClusterRole", rules: readonly object[], subject: object) {
  const name = uniqueName("granted");
  const plural = kind.toLowerCase();
  const role = { apiVersion: `${group}/v1`, kind, metadata: { name }, rules };
  const subjects = [{ ...subject, ...("namespace" in subject ? {} : { apiGroup: group }) }];
  const roleRef = { apiGroup: group, kind, name };
  const binding = { apiVersion: `${group}/v1`, kind: `${kind}Binding`, metadata: { name }, roleRef, subjects };
  await world.api.post(`${path}/${plural}s`, role);
  undo.push(() => world.api.delete(`${path}/${plural}s/${name}`));
  await world.api.post(`${path}/${plural}bindings`, binding);
  undo.push(() => world.api.delete(`${path}/${plural}bindings/${name}`));
}
