import { knownValue } from "../fact.ts";
import { type Facts, ownCommand } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";

const texts = {
  "rights.missing": {
    severity: "warn",
    summary: "This user may not take or restore backups",
    cause: "The Kubernetes API server refuses this user a right that create or restore cannot do without.",
    remedy: "Let an administrator bind the role that rbac prints to this user.",
    doc: pages.rbac,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

export const rightsRules = defineFamily({
  title: "Rights of this user",
  rules: texts,
  judge: (facts) => judgeRights(facts),
});

/** What one looks at a doctor for: can I back up, can I get it back. Other verbs are told of by `rbac --check`. */
const verbsThatMatter = ["create", "restore"];

function judgeRights(facts: Facts): Problem<keyof typeof texts>[] {
  const rights = knownValue(facts.thorough?.rights);
  const refused = (rights?.verbs ?? []).filter(
    ({ name, allowed }) => verbsThatMatter.includes(name) && allowed === "none",
  );
  if (refused.length === 0) return [];
  const missing = [...new Set(refused.flatMap(({ blocking }) => blocking))];
  return [
    {
      id: "rights.missing",
      severity: "warn",
      about: ["backups", "restores"],
      title: `This user may not ${refused.map(({ name }) => name).join(" and ")}`,
      evidence: say`What lacks in namespace ${facts.namespace}: ${missing.join(", ")}.`,
      next: ownCommand(facts, "rbac --check"),
    },
  ];
}
