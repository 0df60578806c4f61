import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../src/core/failure.ts";
import { cannotWrite } from "../../../src/core/file-failure.ts";

for (const [code, sentence] of [
  ["ENOSPC", "cannot write b.tar.gz: no space left on the device"],
  ["EACCES", "cannot write b.tar.gz: permission denied"],
  ["EISDIR", "cannot write b.tar.gz: it is a folder"],
  ["EWEIRD", "cannot write b.tar.gz: EWEIRD: something"],
] as const) {
  test(`${code} reads: ${sentence}`, () => {
    const { message, reason } = cannotWrite("b.tar.gz", Object.assign(new Error(`${code}: something`), { code }));
    assert.deepEqual([message, reason], [sentence, code]);
  });
}

test("a failure stays what it is", () => {
  const failure = new Failure("failed", "the tarball is damaged");
  assert.equal(cannotWrite("b.tar.gz", failure), failure);
});
