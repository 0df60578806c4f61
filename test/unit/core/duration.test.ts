import assert from "node:assert/strict";
import { test } from "node:test";
import { durationProblem, parseGoDuration } from "../../../src/core/duration.ts";

const readable: [text: string, milliseconds: number][] = [
  ["720h", 2_592_000_000],
  ["720h0m0s", 2_592_000_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["1.s", 1000],
  ["45s", 45_000],
  ["10ms", 10],
  ["0", 0],
  ["0s", 0],
  ["1m1m", 120_000],
];
for (const [text, milliseconds] of readable) {
  test(`${text} is ${milliseconds} ms`, () => {
    assert.equal(parseGoDuration(text), milliseconds);
    assert.equal(durationProblem(text), undefined);
  });
}

for (const text of ["", "h", "5", "1 h", "1h ", "1h30", "1d", "1H", "30d12h", "1,5h", "one hour", "1h-5m", "1e3s"]) {
  test(`${JSON.stringify(text)} is no duration that Go could read`, () => {
    assert.equal(parseGoDuration(text), undefined);
    assert.notEqual(durationProblem(text), undefined);
  });
}

test("microseconds and nanoseconds are read in both spellings", () => {
  assert.equal(parseGoDuration("1000us"), 1);
  assert.equal(parseGoDuration("1000µs"), 1);
  assert.ok(Math.abs((parseGoDuration("1000000ns") ?? 0) - 1) < 1e-9);
});

const inDays: [text: string, hint: RegExp][] = [
  ["30d", /720h is 30 days/],
  ["1d", /24h is 1 day/],
  ["2w", /336h is 14 days/],
];
for (const [text, hint] of inDays) {
  test(`${text} is refused with the number of hours it would be`, () => {
    assert.match(durationProblem(text) ?? "", hint);
  });
}

test("what is longer than Go can count is refused: the server could not read its own list any more", () => {
  assert.equal(parseGoDuration("2562047h47m16s"), 9_223_372_036_000);
  assert.equal(parseGoDuration("2562048h"), undefined);
  assert.match(durationProblem("2562048h") ?? "", /292 years/);
});

test("any other text is refused with examples", () => {
  assert.equal(durationProblem("soon"), "It takes hours, minutes and seconds: 1h30m, 720h, 45s.");
});
