import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openCluster } from "../../src/kube/http-cluster.ts";
import { backups } from "../../src/velero/kinds.ts";
import {
  answer,
  expired,
  openSilentPort,
  resetAfter,
  resetBefore,
  resetInBody,
  slowLoris,
  smallPages,
  stall,
  stallAfter,
  stallInBody,
  statusOf,
  tooManyRequests,
  truncatedJson,
} from "../faults/faults.ts";
import { type Fault, type FaultProxy, openFaultProxy } from "../faults/proxy.ts";
import { backupPath, names, veleroPath } from "./cluster-state.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let proxy: FaultProxy;
before(async () => {
  world = await openWorld();
  proxy = await openFaultProxy({ kubeconfig: world.kubeconfig });
});
beforeEach(() => proxy.reset());
after(async () => {
  await proxy.close();
  await world.stop();
});

const run = (words: string) => world.run(`${words} -n mke`, { KUBECONFIG: proxy.kubeconfig });
const unable = "Unable to connect to the server:";
const lists = /\/backups\?limit/;
const posts = /\/backups\?fieldManager/;
const count = (path: RegExp) => proxy.requests().filter(({ url }) => path.test(url)).length;
const shuttingDown = statusOf(503, "ServiceUnavailable", "apiserver is shutting down");
const noAnswer =
  /^Unable to connect to the server: no answer from 127\.0\.0\.1:\d+ within 1s\nnext {2}a longer --request-timeout/;

const reads: [what: string, fault: Fault, times: number, stderr: RegExp | string, requests: number][] = [
  ["busy once", tooManyRequests("0"), 1, "", 2],
  ["going down once", answer(503, shuttingDown, { "Retry-After": "0" }), 1, "", 2],
  [
    "busy for good",
    tooManyRequests("0"),
    99,
    /^Error from server \(TooManyRequests\): the server has received too many requests/,
    11,
  ],
  ["busy, without a time to come back", tooManyRequests(), 99, /^Error from server \(TooManyRequests\): /, 1],
  [
    "going down for good",
    answer(503, shuttingDown),
    99,
    "Error from server (ServiceUnavailable): apiserver is shutting down\n",
    1,
  ],
  [
    "behind a gateway that gave up",
    answer(504, "<html>"),
    1,
    /^Error from server \(Timeout\): the server was unable to return a response in the time allotted/,
    1,
  ],
  [
    "replaced by a load balancer's page",
    answer(502, "<html>Bad gateway</html>"),
    1,
    /^Error from server \(InternalError\): .*web page/,
    1,
  ],
  [
    "replaced by a page to log in on",
    answer(200, "<html>Log in</html>"),
    1,
    /^Unable to connect to the server: the answer to GET \S+ is a web page/,
    1,
  ],
  ["cut off before the answer once", resetBefore, 1, "", 2],
  ["cut off in the middle of the answer once", resetInBody, 1, "", 2],
  ["cut off before the answer every time", resetBefore, 99, `${unable} EOF\n`, 3],
  ["cut off in the middle every time", resetInBody, 99, `${unable} unexpected EOF\n`, 3],
  ["silent", stall, 1, noAnswer, 1],
  ["silent in the middle of the answer", stallInBody, 1, noAnswer, 1],
  ["dripping", slowLoris, 1, noAnswer, 1],
  [
    "wrong about where the JSON ends",
    truncatedJson,
    1,
    /^Unable to connect to the server: the answer to GET \S+ is not JSON, it ends in the middle\n$/,
    1,
  ],
];
for (const [what, fault, times, stderr, requests] of reads) {
  test(`a list from a server that is ${what}`, async () => {
    proxy.inject({ method: "GET", path: lists, fault, times });
    const outcome = await run("list -o name --request-timeout=1s");
    assertExit(outcome, stderr === "" ? 0 : 1);
    if (typeof stderr === "string") assert.equal(outcome.stderr.replace(/^No backups.*\n/, ""), stderr);
    else assert.match(outcome.stderr, stderr);
    assert.equal(count(lists), requests, "requests");
  });
}

