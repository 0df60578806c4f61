import type { Facts } from "./facts.ts";
import type { Problem } from "./problem.ts";
import type { RuleText } from "./rule.ts";
import { families } from "./rules/families.ts";

/** What one family found. */
export interface Checked {
  /** Velero server */
  readonly title: string;
  /** How many rules it has. */
  readonly rules: number;
  readonly problems: readonly Problem[];
}

/** Every rule over the same facts; failures first, and among equals causes before what they cause. */
export function judge(facts: Facts): { readonly problems: readonly Problem[]; readonly checked: readonly Checked[] } {
  const checked = families.map((family) => ({
    title: family.title,
    rules: Object.keys(family.rules).length,
    problems: family.judge(facts),
  }));
  const problems = checked
    .flatMap((one) => one.problems)
    .toSorted((a, b) => Number(a.severity !== "fail") - Number(b.severity !== "fail"));
  return { problems, checked };
}

/** All rules by their ids, in the order of the reference. */
export const ruleTexts = (): ReadonlyMap<string, RuleText> =>
  new Map(families.flatMap(({ rules }) => Object.entries(rules)));
