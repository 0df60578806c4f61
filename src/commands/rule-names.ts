import { ruleTexts } from "../health/judge.ts";

/** The ids of all rules, with what each finds. */
export const ruleNames = (): { readonly value: string; readonly note: string }[] =>
  [...ruleTexts()].map(([id, { summary }]) => ({ value: id, note: summary }));
