import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { openApi } from "../../scenarios/api.ts";
import { createUser } from "../../scenarios/restricted-user.ts";
import { administrator, backup, send, velero } from "./client.ts";

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ backups: 7, speed: 4 });
});
after(() => sandbox.stop());

interface List {
  kind: string;
  metadata: { continue?: string; remainingItemCount?: number; resourceVersion: string };
  items: { metadata: { name: string; labels?: Record<string, string> } }[];
}

interface Status {
  reason?: string;
  message: string;
  details?: { causes?: { field: string }[] };
}

const names = ({ items }: List) => items.map(({ metadata }) => metadata.name);
const list = async (path: string) => (await send(sandbox, path)).json<List>();
const refused = async (path: string, options: Parameters<typeof send>[2] = {}) => {
  const answer = await send(sandbox, path, options);
  return [answer.code, answer.json<Status>().reason, answer.json<Status>().message];
};

test("the certificates form a chain that Node accepts", async () => {
  assert.equal((await send(sandbox, "/version")).json()["gitVersion"], "v1.34.4");
  const { ca } = administrator(sandbox);
  assert.match(ca, /^-----BEGIN CERTIFICATE-----\n/);
});

test("lists come in pages that together are the whole", async () => {
  const first = await list(`${velero}/backups?limit=3`);
  assert.equal(first.kind, "BackupList");
  assert.equal(first.items.length, 3);
  assert.equal(first.metadata.remainingItemCount, 4);
  const pages = [first];
  for (let page = first; page.metadata.continue !== undefined; ) {
    page = await list(`${velero}/backups?limit=3&continue=${page.metadata.continue}`);
    pages.push(page);
  }
  assert.deepEqual(pages.flatMap(names), names(await list("/apis/velero.io/v1/backups")));
  assert.deepEqual(await refused(`${velero}/backups?limit=3&continue=nonsense`).then(([code]) => code), 400);
});

test("selectors", async () => {
  const pods = "/api/v1/pods?labelSelector=";
  const of = async (selector: string) => (await list(pods + encodeURIComponent(selector))).items.length;
  assert.equal(await of("app=web"), 2);
  assert.equal(await of("app!=web"), 3);
  assert.equal(await of("name in (velero,node-agent)"), 2);
  assert.equal(await of("name,name notin (velero)"), 1);
  assert.equal(await of("!name"), 3);
  assert.deepEqual(names(await list("/api/v1/namespaces?fieldSelector=metadata.name%3Dshop")), ["shop"]);
  assert.deepEqual(await refused(`${velero}/backups?fieldSelector=status.phase%3DFailed`), [
    400,
    "BadRequest",
    "field label not supported: status.phase",
  ]);
});

test("what does not exist: an object, a kind, a group", async () => {
  assert.deepEqual(await refused(`${velero}/backups/x`), [404, "NotFound", 'backups.velero.io "x" not found']);
  assert.equal((await refused(`${velero}/backups/x/status`))[2], 'backups.velero.io "x" not found');
  assert.deepEqual(await refused("/api/v1/cats"), [
    404,
    "NotFound",
    "the server could not find the requested resource",
  ]);
  for (const path of ["/apis/velero.io/v1/cats", "/apis/cats.io/v1/cats"]) {
    const { code, text } = await send(sandbox, path);
    assert.deepEqual([code, text], [404, "404 page not found\n"], path);
  }
});

test("what cannot be created", async () => {
  const create = (body: object, path = `${velero}/backups`) => refused(path, { method: "POST", body });
  const [existing = ""] = names(await list(`${velero}/backups`));
  assert.deepEqual(await create(backup(existing)), [
    409,
    "AlreadyExists",
    `backups.velero.io "${existing}" already exists`,
  ]);
  assert.deepEqual(await create(backup(existing), `${velero}/backups?dryRun=All`).then(([code]) => code), 409);
  const [code, reason, message] = await create(backup("Not_A_Name"));
  assert.deepEqual([code, reason], [422, "Invalid"]);
  assert.match(
    String(message),
    /^Backup\.velero\.io "Not_A_Name" is invalid: metadata\.name: Invalid value: .*RFC 1123/,
  );
  assert.deepEqual(
    await create(
      { ...backup("x"), metadata: { name: "x", namespace: "gone" } },
      "/apis/velero.io/v1/namespaces/gone/backups",
    ),
    [404, "NotFound", 'namespaces "gone" not found'],
  );
  const request = { apiVersion: "velero.io/v1", kind: "DownloadRequest", metadata: { name: "x" } };
  assert.deepEqual(
    await create({ ...request, spec: { target: { kind: "Cat", name: "x" } } }, `${velero}/downloadrequests`).then(
      ([status]) => status,
    ),
    422,
  );
});

