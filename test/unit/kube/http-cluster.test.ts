import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { namespaces, pods } from "../../../src/core/resource.ts";
import { openCluster } from "../../../src/kube/http-cluster.ts";
import { backups } from "../../../src/velero/kinds.ts";
import { type Answer, clusterWith, json, localServer } from "./local-server.ts";

const named = (...names: string[]) => names.map((name) => ({ metadata: { name } }));
const page = (items: unknown, next?: string) => json({ items, metadata: next === undefined ? {} : { continue: next } });

test("a list is read page by page, each page as the server sent it", async (t) => {
  const { cluster, asked } = await clusterWith(t, page(named("a", "b"), "t&1"), page(named("c")));
  const query = { namespace: "mke", labelSelector: "app=web,x in (a,b)", fieldSelector: "metadata.name=a" };
  const pages = await Array.fromAsync(cluster.pages(backups, query));
  assert.deepEqual(
    pages.map((items) => items.map(({ metadata }) => metadata.name)),
    [["a", "b"], ["c"]],
  );
  const path = "GET /apis/velero.io/v1/namespaces/mke/backups?limit=500";
  const filters = "&labelSelector=app=web,x+in+(a,b)&fieldSelector=metadata.name=a";
  assert.deepEqual(asked(), [`${path}${filters}`, `${path}${filters}&continue=t&1`]);
});

test("objects of a list say their kind, which the server leaves out", async (t) => {
  const { cluster } = await clusterWith(t, page(named("a")));
  assert.deepEqual(await cluster.list(backups), [
    { apiVersion: "velero.io/v1", kind: "Backup", metadata: { name: "a" } },
  ]);
});

test("a list of null is empty", async (t) => {
  const { cluster } = await clusterWith(t, page(null));
  assert.deepEqual(await cluster.list(pods), []);
});

test("one object is read by its path; names are encoded", async (t) => {
  const { cluster, asked } = await clusterWith(t, json({ metadata: { name: "a" } }));
  await cluster.get(backups, { namespace: "mke", name: "a/../b" });
  await cluster.get(namespaces, { name: "shop" });
  await cluster.get(pods, { namespace: "shop", name: "web" });
  assert.deepEqual(asked(), [
    "GET /apis/velero.io/v1/namespaces/mke/backups/a/../b",
    "GET /api/v1/namespaces/shop",
    "GET /api/v1/namespaces/shop/pods/web",
  ]);
});

test("a name cannot leave its place in the path", async (t) => {
  const { cluster, requests } = await clusterWith(t, json({}));
  await cluster.get(pods, { namespace: "a/b?c", name: "x/y?z#" });
  assert.equal(requests[0]?.url, "/api/v1/namespaces/a%2Fb%3Fc/pods/x%2Fy%3Fz%23");
});

test("an object is created with its kind and the program's name as its manager", async (t) => {
  let body = "";
  const { cluster, asked } = await clusterWith(t, async (response, request) => {
    body = await text(request);
    json({ metadata: { name: "a", uid: "1" } })(response, request);
  });
  const sent = await cluster.create(backups, { metadata: { name: "a", namespace: "mke" }, spec: { ttl: "1h" } });
  assert.equal(sent.metadata.uid, "1");
  assert.deepEqual(JSON.parse(body), {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name: "a", namespace: "mke" },
    spec: { ttl: "1h" },
  });
  await cluster.create(backups, { metadata: { name: "a", namespace: "mke" } }, { dryRun: true });
  const path = "POST /apis/velero.io/v1/namespaces/mke/backups?fieldManager=kubectl-mkebackup";
  assert.deepEqual(asked(), [path, `${path}&dryRun=All`]);
});

test("an object is deleted by its path", async (t) => {
  const { cluster, asked } = await clusterWith(t, json({ status: "Success" }));
  assert.equal(await cluster.delete(backups, { namespace: "mke", name: "a" }), undefined);
  assert.deepEqual(asked(), ["DELETE /apis/velero.io/v1/namespaces/mke/backups/a"]);
});

test("a write whose answer is lost names the object and the command that shows whether it is there", async (t) => {
  const lost: Answer = (response) => void response.socket?.destroy();
  const { cluster, asked } = await clusterWith(t, lost);
  await assert.rejects(cluster.create(backups, { metadata: { name: "a", namespace: "mke" } }), {
    message: 'Unable to connect to the server: EOF; it is not known whether backups.velero.io "a" was created',
    next: ["kubectl get backups.velero.io a -n mke        (look before you try again)"],
  });
  await assert.rejects(cluster.delete(backups, { name: "a", namespace: "mke" }), { message: /"a" was deleted$/ });
  await assert.rejects(cluster.create(backups, { metadata: { name: "", namespace: "mke" } }), {
    message: /one of backups\.velero\.io was created$/,
    next: ["kubectl get backups.velero.io -n mke        (look before you try again)"],
  });
  // A dry run changes nothing, whatever becomes of it.
  await assert.rejects(cluster.create(backups, { metadata: { name: "a" } }, { dryRun: true }), { message: /EOF$/ });
  assert.equal(asked().length, 4);
});

