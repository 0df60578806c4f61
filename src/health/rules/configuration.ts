import { sourceName } from "../../mke/configuration.ts";
import { knownValue } from "../fact.ts";
import { type Facts, ownCommand } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";

const texts = {
  "config.disabled": {
    severity: "warn",
    summary: "MKE's configuration switches backups off",
    cause: "The configuration says backup.enabled: false while Velero is there: MKE may remove it at any time.",
    remedy: "Set backup.enabled in mke4.yaml as it is meant, and apply it.",
    doc: pages.mkeBackup,
  },
  "config.invalid": {
    severity: "warn",
    summary: "MKE's backup configuration has mistakes",
    cause: "A value is not one of those that MKE knows, or one that the provider needs is missing.",
    remedy: "Correct mke4.yaml and apply it.",
    doc: pages.mkeBackup,
  },
  "config.conflict": {
    severity: "warn",
    summary: "Two MKE configurations say different things",
    cause: "A ConfigMap and the MkeConfig object both hold a backup section, and they differ.",
    remedy: "Find out which is in effect, and correct the other.",
    doc: pages.mkeBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const configurationRules = defineFamily({
  title: "MKE's configuration",
  rules: texts,
  judge: (facts) => judgeConfiguration(facts),
});

function judgeConfiguration(facts: Facts): Found[] {
  const configuration = knownValue(facts.configuration);
  if (configuration === undefined) return [];
  const from = sourceName(configuration.source);
  const common = { severity: "warn", about: ["configuration"], next: ownCommand(facts, "config") } as const;
  const wrong = configuration.problems.filter(({ level }) => level === "problem");
  const problems: Found[] = [];
  if (configuration.enabled === false) {
    problems.push({
      ...common,
      id: "config.disabled",
      title: "MKE's configuration switches backups off",
      evidence: say`${from} says backup.enabled: false, so MKE may remove Velero.`,
    });
  }
  const [first] = wrong;
  if (first !== undefined) {
    const more = wrong.length === 1 ? "" : ` There are ${wrong.length - 1} more.`;
    problems.push({
      ...common,
      id: "config.invalid",
      title: "MKE's backup configuration has mistakes",
      evidence: say`${from}: ${first.message}.${more}`,
    });
  }
  if (configuration.conflict !== undefined) {
    const { source, fields } = configuration.conflict;
    problems.push({
      ...common,
      id: "config.conflict",
      title: "Two MKE configurations say different things",
      evidence: say`${from} and ${sourceName(source)} differ in ${fields.map(({ path }) => path).join(", ")}.`,
    });
  }
  return problems;
}
