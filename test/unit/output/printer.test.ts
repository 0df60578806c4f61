import assert from "node:assert/strict";
import { test } from "node:test";
import { objectList, print as parts, withoutManagedFields } from "../../../src/output/printer.ts";
import { noColours, type Screen } from "../../../src/output/screen.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date(0) };
const print = async (...given: Parameters<typeof parts<string[]>>) => (await Array.fromAsync(parts(...given))).join("");
const command = {
  text: (result: string[]) => result.join("\n"),
  document: (result: string[]) => ({ kind: "List", items: result, again: result }),
  names: (result: string[]) => result.map((name) => `backup.velero.io/${name}`),
};

test("text ends with one line break, and nothing stays nothing", async () => {
  assert.equal(await print(command, ["a", "b"], "table", screen), "a\nb\n");
  assert.equal(await print(command, [], "table", screen), "");
  assert.equal(await print({ ...command, text: () => "a\n" }, [], "wide", screen), "a\n");
});

test("names stand one a line", async () => {
  assert.equal(await print(command, ["a", "b"], "name", screen), "backup.velero.io/a\nbackup.velero.io/b\n");
  assert.equal(await print(command, [], "name", screen), "");
});

test("JSON is indented by four as kubectl's", async () => {
  const text = await print(command, ["a"], "json", screen);
  assert.match(text, /^\{\n {4}"kind": "List",/);
  assert.ok(text.endsWith("}\n"));
});

test("YAML has neither anchors nor folded lines", async () => {
  const long = "word ".repeat(60).trim();
  const text = await print(command, [long], "yaml", screen);
  assert.equal(text, `kind: List\nitems:\n  - ${long}\nagain:\n  - ${long}\n`);
});

test("several objects are a v1 List without managedFields", () => {
  const object = { kind: "Backup", metadata: { name: "a", managedFields: [{ manager: "velero" }] } };
  assert.deepEqual(withoutManagedFields(object), { kind: "Backup", metadata: { name: "a" } });
  assert.deepEqual(objectList([object]), {
    apiVersion: "v1",
    kind: "List",
    metadata: { resourceVersion: "" },
    items: [{ kind: "Backup", metadata: { name: "a" } }],
  });
});

const object = (name: string) => ({ kind: "Backup", metadata: { name, managedFields: [] }, spec: { lines: "a\n b" } });
const several = [[[object("a"), object("b")], [object("c")]], [[object("a")]], [[]], []];
for (const pages of several) {
  test(`a list in pages of ${pages.map(({ length }) => length)} objects is the same JSON as in one piece`, async () => {
    const paged = {
      ...command,
      async *pages() {
        yield* pages;
      },
    };
    const whole = { ...command, document: () => objectList(pages.flat()) };
    assert.equal(await print(paged, [], "json", screen), await print(whole, [], "json", screen));
  });
}

test("a list whose first page fails prints nothing", async () => {
  const failing = {
    ...command,
    // biome-ignore lint/correctness/useYield: it fails before it could.
    async *pages() {
      throw new Error("forbidden");
    },
  };
  const seen: string[] = [];
  const reading = (async () => {
    for await (const part of parts(failing, [], "json", screen)) seen.push(part);
  })();
  await assert.rejects(reading, /forbidden/);
  assert.deepEqual(seen, []);
});
