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