/** What became of the backup: whether it is there, and what the user was told. */
const writes: [what: string, fault: Fault, isThere: boolean, sentence: RegExp, doubt: boolean][] = [
  [
    "busy",
    tooManyRequests("0"),
    false,
    /^Error from server \(TooManyRequests\): .*\nnext {2}nothing was changed: try again later/,
    false,
  ],
  [
    "going down",
    answer(503, shuttingDown, { "Retry-After": "0" }),
    false,
    /^Error from server \(ServiceUnavailable\): apiserver is shutting down; /,
    true,
  ],
  [
    "behind a gateway that gave up",
    async (exchange) => {
      await exchange.pass();
      return answer(504, "stream timeout")(exchange);
    },
    true,
    /^Error from server \(Timeout\): .*may still be processing the request.*; /,
    true,
  ],
  ["cut off before it saw the request", resetBefore, false, /^Unable to connect to the server: EOF; /, true],
  ["cut off after it did what was asked", resetAfter, true, /^Unable to connect to the server: EOF; /, true],
  [
    "cut off in the middle of the answer",
    resetInBody,
    true,
    /^Unable to connect to the server: unexpected EOF; /,
    true,
  ],
  ["silent, and does nothing", stall, false, /^Unable to connect to the server: no answer from \S+ within 1s; /, true],
  [
    "silent, and did what was asked",
    stallAfter,
    true,
    /^Unable to connect to the server: no answer from \S+ within 1s; /,
    true,
  ],
  [
    "wrong about where the JSON ends",
    truncatedJson,
    true,
    /^Unable to connect to the server: the answer to POST \S+ is not JSON, it ends in the middle; /,
    true,
  ],
];
for (const [what, fault, isThere, sentence, doubt] of writes) {
  test(`a backup is sent once to a server that is ${what}`, async () => {
    const name = uniqueName("faulty");
    proxy.inject({ method: "POST", path: posts, fault, times: 99 });
    const outcome = await run(`create ${name} --include-namespaces shop --no-wait --request-timeout=1s`);
    assertExit(outcome, 1);
    assert.match(outcome.stderr, sentence);
    const doubted = new RegExp(
      `; it is not known whether backups\\.velero\\.io "${name}" was created\nnext {2}kubectl get backups\\.velero\\.io ${name} -n mke `,
    );
    if (doubt) assert.match(outcome.stderr, doubted);
    else assert.doesNotMatch(outcome.stderr, /not known/);
    assert.equal(count(posts), 1, "requests");
    assert.equal((await world.api.request("GET", backupPath(name))).status, isThere ? 200 : 404);
  });
}

test("Ctrl-C ends a pause that the server asked for at once", async () => {
  proxy.inject({ path: lists, fault: tooManyRequests("20"), times: 99 });
  const running = world.start("list -n mke", { KUBECONFIG: proxy.kubeconfig });
  while (count(lists) === 0) await sleep(20);
  await sleep(100);
  const start = performance.now();
  running.child.kill("SIGINT");
  const outcome = await running.ended;
  assert.ok(performance.now() - start < 5000);
  // kubectl itself dies of the signal.
  assert.ok(outcome.code === 130 || outcome.signal === "SIGINT", JSON.stringify(outcome));
});

test("a backup that is waited for is not lost when the API server is away for a moment", async () => {
  const name = uniqueName("patient");
  const look = new RegExp(`/backups/${name}$`);
  const away = [answer(503, "<html>no healthy upstream</html>"), resetBefore, resetBefore, resetBefore];
  // The first look finds out whether the name is free.
  proxy.inject({ path: look, fault: answer(404, statusOf(404, "NotFound", "not found", { details: { name } })) });
  for (const fault of away) proxy.inject({ method: "GET", path: look, fault });
  const outcome = await run(`create ${name} --include-namespaces shop`);
  assertExit(outcome, 0);
  assert.match(outcome.stdout, new RegExp(`^Backup ${name} Completed`));
  assert.match(outcome.stderr, /the server is currently unable to handle the request/);
  assert.match(outcome.stderr, /Unable to connect to the server: EOF/);
});

