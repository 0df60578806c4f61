import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { durationProblem, parseGoDuration } from "../../../src/core/duration.ts";

const nanoseconds = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ns: 1n,
} as const;
const units = Object.keys(nanoseconds) as (keyof typeof nanoseconds)[];

const part = fc.record({
  whole: fc.nat(99_999),
  fraction: fc.option(fc.stringMatching(/^\d{0,6}$/)),
  unit: fc.constantFrom(...units),
});
const written = ({ whole, fraction, unit }: { whole: number; fraction: string | null; unit: string }) =>
  `${whole}${fraction === null ? "" : `.${fraction}`}${unit}`;

test("a duration is the sum of its parts, in whatever order they stand", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const sum = parts.reduce((total, { whole, fraction, unit }) => {
        const digits = fraction ?? "";
        const scaled = BigInt(`${whole}${digits}`) * nanoseconds[unit];
        return total + Number(scaled / 10n ** BigInt(digits.length));
      }, 0);
      const read = parseGoDuration(parts.map(written).join("")) ?? Number.NaN;
      assert.ok(Math.abs(read - sum / 1e6) <= 1e-5 * Math.max(1, sum / 1e6), `${read} for ${sum} ns`);
    }),
  );
});

test("what Go cannot hold is no duration: the server could not read its own list", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 66n }), fc.constantFrom(...units), (total, unit) => {
      const count = total / nanoseconds[unit];
      const fits = count * nanoseconds[unit] < 2n ** 63n;
      const near = count * nanoseconds[unit] > 2n ** 63n - 10_000n && count * nanoseconds[unit] < 2n ** 63n + 10_000n;
      if (!near) assert.equal(parseGoDuration(`${count}${unit}`) !== undefined, fits);
    }),
  );
  assert.equal(parseGoDuration("2562047h47m16s") !== undefined, true);
  assert.equal(parseGoDuration("2562047h47m17s"), undefined);
});

test("any other text is no duration, and there is a sentence that says so", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.hmsdw ]{0,8}$/)), (text) => {
      const read = parseGoDuration(text);
      if (!/^(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) assert.equal(read, undefined);
      assert.equal(durationProblem(text) === undefined, read !== undefined);
    }),
  );
});