test("a merge patch is sent once with its own media type, and its lost answer leaves a doubt", async (t) => {
  let body = "";
  const { cluster, asked, requests } = await clusterWith(
    t,
    async (response, request) => {
      body = await text(request);
      json({ metadata: { name: "a", uid: "1" } })(response, request);
    },
    json({ metadata: { name: "a" } }),
    (response) => response.destroy(),
  );
  const where = { namespace: "mke", name: "a" };
  const changed = await cluster.patch(backups, where, { spec: { ttl: null } });
  assert.equal(changed.metadata.uid, "1");
  assert.equal(body, '{"spec":{"ttl":null}}');
  assert.equal(requests[0]?.headers["content-type"], "application/merge-patch+json");
  await cluster.patch(backups, where, {}, undefined, { dryRun: true });
  const path = "PATCH /apis/velero.io/v1/namespaces/mke/backups/a?fieldManager=kubectl-mkebackup";
  assert.deepEqual(asked(), [path, `${path}&dryRun=All`]);
  await assert.rejects(cluster.patch(backups, where, {}), {
    message: /; it is not known whether backups\.velero\.io "a" was changed$/,
  });
  assert.equal(requests.length, 3);
});

test("the server's version is its gitVersion", async (t) => {
  const { cluster } = await clusterWith(t, json({ major: "1", gitVersion: "v1.34.4" }));
  assert.equal(await cluster.version(), "v1.34.4");
});

test("a last word is sent after the command's end, is no matter of doubt, and closing waits for it", async (t) => {
  let answered = false;
  const { url, requests } = await localServer(t, (response) => {
    setTimeout(() => {
      answered = true;
      json({})(response, requests[0] as never);
    }, 50);
  });
  const command = new AbortController();
  const cluster = await openCluster({
    flags: { server: url, kubeconfig: undefined },
    env: { HOME: "/nowhere" },
    userAgent: "test",
    signal: command.signal,
    onWarning: () => undefined,
  });
  const reason = new Error("interrupted");
  command.abort(reason);
  await assert.rejects(cluster.delete(backups, { namespace: "mke", name: "a" }), reason);
  assert.equal(requests.length, 0);
  const said = cluster.delete(backups, { namespace: "mke", name: "a" }, undefined, { lastWord: true });
  await cluster.close();
  assert.ok(answered);
  await said;
  assert.deepEqual(
    requests.map(({ method }) => method),
    ["DELETE"],
  );
});

test("a server that does not hear the last word holds nobody up for long", async (t) => {
  const { url } = await localServer(t, () => undefined);
  const cluster = await openCluster({
    flags: { server: url, kubeconfig: undefined },
    env: { HOME: "/nowhere" },
    userAgent: "test",
    signal: new AbortController().signal,
    onWarning: () => undefined,
  });
  const start = performance.now();
  const said = cluster.delete(backups, { namespace: "mke", name: "a" }, undefined, { lastWord: true });
  const failed = assert.rejects(said, (error: Error) => !/not known whether/.test(error.message));
  await cluster.close();
  await failed;
  assert.ok(performance.now() - start < 4000);
});

test("the log of a container comes as it is written, and a refusal is the server's sentence", async (t) => {
  const { cluster, asked } = await clusterWith(
    t,
    (response) => {
      response.write("2026-11-24T07:00:00.1Z one\n");
      setTimeout(() => response.end("2026-11-24T07:00:00.2Z two\n"), 5);
    },
    (response) => {
      response.writeHead(403, { "Content-Type": "application/json" });
      response.end(
        JSON.stringify({ kind: "Status", reason: "Forbidden", message: "cannot get pods/log", details: {} }),
      );
    },
    (response) => {
      response.write("half");
      setTimeout(() => response.destroy(), 5);
    },
  );
  const of = { namespace: "mke", pod: "velero-1", name: "velero" };
  const since = new Date("2026-11-24T07:00:00.900Z");
  const read = async (follow: boolean) =>
    Buffer.concat(await Array.fromAsync(await cluster.logs(of, { follow, since }))).toString();
  assert.equal(await read(true), "2026-11-24T07:00:00.1Z one\n2026-11-24T07:00:00.2Z two\n");
  await assert.rejects(read(false), { reason: "Forbidden", message: "cannot get pods/log" });
  await assert.rejects(read(false), { reason: "Unreachable" });
  const path = "GET /api/v1/namespaces/mke/pods/velero-1/log?container=velero&timestamps=true";
  assert.deepEqual(asked(), [
    `${path}&follow=true&sinceTime=2026-11-24T07:00:00Z`,
    `${path}&sinceTime=2026-11-24T07:00:00Z`,
    `${path}&sinceTime=2026-11-24T07:00:00Z`,
  ]);
});

test("a log that is followed ends with its signal, with the signal's reason", async (t) => {
  const { cluster } = await clusterWith(t, (response) => {
    response.write("one\n");
  });
  const stop = new AbortController();
  const lines = await cluster.logs({ namespace: "mke", pod: "p", name: "c" }, { follow: true, signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 10);
  await assert.rejects(Array.fromAsync(lines), { message: "enough" });
});