test("a tunnel to MinIO's pod that never opens costs the explanation, not the result", async () => {
  const name = uniqueName("untold");
  assertExit(await run(`create ${name} --include-namespaces shop`), 0);
  await world.api.patch("/api/v1/namespaces/shop/configmaps/settings", { data: { [name]: "changed" } });
  proxy.inject({ path: /\/portforward/, fault: stall, times: 99 });
  const outcome = await run(`restore ${name} --yes --request-timeout=1s`);
  assertExit(outcome, 0);
  assert.match(outcome.stdout, /no\s+answer\s+from\s+127\.0\.0\.1:\d+\s+within\s+1s/);
});

test("a warning of the server is told once", async () => {
  const warning = { Warning: '299 - "backups are old-fashioned"' };
  const empty = { kind: "BackupList", apiVersion: "velero.io/v1", metadata: {}, items: [] };
  proxy.inject({ path: /\?limit/, fault: answer(200, empty, warning), times: 99 });
  const outcome = await run("list requests");
  assertExit(outcome, 0);
  assert.equal(outcome.stderr.match(/Warning: backups are old-fashioned\n/g)?.length, 1);
});

test("a port that takes connections and says nothing is given up in the TLS handshake", async () => {
  const silent = await openSilentPort();
  const outcome = await run(`list --request-timeout=1s --server https://127.0.0.1:${silent.port}`);
  await silent.close();
  assertExit(outcome, 1);
  assert.match(
    outcome.stderr,
    /^Unable to connect to the server: net\/http: TLS handshake timeout \(127\.0\.0\.1:\d+, 1s\)\n/,
  );
});

test("plain HTTP where TLS was expected, and the other way round, are said", async () => {
  const plain = await openFaultProxy({ kubeconfig: world.kubeconfig, plain: true });
  const [tls, http] = [proxy.server, plain.server];
  const wantsTls = await run(`list --server ${http.replace("http:", "https:")}`);
  assert.equal(wantsTls.stderr, `${unable} http: server gave HTTP response to HTTPS client\n`);
  const wantsHttp = await run(`list --server ${tls.replace("https:", "http:")}`);
  assert.equal(wantsHttp.stderr, `${unable} EOF\nnext  the server may want TLS: --server ${tls}\n`);
  assertExit(await world.run("list -n mke", { KUBECONFIG: plain.kubeconfig }), 0);
  await plain.close();
});

test("a certificate for another name says which names it is for", async () => {
  const outcome = await run("list --tls-server-name api.example");
  assertExit(outcome, 1);
  assert.equal(
    outcome.stderr,
    `${unable} tls: failed to verify certificate: x509: certificate is valid for localhost, not api.example\n`,
  );
});

for (const [what, offer] of [
  ["with a way on", true],
  ["without a way on", false],
] as const) {
  test(`a list that grows too old in the middle, ${what}, has every backup once`, async () => {
    const made = [uniqueName("paged"), uniqueName("paged"), uniqueName("paged")];
    for (const name of made) {
      const spec = { includedNamespaces: ["shop"] };
      const object = { apiVersion: "velero.io/v1", kind: "Backup", metadata: { name }, spec };
      await world.api.post(veleroPath("backups"), object);
    }
    const spoil = () => {
      proxy.reset();
      proxy.inject({ path: /limit=500&continue=/, fault: expired({ offer }) });
      proxy.inject({ path: /limit=500$/, fault: smallPages });
    };
    const there = (await names(world.api, veleroPath("backups"))).toSorted();
    spoil();
    const outcome = await run("list -o name");
    assertExit(outcome, 0);
    const listed = outcome.stdout.trim().split("\n");
    assert.deepEqual(listed.map((line) => line.replace(/^.*\//, "")).toSorted(), there);
    assert.equal(count(lists), offer ? 3 : 2, "requests for pages, of which the second was too old");

    spoil();
    const cluster = await openCluster({
      flags: { kubeconfig: proxy.kubeconfig },
      env: {},
      userAgent: "test",
      signal: new AbortController().signal,
      onWarning: () => undefined,
    });
    const pages = await Array.fromAsync(cluster.pages(backups, { namespace: "mke" }));
    cluster.close();
    assert.deepEqual(
      pages.flat().map(({ metadata }) => metadata.name),
      there,
    );
    assert.equal(pages[0]?.length, 2);
  });
}
