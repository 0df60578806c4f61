import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFullYaml } from "../../../src/kube/full-yaml.ts";

/** Plain scalars, and what Go's parser (sigs.k8s.io/yaml) makes of them. */
const scalars: readonly [written: string, meant: unknown][] = [
  ["yes", true],
  ["Off", false],
  ["y", true],
  ["~", null],
  ["12", 12],
  ["1.5", 1.5],
  [".5e3", 500],
  [".inf", Number.POSITIVE_INFINITY],
  ["e861", "e861"],
  ["-e5", "-e5"],
  [".", "."],
  ["1:30", "1:30"],
  ["2026-11-24", "2026-11-24"],
  ["2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"],
  ['"yes"', "yes"],
];
for (const [written, meant] of scalars) {
  test(`${written} means ${JSON.stringify(meant)}`, () => assert.deepEqual(parseFullYaml(`[${written}]`), [meant]));
}

test("of equal keys the last counts, and of documents the first", () => {
  assert.deepEqual(parseFullYaml("a: 1\na: 2\n---\nb: [\n"), { a: 2 });
});

test("what is no YAML is an error", () => assert.throws(() => parseFullYaml("a: [b"), /at line 1/));
