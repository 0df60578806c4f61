import { Failure, usageFailure } from "../core/failure.ts";
import { nearest } from "../core/nearest.ts";
import { statusDocument } from "../health/document.ts";
import { ruleTexts } from "../health/judge.ts";
import type { StatusReport } from "../health/report.ts";
import type { RuleText } from "../health/rule.ts";
import { defineCommand } from "./command.ts";
import { ageFlag, reportOnHealth } from "./health-report.ts";

const flags = {
  explain: {
    type: "text",
    value: "RULE",
    describe: "Print one rule: cause, remedy, source; asks no cluster",
  },
  ...ageFlag,
} as const;

type Shown =
  | { readonly report: StatusReport; readonly texts: ReadonlyMap<string, RuleText> }
  | { readonly id: string; readonly rule: RuleText };

export const command = defineCommand({
  flags,
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 0,
  examples: [
    ["kubectl mkebackup doctor", "Look at everything; each problem comes with its cause"],
    ["kubectl mkebackup doctor --explain storage.ephemeral", "What a rule means, without a cluster"],
    ["kubectl mkebackup doctor -o json", "The report of status with all that doctor found, for a program"],
  ],
  async run({ explain, "max-age": maxAge, output }, context): Promise<Shown> {
    const texts = ruleTexts();
    if (explain !== undefined) return { id: explain, rule: ruleNamed(explain, texts) };
    const report = await reportOnHealth(context, {
      askServer: true,
      thorough: true,
      mostBackups: 5,
      maxAge,
      ...(output === "table" || output === "wide" ? { meanwhile: () => import("../output/views/doctor.ts") } : {}),
    });
    return { report, texts };
  },
  async text(shown, screen) {
    const { doctorScreen, ruleScreen } = await import("../output/views/doctor.ts");
    return "rule" in shown ? ruleScreen(shown.id, shown.rule, screen) : doctorScreen(shown.report, shown.texts, screen);
  },
  document: (shown) =>
    "rule" in shown
      ? { apiVersion: "mkebackup/v1", kind: "Rule", id: shown.id, ...shown.rule }
      : statusDocument(shown.report),
  // The screen has said it all.
  verdict: (shown) =>
    "report" in shown && shown.report.verdict === "Degraded" ? new Failure("incomplete", "") : undefined,
});

function ruleNamed(id: string, texts: ReadonlyMap<string, RuleText>): RuleText {
  const rule = texts.get(id);
  if (rule !== undefined) return rule;
  const ids = [...texts.keys()];
  const near = nearest(id, ids);
  const areaOf = (name: string) => name.split(".", 1)[0] ?? "";
  const ofArea = ids.filter((name) => areaOf(name) === areaOf(id));
  const choice =
    ofArea.length > 0 ? `rules: ${ofArea.join(", ")}` : `rules begin with ${[...new Set(ids.map(areaOf))].join(", ")}`;
  throw usageFailure(
    `no rule is called ${id}`,
    near === undefined ? choice : `kubectl mkebackup doctor --explain ${near}`,
  );
}
