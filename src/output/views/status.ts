import type { Unseen } from "../../health/fact.ts";
import type { RunningRow, StatusReport } from "../../health/report.ts";
import { startOf } from "../../health/runs.ts";
import { phaseOf } from "../../velero/phases.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { cells, cutMiddle, padStart, visible, wrap } from "../text.ts";
import { age, ageOf, bytes, counted } from "../units.ts";
import { backupColumns } from "./backups.ts";
import { componentTable, unseenText } from "./status-components.ts";
import { details } from "./status-details.ts";
import { problemList } from "./status-problems.ts";

/** Lines of prose grow hard to read beyond this, and what stands at their right end hard to connect. */
export const widestLine = 100;

/** The health screen: the verdict first, the problems last, just above the prompt. */
export function statusScreen(report: StatusReport, screen: Screen, { verbose = false } = {}): string {
  const width = Math.min(screen.width, widestLine);
  const sections = [
    header(report, screen, width),
    componentTable(report.components, screen, { verbose }),
    report.running.length === 0 ? "" : table(runningColumns, report.running, screen),
    report.lastBackups.length === 0 ? "" : table(lastBackupColumns, report.lastBackups, screen),
    wrap(visible(summary(report, screen.now)), width).join("\n"),
    verbose ? details(report, screen, width) : "",
    problemList(report.problems, screen, width),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

export function header(report: StatusReport, { paint }: Screen, width: number): string {
  const word = report.verdict === "Healthy" ? "OK" : "FAIL";
  const sentence = verdictOf(report);
  const left = `${word}  ${sentence}`;
  const tail = ` · namespace ${report.namespace} · ${(report.took / 1000).toFixed(1)}s`;
  const room = width - left.length - tail.length - 3;
  const painted = `${paintStatus(paint, word)}  ${paint.strong(sentence)}`;
  const context = visible(report.context || "in-cluster");
  if (room < Math.min(cells(context), 12)) return `${painted}\n${cutMiddle(context, width - tail.length)}${tail}`;
  const right = `${cutMiddle(context, room)}${tail}`;
  return `${painted}${padStart(right, width - left.length)}`;
}

function verdictOf({ verdict, problems, unseen, lastGoodBackup }: StatusReport): string {
  const failures = problems.filter(({ severity }) => severity === "fail").length;
  const warnings = problems.length - failures;
  const more = warnings === 0 ? "" : `, ${counted(warnings, "warning")}`;
  if (verdict === "Degraded") return `${counted(failures, "problem")}${more}`;
  // The server's own answer only adds to what its Deployment tells.
  const hidden = unseen.filter(({ what }) => what !== "server answer").length;
  if (hidden > 0) return `Nothing fails, but ${counted(hidden, "thing")} could not be seen${more}`;
  return `${lastGoodBackup === undefined ? "Backups work, but there is no good one yet" : "Backups are healthy"}${more}`;
}

const runningColumns: readonly Column<RunningRow>[] = [
  {
    header: "RUNNING",
    cell: ({ run }) => `${run.kind === "Restore" ? "restore/" : ""}${run.object.metadata.name}`,
    cut: "middle",
  },
  { header: "STATUS", cell: ({ run }) => phaseOf(run.object), status: true, cut: "end" },
  { header: "AGE", cell: ({ run }, { now }) => age(now.getTime() - startOf(run.object)) },
  { header: "PROGRESS", cell: (row, { now }) => progressText(row, now), cut: "end" },
];

/** Work that goes on writes each second, or each ten where volumes are copied. */
const silenceWorthSaying = 60_000;

function progressText({ run, items, volumes, changed }: RunningRow, now: Date): string {
  const position = run.kind === "Backup" ? run.object.status?.queuePosition : undefined;
  const parts = [
    position ? `queued, position ${position}` : undefined,
    items && `${items.done}/${items.total} items`,
    volumes && `${volumes.done}/${volumes.total} volumes`,
    volumes?.failed ? `${volumes.failed} failed` : undefined,
    volumes?.bytesTotal ? `${bytes(volumes.bytesDone)} of ${bytes(volumes.bytesTotal)}` : undefined,
  ];
  const silence = changed === undefined ? 0 : now.getTime() - changed.getTime();
  if (silence >= silenceWorthSaying) parts.push(`no change for ${age(silence)}`);
  return parts.filter((part) => part !== undefined && part !== "").join(", ") || "not begun";
}

const lastBackupColumns = backupColumns
  .filter(({ header: title }) => title !== "LOCATION")
  .map((column) => (column.header === "NAME" ? { ...column, header: "LAST BACKUPS" } : column));

function summary({ lastGoodBackup, lastRestore, unseen }: StatusReport, now: Date): string {
  const hidden = (what: string): Unseen | undefined => unseen.find((one) => one.what === what)?.why;
  const [noBackups, noRestores] = [hidden("backups"), hidden("restores")];
  const backup =
    noBackups !== undefined
      ? `Backups: ${unseenText(noBackups)}.`
      : lastGoodBackup !== undefined
        ? `Last good backup ${ageOf(lastGoodBackup.status?.completionTimestamp, now)} ago.`
        : "No good backup yet.";
  const ended = lastRestore?.status?.completionTimestamp ?? lastRestore?.metadata.creationTimestamp;
  const restore =
    noRestores !== undefined
      ? `Restores: ${unseenText(noRestores)}.`
      : lastRestore === undefined
        ? ""
        : `Last restore ${lastRestore.metadata.name}, ${phaseOf(lastRestore)} ${ageOf(ended, now)} ago.`;
  return `${backup} ${restore}`;
}