test("a dry run stores nothing; generateName makes a name", async () => {
  const path = `${velero}/backups`;
  const dry = await send(sandbox, `${path}?dryRun=All`, { method: "POST", body: backup("dry") });
  assert.equal(dry.code, 201);
  assert.equal((await send(sandbox, `${path}/dry`)).code, 404);
  const body = { apiVersion: "velero.io/v1", kind: "ServerStatusRequest", metadata: { generateName: "status-" } };
  const made = await send(sandbox, `${velero}/serverstatusrequests`, { method: "POST", body });
  assert.match(made.json<{ metadata: { name: string } }>().metadata.name, /^status-[a-z0-9]{5}$/);
});

test("merge patches change and remove fields; Velero's kinds take no strategic patch", async () => {
  const path = "/api/v1/namespaces/shop/configmaps/settings";
  const patched = await send(sandbox, path, { method: "PATCH", body: { data: { currency: null, colour: "red" } } });
  assert.deepEqual(patched.json()["data"], { theme: "dark", colour: "red" });
  const headers = { "Content-Type": "application/strategic-merge-patch+json" };
  const location = `${velero}/backupstoragelocations/default`;
  const [code] = await refused(location, { method: "PATCH", headers, body: {} });
  assert.equal(code, 415);
});

test("a watch tells what happens after a version, and ends when asked to", async () => {
  const path = "/api/v1/namespaces/shop/configmaps";
  const { resourceVersion } = (await list(path)).metadata;
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "seen", labels: { watched: "yes" } } };
  await send(sandbox, path, { method: "POST", body });
  const query = `watch=true&resourceVersion=${resourceVersion}&labelSelector=watched&timeoutSeconds=1`;
  const watched = send(sandbox, `${path}?${query}`);
  await send(sandbox, `${path}/seen`, { method: "PATCH", body: { data: { a: "b" } } });
  await send(sandbox, `${path}/seen`, { method: "DELETE" });
  const events = (await watched).text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
  assert.deepEqual(
    events.map(({ type }) => type),
    ["ADDED", "MODIFIED", "DELETED"],
  );
});

test("faults come when they are asked for, as often as asked", async () => {
  sandbox.answer({ path: /\/backups\/x$/, status: 429, headers: { "Retry-After": "1" }, times: 2 });
  assert.equal((await refused(`${velero}/backups/x`))[1], "TooManyRequests");
  assert.equal((await send(sandbox, `${velero}/backups/x`)).headers["retry-after"], "1");
  assert.equal((await send(sandbox, `${velero}/backups/x`)).code, 404);
  sandbox.answer({ path: /\/namespaces$/, status: 200, headers: { Warning: '299 - "old"' } });
  const warned = await send(sandbox, "/api/v1/namespaces");
  assert.deepEqual([warned.code, warned.headers.warning], [200, '299 - "old"']);
});

