import assert from "node:assert/strict";
import { test } from "node:test";
import { age, ageOf, bytes, counted, duration, durationBetween, expiry, grouped } from "../../../src/output/units.ts";

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
const now = new Date("2026-11-24T09:00:00Z");
const at = (milliseconds: number) => new Date(now.getTime() + milliseconds).toISOString();

// apimachinery's duration.HumanDuration, at each border from both sides.
const ages: [milliseconds: number, text: string][] = [
  [-2 * second, "<invalid>"],
  [-1999, "0s"],
  [-second, "0s"],
  [0, "0s"],
  [999, "0s"],
  [2 * minute - 1, "119s"],
  [2 * minute, "2m"],
  [2 * minute + second, "2m1s"],
  [10 * minute - 1, "9m59s"],
  [10 * minute, "10m"],
  [10 * minute + 59 * second, "10m"],
  [3 * hour - 1, "179m"],
  [3 * hour, "3h"],
  [3 * hour + minute, "3h1m"],
  [8 * hour - 1, "7h59m"],
  [8 * hour, "8h"],
  [48 * hour - 1, "47h"],
  [48 * hour, "2d"],
  [49 * hour, "2d1h"],
  [8 * day - 1, "7d23h"],
  [8 * day, "8d"],
  [730 * day - 1, "729d"],
  [730 * day, "2y"],
  [731 * day, "2y1d"],
  [8 * 365 * day - 1, "7y364d"],
  [8 * 365 * day, "8y"],
  [30 * 365 * day, "30y"],
];
for (const [milliseconds, text] of ages) {
  test(`an age of ${milliseconds} ms is ${text}, as in kubectl`, () => assert.equal(age(milliseconds), text));
}

test("a time that is missing has no age", () => {
  assert.equal(ageOf(undefined, now), "-");
  assert.equal(ageOf(undefined, now, "never"), "never");
  assert.equal(ageOf(at(-3 * hour), now), "3h");
});

const durations: [milliseconds: number, text: string][] = [
  [-5 * second, "0s"],
  [0, "0s"],
  [499, "0s"],
  [16 * second, "16s"],
  [59_499, "59s"],
  [59_500, "1m"],
  [2 * minute + 23 * second, "2m23s"],
  [59 * minute + 59 * second, "59m59s"],
  [hour, "1h"],
  [hour + 4 * minute + 59 * second, "1h4m"],
  [26 * hour, "26h"],
];
for (const [milliseconds, text] of durations) {
  test(`what took ${milliseconds} ms took ${text}`, () => assert.equal(duration(milliseconds), text));
}

test("what has not ended is measured until now, if now is known", () => {
  assert.equal(durationBetween(at(-90 * second), at(-30 * second), now), "1m");
  assert.equal(durationBetween(at(-90 * second), undefined, now), "1m30s");
  assert.equal(durationBetween(at(-90 * second), undefined), "-");
  assert.equal(durationBetween(undefined, at(0), now), "-");
});

const expiries: [left: number, text: string][] = [
  [30 * day, "30d"],
  [30 * day - 1, "29d"],
  [day, "1d"],
  [day - 1, "23h"],
  [hour, "1h"],
  [hour - 1, "59m"],
  [minute, "1m"],
  [minute - 1, "59s"],
  [0, "0s"],
  [-1, "0s ago"],
  [-minute, "1m ago"],
  [-3 * day, "3d ago"],
  [365 * day, "1y"],
  [365 * day - 1, "364d"],
];
for (const [left, text] of expiries) {
  test(`what expires in ${left} ms: ${text}`, () => assert.equal(expiry(at(left), now), text));
}
test("what never expires has a dash", () => assert.equal(expiry(undefined, now), "-"));

const sizes: [count: number, text: string][] = [
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [310 * 1024 ** 2, "310 MiB"],
  [1.2 * 1024 ** 3, "1.2 GiB"],
  [10.4 * 1024 ** 3, "10 GiB"],
  [2 * 1024 ** 5, "2 PiB"],
  [5000 * 1024 ** 5, "5000 PiB"],
];
for (const [count, text] of sizes) {
  test(`${count} bytes are ${text}`, () => assert.equal(bytes(count), text));
}

test("counts in sentences are grouped and take a plural", () => {
  assert.equal(grouped(999), "999");
  assert.equal(grouped(1_204_000), "1,204,000");
  assert.equal(counted(1, "item"), "1 item");
  assert.equal(counted(0, "item"), "0 items");
  assert.equal(counted(3120, "volume"), "3,120 volumes");
});
