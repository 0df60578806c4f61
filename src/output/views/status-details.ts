import type { Component } from "../../health/components.ts";
import type { StatusReport } from "../../health/report.ts";
import type { PodState } from "../../health/workload.ts";
import type { Schedule } from "../../velero/types.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { visible, wrapHard } from "../text.ts";
import { age } from "../units.ts";
import { scheduleColumns } from "./schedules.ts";

/** What -v adds: pods, schedules, the server's plugins and its whole messages. */
export function details(report: StatusReport, screen: Screen, width: number): string {
  const pods = report.components.flatMap(podsOf);
  const sections = [
    pods.length === 0 ? "" : table(podColumns, pods, screen),
    report.schedules.length === 0 ? "" : table(titledSchedules, report.schedules, screen),
    ...report.components.map((component) => about(component, width)),
    ...report.locations.map(({ metadata, status }) =>
      status?.message ? paragraph(`Location ${metadata.name}: ${status.message}`, width) : "",
    ),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

const podColumns: readonly Column<PodState>[] = [
  { header: "PODS", cell: ({ name }) => name, cut: "middle" },
  { header: "READY", cell: ({ ready }) => (ready ? "yes" : "no") },
  {
    header: "UP",
    cell: ({ started }, { now }) => (started === undefined ? undefined : age(now.getTime() - started.getTime())),
  },
  { header: "RESTARTS", cell: restartsText },
  { header: "NODE", cell: ({ node }) => node, cut: "middle", dropFirst: 1 },
  { header: "REASON", cell: ({ ready, trouble }) => (ready ? undefined : trouble), cut: "end" },
];

function restartsText({ restarts, lastEnd }: PodState, { now }: Screen): string {
  if (lastEnd?.at === undefined) return String(restarts);
  return `${restarts} (${lastEnd.reason} ${age(now.getTime() - lastEnd.at.getTime())} ago)`;
}

const titledSchedules: readonly Column<Schedule>[] = scheduleColumns.map((column) =>
  column.header === "NAME" ? { ...column, header: "SCHEDULES" } : column,
);

function podsOf(component: Component): readonly PodState[] {
  switch (component.type) {
    case "server":
    case "object-store":
      return component.workload?.pods ?? [];
    case "node-agents":
      return component.workloads.flatMap(({ pods }) => pods);
    default:
      return [];
  }
}

function about(component: Component, width: number): string {
  if (component.type !== "server") return "";
  const { version, versionFrom, plugins } = component;
  const source = versionFrom === "image" ? `Velero ${version} is what its image says; the server was not asked.` : "";
  const names = [...new Set(plugins.map(({ name }) => name.replace(/^velero\.io\//, "")))];
  const list = names.length === 0 ? "" : `Plugins: ${names.join(", ")}`;
  return [source, list]
    .filter((text) => text !== "")
    .map((text) => paragraph(text, width))
    .join("\n");
}

/** A text over several lines, those after the first set in. */
const paragraph = (text: string, width: number): string =>
  wrapHard(visible(text), width - 2)
    .map((line, at) => (at === 0 ? line : `  ${line}`))
    .join("\n");
