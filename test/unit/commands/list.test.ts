import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context, OutputFormat } from "../../../src/commands/command.ts";
import { command } from "../../../src/commands/list.ts";
import type { KubeObject } from "../../../src/core/resource.ts";
import { print } from "../../../src/output/printer.ts";
import { noColours, type Screen } from "../../../src/output/screen.ts";
import { fakeCluster } from "../fake-cluster.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date("2026-01-02T00:00:00Z") };

const backup = (name: string, startTimestamp: string, namespace = "mke") => ({
  apiVersion: "velero.io/v1",
  kind: "Backup",
  metadata: { name, namespace, managedFields: [{}] },
  status: { phase: "Completed", startTimestamp, completionTimestamp: startTimestamp },
});
const backups = [
  backup("a", "2026-01-01T10:00:00Z"),
  backup("b", "2026-01-01T12:00:00Z"),
  backup("c", "2026-01-01T11:00:00Z"),
];

interface Given {
  readonly objects?: readonly KubeObject[];
  readonly namespace?: string;
  readonly flags?: object;
}

/** What the command prints, and what it tells beside. */
async function listed(output: OutputFormat, { objects = backups, namespace = "mke", flags = {} }: Given = {}) {
  const told: string[] = [];
  const cluster = fakeCluster({ objects });
  const context = {
    cluster: async () => cluster,
    velero: async () => ({ name: namespace, locations: [] }),
    namedNamespace: undefined,
    tell: (sentence: string) => void told.push(sentence),
    screen,
    signal: new AbortController().signal,
    now: () => screen.now,
  } as unknown as Context;
  const args = { operands: [], output, ...flags } as unknown as Parameters<typeof command.run>[0];
  const found = await command.run(args, context);
  const text = (await Array.fromAsync(print(command, found, output, screen))).join("");
  return { text, told, requests: cluster.requests };
}

const namesIn = (text: string): string[] =>
  (JSON.parse(text) as { items: KubeObject[] }).items.map(({ metadata }) => metadata.name);

test("the table has the newest first, json and yaml come in the server's order", async () => {
  const { text } = await listed("table");
  assert.deepEqual(
    text
      .split("\n")
      .slice(1, -1)
      .map((line) => line[0]),
    ["b", "c", "a"],
  );
  const json = (await listed("json")).text;
  assert.deepEqual(namesIn(json), ["a", "b", "c"]);
  assert.doesNotMatch(json, /managedFields/);
  assert.match((await listed("yaml")).text, /name: a.*name: b.*name: c/s);
});

test("json is ordered where an order or a limit is asked for", async () => {
  assert.deepEqual(namesIn((await listed("json", { flags: { "sort-by": "age" } })).text), ["b", "c", "a"]);
  assert.deepEqual(namesIn((await listed("json", { flags: { limit: 1 } })).text), ["b"]);
});

test("json has every object of a list of several pages, and only those that were asked for", async () => {
  const objects = Array.from({ length: 1201 }, (_, at) =>
    backup(`n${String(at).padStart(4, "0")}`, "2026-01-01T00:00:00Z"),
  );
  const { text, requests } = await listed("json", { objects });
  assert.deepEqual(
    namesIn(text),
    objects.map(({ metadata }) => metadata.name),
  );
  assert.equal(requests.length, 1);
  const failed = await listed("json", { objects, flags: { status: ["Failed"] } });
  assert.deepEqual(namesIn(failed.text), []);
  assert.deepEqual(failed.told, ["No backups like that in namespace mke."]);
});

test("where Velero works in another namespace than the likely one, that one is shown", async () => {
  const objects = [...backups, backup("x", "2026-01-01T00:00:00Z", "velero")];
  const { text, requests } = await listed("name", { objects, namespace: "velero" });
  assert.equal(text, "backup.velero.io/x\n");
  assert.deepEqual(
    requests.map(({ namespace }) => namespace),
    ["mke", "velero"],
  );
});

test("nothing is said once, on the side", async () => {
  for (const output of ["table", "name"] as const) {
    const { text, told } = await listed(output, { objects: [] });
    assert.deepEqual([text, told], ["", ["No backups in namespace mke."]]);
  }
  const { text, told } = await listed("json", { objects: [] });
  assert.deepEqual([namesIn(text), told], [[], ["No backups in namespace mke."]]);
});
