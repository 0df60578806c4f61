import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatSelector, parseSelector } from "../../../src/velero/selector.ts";
import type { LabelSelector } from "../../../src/velero/types.ts";

type Labels = Readonly<Record<string, string>>;
/** One condition, as kubectl writes it and as it is meant. */
interface Condition {
  readonly text: string;
  holds(labels: Labels): boolean;
}

const key = fc.constantFrom("app", "tier", "in", "velero.io/schedule-name", "a.b/c_d.E");
const value = fc.constantFrom("", "web", "db", "in", "A_b.c-1");
const space = fc.constantFrom("", " ", "  ");
const values = fc.array(value, { minLength: 1, maxLength: 3 });

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.tuple(key, fc.constantFrom("=", "=="), value, space).map(([name, sign, wanted, gap]) => ({
    text: `${gap}${name}${gap}${sign}${gap}${wanted}`,
    holds: (labels: Labels) => labels[name] === wanted,
  })),
  fc.tuple(key, value, space).map(([name, unwanted, gap]) => ({
    text: `${name}${gap}!=${gap}${unwanted}`,
    holds: (labels: Labels) => labels[name] !== unwanted,
  })),
  fc.tuple(key, values, space).map(([name, wanted, gap]) => ({
    text: `${name} in${gap}(${gap}${wanted.join(`${gap},`)}${gap})`,
    holds: (labels: Labels) => wanted.some((one) => labels[name] === one),
  })),
  fc.tuple(key, values, space).map(([name, unwanted, gap]) => ({
    text: `${name}  notin${gap}(${unwanted.join(`,${gap}`)})${gap}`,
    holds: (labels: Labels) => unwanted.every((one) => labels[name] !== one),
  })),
  key.map((name) => ({ text: name, holds: (labels: Labels) => labels[name] !== undefined })),
  key.map((name) => ({ text: `!${name}`, holds: (labels: Labels) => labels[name] === undefined })),
);
const conditions = fc.array(condition, { minLength: 1, maxLength: 4 });
const labels = fc.dictionary(key, value, { maxKeys: 5 });

/** What the API server makes of a LabelSelector. */
function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, of: Labels): boolean {
  const has = (name: string, wanted: readonly string[] = []) => wanted.includes(of[name] ?? "\0");
  const operators: Readonly<Record<string, (name: string, wanted?: readonly string[]) => boolean>> = {
    In: has,
    NotIn: (name, wanted) => !has(name, wanted),
    Exists: (name) => name in of,
    DoesNotExist: (name) => !(name in of),
  };
  return (
    Object.entries(matchLabels).every(([name, wanted]) => of[name] === wanted) &&
    matchExpressions.every(({ key: name, operator, values: wanted }) => operators[operator]?.(name, wanted))
  );
}

test("a selector selects what its conditions say, all of them together", () => {
  fc.assert(
    fc.property(conditions, labels, (given, of) => {
      const selector = parseSelector(given.map(({ text }) => text).join(","), "selector");
      assert.equal(
        selects(selector, of),
        given.every((one) => one.holds(of)),
        JSON.stringify(selector),
      );
    }),
    { numRuns: 1000 },
  );
});

test("a selector that is written out and read again is the same", () => {
  fc.assert(
    fc.property(conditions, (given) => {
      const selector = parseSelector(given.map(({ text }) => text).join(","), "selector");
      assert.deepEqual(parseSelector(formatSelector(selector), "selector"), selector);
    }),
  );
});

test("any text is read or refused with a sentence about the command line", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a/.,=!() in-]{0,12}$/)), (text) => {
      try {
        parseSelector(text, "selector");
      } catch (error) {
        assert.equal((error as { kind?: string }).kind, "usage");
      }
    }),
  );
});
