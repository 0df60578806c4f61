import assert from "node:assert/strict";
import { test } from "node:test";
import { readPattern, readSince } from "../../../src/commands/log-flags.ts";
import type { Failure } from "../../../src/core/failure.ts";

const now = new Date("2026-11-24T12:00:00Z");

for (const [typed, meant] of [
  ["10m", "2026-11-24T11:50:00.000Z"],
  ["1h30m", "2026-11-24T10:30:00.000Z"],
  ["2026-11-24T07:00:00Z", "2026-11-24T07:00:00.000Z"],
  ["2026-11-24T07:00:00+02:00", "2026-11-24T05:00:00.000Z"],
  ["2026-11-24T07:00", "2026-11-24T07:00:00.000Z"],
  ["2026-11-24 07:00:00", "2026-11-24T07:00:00.000Z"],
  ["2026-11-24", "2026-11-24T00:00:00.000Z"],
] as const)
  test(`--since ${typed} is ${meant}`, () => assert.equal(readSince(typed, now).toISOString(), meant));

for (const typed of ["yesterday", "3d", "2026-13-45T00:00:00Z", "07:00", ""])
  test(`--since ${JSON.stringify(typed)} is refused`, () =>
    assert.throws(() => readSince(typed, now), {
      kind: "usage",
      message: `--since ${typed} is neither a duration nor a time`,
    }));

for (const [pattern, at, why] of [
  ["web-(", 5, "unterminated group"],
  ["a[b", 2, "unterminated character class"],
  ["(ab**)", 5, "nothing to repeat"],
  ["ab)c", 3, "unmatched ')'"],
  ["*", 1, "nothing to repeat"],
] as const)
  test(`--grep ${pattern} is wrong at ${at}`, () =>
    assert.throws(
      () => readPattern(pattern),
      (error: Failure) => {
        assert.equal(error.kind, "usage");
        const [first, shown, caret] = error.message.split("\n");
        assert.equal(first, `--grep is no regular expression: ${why} at character ${at}`);
        assert.equal(shown?.[(caret ?? "").indexOf("^")], pattern[at - 1]);
        return true;
      },
    ));

test("--grep is a regular expression", () => assert.match("name=web-1", readPattern("web-\\d$")));
