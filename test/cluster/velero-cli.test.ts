// The same backup and restore, read by the Velero CLI (which needs a store that it can reach) and by this program: the same facts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../scenarios/program.ts";
import { eventually, openWorld, uniqueName, type World } from "../scenarios/world.ts";
import { workloadNamespace } from "./manifests.ts";
import { makeSecondLocation, type SecondLocation } from "./second-location.ts";

let world: World;
let location: SecondLocation;
const copy = uniqueName("copy");
const [good, troubled, restored] = [uniqueName("good"), uniqueName("troubled"), uniqueName("restored")];

before(async () => {
  world = await openWorld();
  location = await makeSecondLocation(world.api, uniqueName("comparison"));
  await location.publish(true);
  await location.backUp(good, workloadNamespace);
  const undo = await world.failVolumeBackups();
  try {
    await location.backUp(troubled, workloadNamespace);
  } finally {
    await undo();
  }
  const words = `restore ${good} --restore-name ${restored} --namespace-mappings ${workloadNamespace}:${copy} --yes`;
  await succeed(world.run(words));
});

after(async () => {
  await world.api.delete(`/apis/velero.io/v1/namespaces/mke/restores/${restored}`);
  await eventually(
    `restore ${restored} to be gone`,
    () => world.api.request("GET", `/apis/velero.io/v1/namespaces/mke/restores/${restored}`),
    ({ status }) => status === 404,
  );
  await world.api.delete(`/api/v1/namespaces/${copy}`);
  await location.remove();
  await world.stop();
});

async function succeed(run: ReturnType<World["run"]>): Promise<string> {
  const { code, stdout, stderr } = await run;
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

const velero = (words: string) => {
  const env = { ...process.env, KUBECONFIG: world.kubeconfig };
  return succeed(start(["velero"], ["-n", "mke", "--colorized=false", ...words.split(" ")], env).ended);
};
const ours = async (words: string) => JSON.parse(await succeed(world.run(`${words} -o json`)));

interface Listed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly action?: string;
}

/** `v1/Pod shop/web-1(created)`, as both can be written. */
const written = ({ apiVersion, kind, namespace, name, action }: Listed): string =>
  `${apiVersion}/${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}${action === undefined ? "" : `(${action})`}`;

/** The objects below `Resource List:` in Velero's text. */
function resourcesIn(description: string): string[] {
  const section = /^Resource List:\n((?:\s+.*\n)+)/m.exec(description)?.[1] ?? "";
  let kind = "";
  return section.split("\n").flatMap((line) => {
    kind = /^ {2}(\S+):$/.exec(line)?.[1] ?? kind;
    const name = /^ {4}- (.+)$/.exec(line)?.[1];
    return name === undefined ? [] : [`${kind} ${name}`];
  });
}

for (const what of ["backup", "restore"] as const) {
  test(`the log of a ${what} is line for line Velero's`, async () => {
    const name = what === "backup" ? good : restored;
    const raw = await succeed(world.run(`logs ${what}/${name} --raw`));
    assert.ok(raw.split("\n").length > 20);
    assert.equal(raw, await velero(`${what} logs ${name}`));
  });
}

test("a backup holds the objects that Velero lists, by describe and by contents", async () => {
  const theirs = resourcesIn(await velero(`backup describe ${good} --details`)).toSorted();
  assert.ok(theirs.length > 10);
  const { resources, object } = await ours(`describe ${good} --details`);
  assert.deepEqual((resources as Listed[]).map(written).toSorted(), theirs);
  assert.equal(object.status.progress.itemsBackedUp, theirs.length);
  assert.equal((await ours(`contents ${good}`)).count, theirs.length);
});

test("a restore dealt with the objects that Velero lists, in the same way", async () => {
  const theirs = resourcesIn(await velero(`restore describe ${restored} --details`)).toSorted();
  assert.ok(theirs.length > 5);
  const { resources } = await ours(`describe restore/${restored}`);
  assert.deepEqual((resources as Listed[]).map(written).toSorted(), theirs);
});

test("the volumes of a backup are Velero's, with their sizes where it tells them", async () => {
  const text = await velero(`backup describe ${good} --details`);
  const section = /Pod Volume Backups - kopia:\n(.*?)\n\n/s.exec(`${text}\n\n`)?.[1] ?? "";
  const theirs = [...section.matchAll(/^ +([\w-]+\/[\w-]+): (\w+)(?: \(size: (\d+))?/gm)];
  assert.equal(theirs.length, 2);
  const { volumes } = await ours(`describe ${good}`);
  assert.equal(volumes.length, theirs.length);
  const shown = await succeed(world.run(`describe ${good} --details`));
  for (const [, pod = "", volume = "", size] of theirs) {
    assert.ok(shown.includes(pod.split("/")[1] ?? pod), `${pod} in\n${shown}`);
    const all = JSON.stringify(volumes);
    assert.ok(all.includes(`"${pod.split("/")[1]}"`) && all.includes(`"${volume}"`), all);
    if (size !== undefined) assert.ok(all.includes(size), all);
  }
});

/** The sentences below a heading of Velero's text, without what tells them apart. */
function sentencesIn(description: string, heading: "Errors" | "Warnings"): string[] {
  const section = new RegExp(`^${heading}:\n((?:[ ]+.*\n)+)`, "m").exec(description)?.[1] ?? "";
  return section
    .split("\n")
    .map((line) =>
      line
        .replace(/^ +(Velero|Cluster|Namespaces):/, "")
        .replace(/^ +[\w-]+: {2}/, "")
        .trim(),
    )
    .filter((line) => line !== "" && line !== "<none>");
}

/** Without the names that a sentence quotes, by which this program does not tell causes apart. */
const squeezed = (text: string): string => text.replace(/"[^"]*"/g, "").replace(/[^a-zA-Z0-9]+/g, "");

test("a backup's errors and warnings are those that Velero shows", async () => {
  const text = await velero(`backup describe ${troubled}`);
  const { results, object } = await ours(`describe ${troubled}`);
  assert.equal(object.status.phase, "PartiallyFailed");
  const errors = sentencesIn(text, "Errors");
  assert.ok(errors.length > 0, text);
  const told = (results.errors as { text: string }[]).map(({ text }) => text).join("\n");
  const causes = squeezed(told);
  for (const sentence of errors) {
    const parts = /message: \/(.*?)(?: error: \/(.*))?$/.exec(sentence)?.slice(1) ?? [sentence];
    for (const part of parts.filter((text) => text !== undefined))
      assert.ok(causes.includes(squeezed(part)), `${part}\nin\n${told}`);
  }
  const counted = (list: { count: number }[]) => list.reduce((sum, { count }) => sum + count, 0);
  assert.equal(counted(results.errors), object.status.errors);
  assert.equal(counted(results.warnings) + results.benign, object.status.warnings ?? 0);
});

test("nothing that this program asked the server for is left behind", async () => {
  const { items } = (await world.api.get("/apis/velero.io/v1/namespaces/mke/downloadrequests")) as {
    items: { spec: { target: { name: string } }; metadata: { name: string } }[];
  };
  // The Velero CLI leaves its own, which end in a UUID too: its names are NAME-UUID of those it was asked about.
  const before = items.length;
  await succeed(world.run(`describe ${good} --details`));
  await succeed(world.run(`logs ${good}`));
  const after = (await world.api.get("/apis/velero.io/v1/namespaces/mke/downloadrequests")) as { items: unknown[] };
  assert.ok(after.items.length <= before, `${before} requests became ${after.items.length}`);
});
