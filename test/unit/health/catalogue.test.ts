import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { families } from "../../../src/health/rules/families.ts";

const rules = families.flatMap(({ rules: own }) => Object.entries(own));
const folder = import.meta.dirname;
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => readFileSync(join(folder, name), "utf8"))
  .join("\n");

test("every rule has an id of its own", () => {
  const ids = rules.map(([id]) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
  for (const id of ids) assert.match(id, /^[a-z]+(\.[a-z]+(-[a-z]+)*)+$/);
});

for (const [id, rule] of rules) {
  test(`${id} is explained, and found by a test`, () => {
    assert.match(rule.summary, /^[A-Z].*[^.]$/, "the summary is a sentence without a period");
    assert.match(rule.cause, /^[A-Z].*\.$/);
    assert.match(rule.remedy, /^[A-Z].*\.$/);
    assert.ok(URL.canParse(rule.doc), rule.doc);
    const found = rule.severity === "either" ? ["fail", "warn"] : [rule.severity];
    for (const severity of found) assert.ok(cases.includes(`"${severity} ${id}"`), `no test finds "${severity} ${id}"`);
    if (rule.severity === "fail") assert.ok(!cases.includes(`"warn ${id}"`), "the text says that it fails");
    if (rule.severity === "warn") assert.ok(!cases.includes(`"fail ${id}"`), "the text says that it warns");
  });
}
