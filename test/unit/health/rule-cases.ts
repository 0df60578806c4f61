// Tables of facts and the problems that the rules must find in them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "../../../src/health/facts.ts";
import { judge } from "../../../src/health/judge.ts";
import type { Problem } from "../../../src/health/problem.ts";
import { healthy } from "./samples.ts";

export interface Case {
  /** What differs from a healthy cluster. */
  readonly facts: Partial<Facts>;
  /** "severity id" of each problem, in order. */
  readonly found: readonly string[];
  /** Of the first problem, times spelled out. */
  readonly evidence?: RegExp;
  readonly next?: string;
}

const spelled = ({ evidence }: Problem): string =>
  evidence.map((part) => (typeof part === "string" ? part : part.toISOString())).join("");

/** One test for each case. */
export function testRules(cases: Readonly<Record<string, Case>>): void {
  for (const [name, { facts, found, evidence, next }] of Object.entries(cases)) {
    test(name, () => {
      const { problems } = judge(healthy(facts));
      assert.deepEqual(
        problems.map(({ severity, id }) => `${severity} ${id}`),
        found,
      );
      const [first] = problems;
      if (evidence !== undefined) assert.match(first === undefined ? "" : spelled(first), evidence);
      if (next !== undefined) assert.equal(first?.next, next);
      for (const problem of problems) {
        assert.match(problem.title, /^[A-Z].*[^.]$/, "a title is one sentence without a period");
        assert.match(spelled(problem), /^\S.*\.$/, "evidence is full sentences");
        assert.match(
          problem.next,
          /^kubectl (-n (mke|k0rdent)|mkebackup|(get|describe) (apiservice|crd|namespace)) /,
          "the next step is a command",
        );
      }
    });
  }
}