test("a service account may do what its roles say", async () => {
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader" } };
  await send(sandbox, "/api/v1/namespaces/shop/serviceaccounts", { method: "POST", body: account });
  const issued = await send(sandbox, "/api/v1/namespaces/shop/serviceaccounts/reader/token", {
    method: "POST",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
  });
  const { token } = issued.json<{ status: { token: string } }>().status;
  const user = 'User "system:serviceaccount:shop:reader"';
  const why = `${user} cannot list resource "backups" in API group "velero.io"`;
  assert.deepEqual(await refused(`${velero}/backups`, { token }), [
    403,
    "Forbidden",
    `backups.velero.io is forbidden: ${why} in the namespace "mke"`,
  ]);
  assert.equal(
    (await refused("/apis/velero.io/v1/backups", { token }))[2],
    `backups.velero.io is forbidden: ${why} at the cluster scope`,
  );
  const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/mke";
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const rules = [{ apiGroups: ["velero.io"], resources: ["backups"], verbs: ["list"] }];
  await send(sandbox, `${rbac}/roles`, {
    method: "POST",
    body: { apiVersion, kind: "Role", metadata: { name: "r" }, rules },
  });
  const subjects = [{ kind: "ServiceAccount", name: "reader", namespace: "shop" }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" };
  await send(sandbox, `${rbac}/rolebindings`, {
    method: "POST",
    body: { apiVersion, kind: "RoleBinding", metadata: { name: "r" }, roleRef, subjects },
  });
  assert.equal((await send(sandbox, `${velero}/backups`, { token })).code, 200);
  assert.equal((await send(sandbox, `${velero}/restores`, { token })).code, 403);
  assert.equal((await send(sandbox, `${velero}/backups`, { token: "nobody" })).code, 401);
});

test("a deleted namespace takes everything with it", async () => {
  const path = "/api/v1/namespaces/shop";
  const answer = await send(sandbox, path, { method: "DELETE" });
  assert.equal(
    answer.json<{ metadata: { deletionTimestamp?: string } }>().metadata.deletionTimestamp?.endsWith("Z"),
    true,
  );
  const late = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "late" } };
  const [code, reason] = await refused(`${path}/configmaps`, { method: "POST", body: late });
  assert.deepEqual([code, reason], [403, "Forbidden"]);
  while ((await send(sandbox, path)).code !== 404) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await list("/api/v1/namespaces/shop/pods")).items.length, 0);
});

test("users may ask what they may do, and who they are", async () => {
  const ask = (path: string, spec: object, token?: string) =>
    send(sandbox, path, { method: "POST", body: { spec }, ...(token === undefined ? {} : { token }) });
  const rules = [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get"] }];
  const { token } = await createUser(openApi(sandbox.kubeconfig), "asking", rules);

  interface Rules {
    spec: object;
    status: { incomplete: boolean; resourceRules: { resources: string[]; verbs: string[] }[] };
  }
  const reviews = "/apis/authorization.k8s.io/v1";
  const podsIn = async (namespace: string, of?: string) => {
    const answer = await ask(`${reviews}/selfsubjectrulesreviews`, { namespace }, of);
    assert.equal(answer.code, 201);
    const { spec, status } = answer.json<Rules>();
    assert.deepEqual([spec, status.incomplete], [{}, false]);
    return status.resourceRules.filter(({ resources }) => resources.some((one) => ["pods", "*"].includes(one)));
  };
  assert.deepEqual(await podsIn("mke", token), rules);
  assert.deepEqual(await podsIn("shop", token), []);
  // No object can live there, but what holds everywhere holds there.
  assert.deepEqual(
    (await podsIn("-")).map(({ verbs }) => verbs),
    [["*"]],
  );
  const unplaced = await ask(`${reviews}/selfsubjectrulesreviews`, {}, token);
  assert.deepEqual([unplaced.code, unplaced.json<Status>().message], [400, "no namespace on request"]);

  const may = async (namespace: string) => {
    const resourceAttributes = { verb: "get", resource: "pods", subresource: "log", namespace };
    const answer = await ask(`${reviews}/selfsubjectaccessreviews`, { resourceAttributes }, token);
    return answer.json<{ status: { allowed: boolean } }>().status.allowed;
  };
  assert.deepEqual([await may("mke"), await may("shop")], [true, false]);
  assert.equal((await ask(`${reviews}/selfsubjectaccessreviews`, {}, token)).code, 422);

  const self = await ask("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, token);
  const { userInfo } = self.json<{ status: { userInfo: { username: string } } }>().status;
  assert.equal(userInfo.username, "system:serviceaccount:mke:asking");
});
