// Every broken situation, made for real: the report names its cause, and nothing else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ruleTexts } from "../../src/health/judge.ts";
import { recover } from "./cluster-state.ts";
import { situations } from "./situations/index.ts";
import { eventually, openWorld, type World } from "./world.ts";

let world: World;
let healthy: ReadonlySet<string>;

before(async () => {
  world = await openWorld();
  healthy = new Set(await problems());
});
after(async () => {
  await recover(world.api);
  await world.stop();
});

/** Whether there is a backup yet depends on what ran before. */
const notCounted = "backup.none";

async function problems(flags = ""): Promise<string[]> {
  const outcome = await world.run(`doctor -o json ${flags}`);
  assert.notEqual(outcome.stdout, "", outcome.stderr);
  const report = JSON.parse(outcome.stdout) as { problems: { id: string }[] };
  return [...new Set(report.problems.map(({ id }) => id))].filter((id) => id !== notCounted).toSorted();
}

/** What the report says beyond what it says of the healthy world. */
const news = async (flags?: string) => (await problems(flags)).filter((id) => !healthy.has(id));

for (const { name, expect, worlds, velero, flags, limit = 30_000, make } of situations) {
  test(`${name}: ${expect.length === 0 ? "nothing is wrong" : expect.join(", ")}`, async (t) => {
    if (worlds?.includes(world.name) === false) return t.skip(`cannot be made in the ${world.name}`);
    if (velero !== undefined && velero !== world.velero) return t.skip(`is about Velero ${velero}`);
    for (const id of expect) assert.ok(ruleTexts().has(id), `there is no rule ${id}`);
    const wanted = expect.toSorted().join();
    const undo = await make(world);
    try {
      await eventually(
        `the report of ${wanted || "nothing"} and no other`,
        () => news(flags?.()),
        (seen) => seen.join() === wanted,
        limit,
      );
    } finally {
      await undo();
    }
    await eventually("the report of a healthy world", news, (seen) => seen.length === 0, 90_000);
    return undefined;
  });
}
