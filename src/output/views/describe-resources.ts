import type { ListedResource } from "../../archive/resource-list.ts";
import { compareText } from "../../core/order.ts";
import type { Section } from "../../core/section.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { visible } from "../text.ts";
import { counted } from "../units.ts";
import { unreadText } from "./describe-parts.ts";

const kindOf = ({ apiVersion, kind }: ListedResource): string => `${apiVersion}/${kind}`;
const nameOf = ({ namespace, name }: ListedResource): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

const byKind = (resources: readonly ListedResource[]): [string, ListedResource[]][] =>
  [...Map.groupBy(resources, kindOf)].toSorted(([a], [b]) => compareText(a, b));

/** Every object, under its kind; of a restore with what became of it. */
export function resourcesText(section: Section<readonly ListedResource[]> | undefined, screen: Screen): string {
  if (section?.state !== "read") return unreadText("The list of objects", section, screen);
  const kinds = byKind(section.value).flatMap(([kind, list]) => [
    `  ${visible(kind)}`,
    ...list.map(
      (resource) => `    ${visible(nameOf(resource))}${resource.action ? ` (${visible(resource.action)})` : ""}`,
    ),
  ]);
  return [`OBJECTS   ${counted(section.value.length, "object")}`, ...kinds].join("\n");
}

const usualActions = ["created", "updated", "skipped", "failed"];

/** How many of each kind a restore created, updated, skipped, failed. */
export function actionsText(section: Section<readonly ListedResource[]> | undefined, screen: Screen): string {
  if (section?.state !== "read") return unreadText("What was restored", section, screen);
  if (section.value.length === 0) return "";
  const seen = new Set(section.value.map(({ action = "" }) => action));
  const actions = [...usualActions, ...[...seen].filter((action) => !usualActions.includes(action))].filter((action) =>
    seen.has(action),
  );
  type Row = readonly [kind: string, list: readonly ListedResource[]];
  const count = (list: readonly ListedResource[], wanted: string) =>
    list.filter(({ action = "" }) => action === wanted).length;
  const columns: readonly Column<Row>[] = [
    { header: "OBJECTS", cell: ([kind]) => kind, cut: "middle" },
    ...actions.map(
      (action): Column<Row> => ({
        header: action === "" ? "OTHER" : action.toUpperCase(),
        cell: ([, list]) => count(list, action) || "-",
        align: "right",
      }),
    ),
  ];
  return table(columns, [...byKind(section.value), ["total", section.value]], screen);
}

/** 3 created, 8 skipped */
export function actionCounts(resources: readonly ListedResource[]): string {
  const groups = Map.groupBy(resources, ({ action = "other" }) => action);
  const order = [...usualActions, ...[...groups.keys()].filter((action) => !usualActions.includes(action))];
  return order
    .filter((action) => groups.has(action))
    .map((action) => `${groups.get(action)?.length ?? 0} ${action}`)
    .join(", ");
}
