import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseGoDuration } from "../../../src/core/duration.ts";
import { age, bytes, duration, expiry, grouped } from "../../../src/output/units.ts";

/** The rules of kubectl's HumanDuration: below the limit (in whole seconds), one unit or two. */
const rules: readonly [below: bigint, big: "s" | "m" | "h" | "d" | "y", small?: "s" | "m" | "h" | "d"][] = [
  [120n, "s"],
  [600n, "m", "s"],
  [3n * 3600n, "m"],
  [8n * 3600n, "h", "m"],
  [48n * 3600n, "h"],
  [8n * 86_400n, "d", "h"],
  [2n * 365n * 86_400n, "d"],
  [8n * 365n * 86_400n, "y", "d"],
];
const size = { s: 1n, m: 60n, h: 3600n, d: 86_400n, y: 365n * 86_400n };

function asKubectl(milliseconds: number): string {
  const seconds = BigInt(milliseconds) / 1000n;
  if (seconds < -1n) return "<invalid>";
  if (seconds < 0n) return "0s";
  const [, big, small] = rules.find(([below]) => seconds < below) ?? ([0n, "y"] as const);
  const rest = small === undefined ? 0n : (seconds % size[big]) / size[small];
  return `${seconds / size[big]}${big}${rest === 0n ? "" : `${rest}${small}`}`;
}

// Most of the time between the limits would be years: exponents make each range as likely as the next.
const span = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: -999, max: 9999 }))
  .map(([power, digits]) => Math.round(digits * 10 ** (power - 1)));

test("every age is the one that kubectl shows", () => {
  fc.assert(
    fc.property(span, (milliseconds) => assert.equal(age(milliseconds), asKubectl(milliseconds))),
    {
      numRuns: 2000,
    },
  );
});

test("how long something took can be read back, is near, and its smaller unit is below the larger one", () => {
  fc.assert(
    fc.property(fc.nat(400 * 3_600_000), (milliseconds) => {
      const text = duration(milliseconds);
      const read = parseGoDuration(text) ?? Number.NaN;
      const slack = milliseconds < 3_599_500 ? 500 : 60_000;
      assert.ok(Math.abs(read - milliseconds) <= slack, text);
      assert.match(text, /^(\d|[1-5]\d)s$|^([1-9]|[1-5]\d)m(([1-9]|[1-5]\d)s)?$|^[1-9]\d*h(([1-9]|[1-5]\d)m)?$/);
    }),
  );
});

test("what expires has one unit, and never more of it than the next one holds", () => {
  const most: Readonly<Record<string, number>> = { s: 60, m: 60, h: 24, d: 365, y: Number.POSITIVE_INFINITY };
  fc.assert(
    fc.property(span, (milliseconds) => {
      const now = new Date("2026-11-24T09:00:00Z");
      const [, count = "", unit = "", ago] =
        /^(\d+)([smhdy])( ago)?$/.exec(expiry(new Date(now.getTime() + milliseconds).toISOString(), now)) ?? [];
      assert.ok(Number(count) < (most[unit] ?? 0));
      assert.equal(ago !== undefined, milliseconds < 0);
    }),
  );
});

test("sizes stay within a twentieth of what they are, and below 1024 of a unit", () => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  fc.assert(
    fc.property(fc.maxSafeNat(), (count) => {
      const [number = "", unit = ""] = bytes(count).split(" ");
      const shown = Number(number) * 1024 ** units.indexOf(unit);
      assert.ok(Math.abs(shown - count) <= count / 20, bytes(count));
      assert.ok(Number(number) < 1024);
    }),
  );
});

test("grouped digits are the same digits in threes", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (count) => {
      assert.equal(grouped(count).replaceAll(",", ""), String(count));
      assert.match(grouped(count), /^\d{1,3}(,\d{3})*$/);
    }),
  );
});
