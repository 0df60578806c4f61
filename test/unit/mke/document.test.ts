import assert from "node:assert/strict";
import { test } from "node:test";
import { candidatesIn, parseDocuments } from "../../../src/mke/document.ts";

const broken: readonly { what: string; yaml: string; at: string; why: RegExp }[] = [
  { what: "a tab", yaml: "backup:\n\tenabled: true\n", at: "line 2, column 1", why: /Tabs are not allowed/ },
  { what: "an open list", yaml: "a: 1\nb: [1, 2\nc: 3\n", at: "line 3, column", why: /Flow sequence/ },
  { what: "a key given twice", yaml: "a: 1\na: 2\n", at: "line 2, column 1", why: /keys must be unique/ },
  { what: "an odd indent", yaml: "a:\n  b: 1\n c: 2\n", at: "line 3, column", why: /./ },
  { what: "an open quote", yaml: 'a: "b\n', at: "line 2, column 1", why: /quote/ },
  { what: "an unknown anchor", yaml: "a: 1\nb: {c: *d}\n", at: "line 2, column 8", why: /\*d refers to an anchor/ },
  { what: "a later document", yaml: "a: 1\n---\nb: [\n", at: "line 4, column 1", why: /./ },
];

for (const { what, yaml, at, why } of broken) {
  test(`names line and column of ${what}`, async () => {
    const error = await parseDocuments(yaml, "mke4.yaml").catch((caught: unknown) => caught);
    assert.ok(error instanceof Error);
    assert.ok(error.message.startsWith(`mke4.yaml is not valid YAML: ${at}`), error.message);
    assert.match(error.message, why);
    assert.doesNotMatch(error.message, /\n| at line/, "one sentence, without the parser's excerpt");
  });
}

test("an anchor that contains itself is refused", async () => {
  await assert.rejects(parseDocuments("a: &a {b: *a}", "f"), {
    message: "f is not valid YAML: an anchor contains itself",
  });
});

test("anchors that unfold without end are refused", async () => {
  const levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (const [from, to] of ["ab", "bc", "cd", "de"]) {
    levels.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(", ")}]`);
  }
  await assert.rejects(parseDocuments(levels.join("\n"), "f"), { message: /unfold without end/ });
});

test("anchors and merge keys count", async () => {
  const yaml = "base: &base {type: External}\nbackup: {storage_provider: {<<: *base, external_options: {bucket: b}}}\n";
  assert.deepEqual(await parseDocuments(yaml, "f"), [
    {
      base: { type: "External" },
      backup: { storage_provider: { type: "External", external_options: { bucket: "b" } } },
    },
  ]);
});

test("an empty text, comments and a byte order mark", async () => {
  assert.deepEqual(await parseDocuments("", "f"), []);
  assert.deepEqual(
    (await parseDocuments("# nothing\n", "f")).filter((document) => document !== null),
    [],
  );
  assert.deepEqual(await parseDocuments("\uFEFFa: 1\r\nb: 2\r\n", "f"), [{ a: 1, b: 2 }]);
});

test("the MkeConfig is found among other documents, and in a List", () => {
  const config = { kind: "MkeConfig", spec: {} };
  const other = { kind: "ConfigMap", backup: {} };
  const flat = { hosts: [], backup: {} };
  const hasBackup = (document: unknown) => typeof document === "object" && document !== null && "backup" in document;
  assert.deepEqual(candidatesIn([null, other, config], hasBackup), [config]);
  assert.deepEqual(candidatesIn([{ kind: "List", items: [config, config] }], hasBackup), [config, config]);
  assert.deepEqual(candidatesIn([{ a: 1 }, flat], hasBackup), [flat]);
  assert.deepEqual(candidatesIn([null, { hosts: [] }, { b: 1 }], hasBackup), [{ hosts: [] }]);
  assert.deepEqual(candidatesIn([null], hasBackup), []);
});
