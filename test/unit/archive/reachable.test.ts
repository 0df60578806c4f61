import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { firstReachable } from "../../../src/archive/reachable.ts";
import { Failure } from "../../../src/core/failure.ts";
import type { Bucket } from "../../../src/object-store/object-store.ts";

const { signal } = new AbortController();

function address(name: string, asked: string[], reason?: string): Bucket {
  const answer = (what: string) => {
    asked.push(`${name} ${what}`);
    if (reason !== undefined) throw new Failure("failed", name, { reason });
  };
  return {
    async open(key) {
      answer(key);
      return { size: 0, etag: name, content: Readable.from([]) };
    },
    async *list(prefix) {
      answer(prefix);
      yield { key: `${prefix}1`, size: 1, modified: undefined };
      yield { key: `${prefix}2`, size: 2, modified: undefined };
    },
  };
}

test("the first address is asked alone while it can be reached", async () => {
  const asked: string[] = [];
  const bucket = firstReachable([address("public", asked), address("inner", asked)]);
  assert.equal((await bucket.open("a", { signal })).etag, "public");
  assert.deepEqual(
    (await Array.fromAsync(bucket.list("p/", signal))).map(({ size }) => size),
    [1, 2],
  );
  assert.deepEqual(asked, ["public a", "public p/"]);
});

for (const reason of ["Unreachable", "Untrusted"]) {
  test(`an address that is ${reason} is asked no more`, async () => {
    const asked: string[] = [];
    const bucket = firstReachable([address("public", asked, reason), address("inner", asked)]);
    assert.equal((await Array.fromAsync(bucket.list("p/", signal))).length, 2);
    assert.equal((await bucket.open("a", { signal })).etag, "inner");
    assert.deepEqual(asked, ["public p/", "inner p/", "inner a"]);
  });
}

test("files that are asked for side by side change over together", async () => {
  const asked: string[] = [];
  const bucket = firstReachable([address("public", asked, "Unreachable"), address("inner", asked)]);
  const found = await Promise.all(["a", "b", "c"].map((key) => bucket.open(key, { signal })));
  assert.deepEqual(
    found.map(({ etag }) => etag),
    ["inner", "inner", "inner"],
  );
});

test("what the store says of the file itself is its last word, and so is the last address's", async () => {
  const asked: string[] = [];
  const gone = firstReachable([address("public", asked, "NotFound"), address("inner", asked)]);
  await assert.rejects(gone.open("a", { signal }), { reason: "NotFound" });
  const closed = firstReachable([address("public", asked, "Unreachable"), address("inner", asked, "Unreachable")]);
  await assert.rejects(closed.open("a", { signal }), { message: "inner" });
});
