import type { WorkloadRow } from "../../health/components.ts";
import type { StatusReport } from "../../health/report.ts";
import type { RuleText } from "../../health/rule.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { wrap } from "../text.ts";
import { wrappedTable } from "../wrapped-table.ts";
import { header, widestLine } from "./status.ts";
import { componentTable, unseenText } from "./status-components.ts";
import { problemList } from "./status-problems.ts";

type Checked = StatusReport["checked"][number];

/** All that was looked at, and of each problem where it comes from and what to do. */
export function doctorScreen(report: StatusReport, texts: ReadonlyMap<string, RuleText>, screen: Screen): string {
  const width = Math.min(screen.width, widestLine);
  const sections = [
    header(report, screen, width),
    engineText(report, width),
    componentTable(report.components, screen, { verbose: true }),
    workloadTable(report, screen),
    table(checkedColumns, report.checked, screen),
    report.unseen.length === 0
      ? ""
      : `Not seen, so not judged:\n${wrappedTable(
          report.unseen.map(({ what, why }) => [`  ${what}`, unseenText(why)]),
          width,
        )}`,
    problemList(report.problems, screen, width, texts),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** What takes backups here, and what this program can do with it. */
const engineText = ({ engine }: StatusReport, width: number): string =>
  engine === undefined ? "" : wrap(`Backups here: ${engine.sentences.join(" ")}`, width).join("\n");

function workloadTable({ components }: StatusReport, screen: Screen): string {
  const rows = components.flatMap((component) =>
    component.type === "node-agents" ? component.workloads : "workload" in component ? [component.workload] : [],
  );
  const seen = rows.filter((row) => row !== undefined);
  return seen.length === 0 ? "" : table(workloadColumns, seen, screen);
}

/** The host before an image's name, which is longer than what tells one image from another. */
const registry = /^(?:localhost|[^/]*[.:][^/]*)\//;

const workloadColumns: readonly Column<WorkloadRow>[] = [
  { header: "WORKLOAD", cell: ({ kind, name }) => `${kind.toLowerCase()}/${name}`, cut: "middle" },
  { header: "MEMORY LIMIT", cell: ({ memoryLimit }) => memoryLimit ?? "none" },
  { header: "RESTARTS", cell: ({ pods }) => String(pods.reduce((sum, pod) => sum + pod.restarts, 0)), align: "right" },
  { header: "IMAGE", cell: ({ image }) => image?.replace(registry, ""), cut: "middle" },
];

const checkedColumns: readonly Column<Checked>[] = [
  { header: "CHECKED", cell: ({ title }) => title },
  { header: "RULES", cell: ({ rules }) => String(rules), align: "right" },
  { header: "RESULT", cell: resultOf, status: true },
];

function resultOf({ problems }: Checked): string {
  if (problems.length === 0) return "OK";
  return problems.some(({ severity }) => severity === "fail") ? "FAIL" : "WARN";
}

/** One rule, for whoever has met its id. */
export function ruleScreen(id: string, rule: RuleText, { width, paint }: Screen): string {
  const word = rule.severity === "either" ? "FAIL or WARN" : rule.severity.toUpperCase();
  const room = Math.min(width, widestLine);
  const first = `${word
    .split(" ")
    .map((part) => paintStatus(paint, part))
    .join(" ")}  ${paint.strong(id)}`;
  return [
    first,
    ...wrap(`${rule.summary}.`, room),
    "",
    wrappedTable(
      [
        ["cause", rule.cause],
        ["fix", rule.remedy],
      ],
      room,
    ),
    // Whole, to be copied.
    `see     ${rule.doc}`,
  ].join("\n");
}
