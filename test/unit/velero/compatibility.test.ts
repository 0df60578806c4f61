import assert from "node:assert/strict";
import { test } from "node:test";
import { untriedTogether } from "../../../src/velero/compatibility.ts";

const cases: [velero: string | undefined, mke: string | undefined, said: string | undefined][] = [
  ["v1.13.0", "v4.1.0", undefined],
  ["v1.18.1", "v4.0.2", undefined],
  ["1.13.2", undefined, undefined],
  [undefined, undefined, undefined],
  ["main", "unknown", undefined],
  ["v1.16.0", "v4.1.0", "this version was not tried with Velero v1.16.0 (tested with 1.13 and 1.18)"],
  ["v1.13.0", "v4.2.0", "this version was not tried with MKE v4.2.0 (known: 4.0 and 4.1)"],
  [
    "v2.0.0",
    "v5.0.0",
    "this version was not tried with Velero v2.0.0 (tested with 1.13 and 1.18) and MKE v5.0.0 (known: 4.0 and 4.1)",
  ],
  ["v1.1.3", undefined, "this version was not tried with Velero v1.1.3 (tested with 1.13 and 1.18)"],
  ["v1.130.0", undefined, "this version was not tried with Velero v1.130.0 (tested with 1.13 and 1.18)"],
];
for (const [velero, mke, said] of cases) {
  test(`Velero ${velero} with MKE ${mke}: ${said === undefined ? "nothing to say" : "untried"}`, () => {
    assert.equal(untriedTogether(velero, mke), said);
  });
}
