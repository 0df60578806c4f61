import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let token: string;
const account = uniqueName("reader");
const rbac = "/apis/rbac.authorization.k8s.io/v1";

before(async () => {
  world = await openWorld();
  const { api } = world;
  await api.post("/api/v1/namespaces/mke/serviceaccounts", { metadata: { name: account } });
  await api.post(`${rbac}/namespaces/mke/roles`, {
    metadata: { name: account },
    rules: [{ apiGroups: ["velero.io"], resources: ["backups", "backupstoragelocations"], verbs: ["get", "list"] }],
  });
  await api.post(`${rbac}/namespaces/mke/rolebindings`, {
    metadata: { name: account },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: account },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: "mke" }],
  });
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
  const granted = (await api.post(`/api/v1/namespaces/mke/serviceaccounts/${account}/token`, request)) as {
    status: { token: string };
  };
  token = granted.status.token;
});

after(async () => {
  await world.api.delete(`${rbac}/namespaces/mke/rolebindings/${account}`);
  await world.api.delete(`${rbac}/namespaces/mke/roles/${account}`);
  await world.api.delete(`/api/v1/namespaces/mke/serviceaccounts/${account}`);
  await world.stop();
});

const forbidden = (verb: string, resource: string) =>
  new RegExp(
    `Error from server \\(Forbidden\\): .*User "system:serviceaccount:mke:${account}" cannot ${verb} resource "${resource}" in API group "velero.io" in the namespace "mke"`,
  );

test("a user who may only read can list", async () => {
  assertExit(await world.run(`list --token ${token}`), 0);
});

test("what is forbidden is named with verb, resource and namespace", async () => {
  const created = await world.run(`create ${uniqueName("forbidden")} --token ${token}`);
  assertExit(created, 1);
  assert.match(created.stderr, forbidden("create", "backups"));

  const restores = await world.run(`list restores --token ${token}`);
  assertExit(restores, 1);
  assert.match(restores.stderr, forbidden("list", "restores"));
});

test("status shows what it may see, and what it may not", async () => {
  const status = await world.run(`status --token ${token}`);
  assert.match(status.stdout, /^Location default +OK /m);
  assert.match(status.stdout, /UNKNOWN +no permission/);
});

test("a wrong token is kubectl's sentence", async () => {
  const outcome = await world.run("list --token wrong");
  assertExit(outcome, 1);
  assert.match(outcome.stderr, /^error: You must be logged in to the server/);
});
