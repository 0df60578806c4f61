import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { longestChain, openDelayingProxy, type Seen } from "../faults/proxy.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

/** Long enough that requests which are sent together overlap, on a busy machine too. */
const delayMs = 200;

let world: World;
let far: Awaited<ReturnType<typeof openDelayingProxy>>;
before(async () => {
  world = await openWorld();
  far = await openDelayingProxy({ kubeconfig: world.kubeconfig, delayMs });
});
beforeEach(() => far.reset());
after(async () => {
  await far.close();
  await world.stop();
});

const through = () => ({ KUBECONFIG: far.kubeconfig });
const told = (requests: readonly Seen[]) => requests.map(({ method, url }) => `${method} ${url}`).join("\n");

test("a list costs one round trip", async () => {
  assertExit(await world.run("list", through()), 0);
  assert.equal(longestChain(far.requests()), 1, told(far.requests()));
});

test("a status costs three round trips, and the server's time to say who it is", async () => {
  assertExit(await world.run("status", through()), 0);
  // The server is asked until it has answered, however often that is.
  const first = far.requests().findIndex(({ url }) => url.includes("/serverstatusrequests/"));
  const others = far.requests().filter(({ url }, at) => at === first || !url.includes("/serverstatusrequests/"));
  assert.ok(longestChain(others) <= 3, told(others));
});

test("a backup is under way after three round trips", async () => {
  const name = uniqueName("far");
  const running = world.start(`create ${name} --include-namespaces shop`, through());
  // Without a terminal the first line of progress comes with the answer to the request that creates it.
  await eventually(
    "progress",
    async () => running.stderr(),
    (text) => text.includes(name),
    30_000,
  );
  const before = far.requests().filter(({ ended }) => ended < Number.POSITIVE_INFINITY);
  assert.ok(longestChain(before) <= 3, told(before));
  assertExit(await running.ended, 0);
});

for (const [what, prefix] of [
  ["a backup", ""],
  ["a restore", "restore/"],
] as const) {
  test(`the description of ${what} costs four round trips, and the server's time to sign links`, async () => {
    const name = uniqueName("far-told");
    assertExit(await world.run(`create ${name} --include-namespaces shop --default-volumes-to-fs-backup`), 0);
    if (prefix !== "") assertExit(await world.run(`restore ${name} --restore-name ${name} --yes`), 0);
    far.reset();
    const outcome = await world.run(`describe ${prefix}${name} --details`, through());
    assertExit(outcome, 0);
    assert.doesNotMatch(outcome.stdout, /could not be read/);
    // The server is asked for each link until it has signed it, however often that is; nobody waits for the tidying up.
    const links = far.requests().filter(({ method, url }) => method === "GET" && url.includes("/downloadrequests/"));
    const asked = new Set(links.map(({ url }) => url));
    const firsts = new Set([...asked].map((url) => links.find((request) => request.url === url)));
    const counted = far
      .requests()
      .filter((request) => request.method !== "DELETE" && (!links.includes(request) || firsts.has(request)));
    assert.ok(longestChain(counted) <= 4, told(counted));
    assertExit(await world.run(`delete backup/${name} --yes`), 0);
  });
}
