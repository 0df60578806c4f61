import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes, Failure, hasReason, sentenceOf, usageFailure } from "../../../src/core/failure.ts";

test("the exit codes that scripts rely on", () => {
  assert.deepEqual(exitCodes, { failed: 1, usage: 2, incomplete: 3, timeout: 124, interrupted: 130 });
});

test("a failure's sentence begins with error:, or as kubectl begins it", () => {
  assert.equal(new Failure("failed", "it broke").sentence, "error: it broke");
  const heading = "Error from server (NotFound): ";
  assert.equal(new Failure("failed", "x not found", { heading }).sentence, "Error from server (NotFound): x not found");
});

test("as evidence inside a report a failure is one line without error:", () => {
  assert.equal(sentenceOf(new Failure("failed", "it broke")), "it broke");
  assert.equal(
    sentenceOf(new Failure("failed", "gone", { heading: "Error from server: " })),
    "Error from server: gone",
  );
  assert.equal(sentenceOf(new TypeError("no such thing")), "no such thing");
  assert.equal(sentenceOf("thrown text"), "thrown text");
});

test("a refusal of what was typed is a usage failure with what to do", () => {
  const refusal = usageFailure("no", "first", "second");
  assert.equal(refusal.kind, "usage");
  assert.deepEqual(refusal.next, ["first", "second"]);
});

test("only failures have reasons", () => {
  assert.equal(hasReason(new Failure("failed", "no", { reason: "Forbidden" }), "Forbidden"), true);
  assert.equal(hasReason(new Failure("failed", "no", { reason: "Forbidden" }), "NotFound"), false);
  assert.equal(hasReason(Object.assign(new Error("no"), { reason: "Forbidden" }), "Forbidden"), false);
});
