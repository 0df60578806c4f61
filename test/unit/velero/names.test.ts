import assert from "node:assert/strict";
import { test } from "node:test";
import { compactTime, generatedBackupName, labelValue, nameProblem } from "../../../src/velero/names.ts";

// The second and third are Velero's own examples and the well-known digest of 64 times the letter a.
const values: [name: string, value: string][] = [
  ["nightly", "nightly"],
  [
    "this_is_a_very_long_label_value_that_will_be_rejected_by_Kubernetes",
    "this_is_a_very_long_label_value_that_will_be_rejected_by_8d0722",
  ],
  ["a".repeat(64), `${"a".repeat(57)}ffe054`],
  ["a".repeat(63), "a".repeat(63)],
];
for (const [name, value] of values) {
  test(`a name of ${name.length} characters is the label ${value}`, () => assert.equal(labelValue(name), value));
}

test("times inside names are in UTC, with leading zeros", () => {
  const at = new Date("2026-01-02T03:04:05+00:00");
  assert.equal(compactTime(at), "20260102030405");
  assert.equal(generatedBackupName(at), "mke-20260102-030405");
  assert.equal(compactTime(new Date("2026-01-01T23:30:00-05:00")), "20260102043000");
});

test("the generated name is a valid one", () => assert.equal(nameProblem(generatedBackupName(new Date())), undefined));
