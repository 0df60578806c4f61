import type { ItemOperation } from "../../archive/item-operations.ts";
import type { Section } from "../../core/section.ts";
import { type FieldRow, fields } from "../fields.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { visible } from "../text.ts";
import { durationBetween, moment } from "../units.ts";
import { causeLines } from "./causes.ts";
import { blocks, nameColumn, unreadText } from "./describe-parts.ts";

export interface OperationCounts {
  readonly attempted: number | undefined;
  readonly completed: number | undefined;
  readonly failed: number | undefined;
}

const columns: readonly Column<ItemOperation>[] = [
  { header: "ITEM", cell: itemOf, cut: "middle" },
  { header: "PLUGIN", cell: ({ plugin }) => plugin.replace(/^velero\.io\//, ""), cut: "middle", dropFirst: 2 },
  { header: "DONE", cell: doneOf, align: "right", dropFirst: 1 },
  { header: "DURATION", cell: ({ started, updated }) => durationBetween(started, updated), dropFirst: 3 },
  { header: "STATUS", cell: ({ phase }) => phase, status: true },
];

function itemOf({ resource, namespace, name }: ItemOperation): string {
  return `${resource} ${namespace === "" ? name : `${namespace}/${name}`}`;
}

function doneOf({ done, total, units = "" }: ItemOperation): string | undefined {
  if (done === undefined && total === undefined) return undefined;
  return `${done ?? 0}${total ? `/${total}` : ""}${units === "" ? "" : ` ${units}`}`;
}

/** How many there were, and those that did not end well; all of them with details. */
export function operationsText(
  { attempted = 0, completed = 0, failed = 0 }: OperationCounts,
  section: Section<readonly ItemOperation[]> | undefined,
  details: boolean,
  screen: Screen,
): string {
  if (attempted === 0) return "";
  const counts = `${attempted} attempted, ${completed} completed, ${failed} failed`;
  const all = section?.state === "read" ? section.value : [];
  const shown = details ? all : all.filter(({ phase }) => phase !== "Completed");
  const causes = [
    ...Map.groupBy(
      all.filter(({ error }) => error),
      ({ error = "" }) => error,
    ),
  ].map(([text, group]) => ({
    text,
    count: group.length,
    places: group.map(itemOf),
  }));
  return blocks([
    [
      `ITEM OPERATIONS   ${failed > 0 ? screen.paint.warn(counts) : counts}`,
      ...(shown.length === 0 ? [] : [table(columns, shown, screen)]),
      ...causeLines(causes, "", screen, details),
    ].join("\n"),
    details ? shown.map((operation) => oneOperation(operation, screen)).join("\n\n") : "",
    unreadText("Item operations", section, screen),
  ]);
}

function oneOperation(operation: ItemOperation, screen: Screen): string {
  const time = (at: string | undefined) => (at === undefined ? undefined : moment(at));
  const rows: readonly FieldRow[] = [
    ["  Plugin", operation.plugin],
    ["  Operation", operation.operation],
    ["  Status", operation.phase],
    ["  Done", doneOf(operation)],
    ["  Error", operation.error],
    ["  Description", operation.description],
    ["  Created", time(operation.created)],
    ["  Started", time(operation.started)],
    ["  Updated", time(operation.updated)],
  ];
  return `${visible(itemOf(operation))}\n${fields(rows, screen, nameColumn)}`;
}
