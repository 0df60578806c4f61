import type { RuleText } from "../../src/health/rule.ts";
import { families } from "../../src/health/rules/families.ts";
import { screens } from "../../test/unit/health/screen-samples.ts";

/** Every rule of status and doctor as Markdown, and what both show of five broken clusters. */
export function troubleshooting(): string {
  return `${[
    "# Troubleshooting",
    "What `kubectl mkebackup status` and `kubectl mkebackup doctor` can find. `status` shows in short what is wrong, `doctor` looks at more and tells of each problem where it comes from and what to do. Both end with exit code 3 when something fails; `-o json` gives the same report with the rules' ids. This page is generated from the rules (`npm run docs`); `kubectl mkebackup doctor --explain RULE` prints one of them.",
    "## What it looks like",
    ...screens().flatMap(({ name, status, doctor }) => [
      `### ${name}`,
      fenced("kubectl mkebackup status", status),
      fenced("kubectl mkebackup doctor", doctor),
    ]),
    "## Rules",
    ...families.flatMap(({ title, rules }) => [
      `### ${title}`,
      ...Object.entries(rules).map(([id, rule]) => entry(id, rule)),
    ]),
  ].join("\n\n")}\n`;
}

const fenced = (command: string, screen: string): string => `\`\`\`\n$ ${command}\n${screen}\n\`\`\``;

function entry(id: string, { severity, summary, cause, remedy, doc }: RuleText): string {
  const word = severity === "either" ? "FAIL or WARN" : severity.toUpperCase();
  return `#### ${id}\n\n${word}: ${summary}.\n\n${cause}\n\nWhat to do: ${remedy}\n\nSee <${doc}>.`;
}
