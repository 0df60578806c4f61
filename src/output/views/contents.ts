import type { NamespaceCounts } from "../../archive/contents.ts";
import { resourceOf } from "../../archive/kind-words.ts";
import type { ListedResource } from "../../archive/resource-list.ts";
import { phaseOf } from "../../velero/phases.ts";
import type { Backup } from "../../velero/types.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { cells, cutMiddle, visible } from "../text.ts";
import { ageOf, counted, grouped } from "../units.ts";

const inCluster = "(cluster)";

/** Namespaces with the kinds in them, and how many objects of each; kinds are written as they can be asked for. */
export function contentsTree(backup: Backup, namespaces: readonly NamespaceCounts[], screen: Screen): string {
  const { paint, now } = screen;
  const total = namespaces.reduce((sum, { count }) => sum + count, 0);
  const named = namespaces.filter(({ namespace }) => namespace !== "").length;
  const phase = phaseOf(backup);
  const taken = ageOf(backup.status?.startTimestamp, now);
  const name = visible(backup.metadata.name);
  const head = `${counted(total, "object")} in ${counted(named, "namespace")}: backup ${name}, ${paintStatus(paint, phase, visible(phase))}, taken ${taken} ago`;
  // What belongs to the whole cluster is the longest part of many backups, and seldom what is looked for: it comes last.
  const ordered = namespaces.toSorted((a, b) => Number(a.namespace === "") - Number(b.namespace === ""));
  const rows = ordered.flatMap(({ namespace, count, kinds }) => [
    { text: namespace === "" ? inCluster : visible(namespace), count, isHead: true },
    ...kinds.map((kind) => ({ text: `  ${visible(resourceOf(kind))}`, count: kind.count, isHead: false })),
  ]);
  const digits = Math.max(...rows.map(({ count }) => grouped(count).length), 1);
  const most = screen.wide ? Number.POSITIVE_INFINITY : screen.width - digits - 3;
  const width = Math.min(Math.max(...rows.map(({ text }) => cells(text)), 0), most);
  const lines = rows.flatMap(({ text, count, isHead }, index) => {
    const shown = cutMiddle(text, width);
    const padding = " ".repeat(width - cells(shown));
    const line = `${isHead ? paint.strong(shown) : shown}${padding}   ${grouped(count).padStart(digits)}`;
    return isHead && index > 0 ? ["", line] : [line];
  });
  return [head, ...(lines.length === 0 ? [] : ["", ...lines])].join("\n");
}

const columns: readonly Column<ListedResource>[] = [
  { header: "NAMESPACE", cell: ({ namespace }) => namespace, cut: "middle" },
  { header: "NAME", cell: ({ name }) => name, cut: "middle" },
  { header: "KIND", cell: ({ kind }) => kind, wide: true },
  { header: "APIVERSION", cell: ({ apiVersion }) => apiVersion, wide: true },
];

/** Objects as kubectl lists them, with their kind where it is not one alone. */
export function contentsTable(listed: readonly ListedResource[], screen: Screen): string {
  const kinds = new Set(listed.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`));
  const shown = columns.filter(({ header }) => header !== "NAMESPACE" || listed.some(({ namespace }) => namespace));
  const withKind = shown.map((column) => {
    const { wide: _, ...always } = column;
    return column.header === "KIND" && kinds.size > 1 ? always : column;
  });
  return table(withKind, listed, screen);
}
