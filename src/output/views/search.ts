import type { Held, Searched, Wanted } from "../../archive/search.ts";
import { phaseOf } from "../../velero/phases.ts";
import type { Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { visible, wrapHard } from "../text.ts";
import { ageOf, counted, grouped } from "../units.ts";

const columns: readonly Column<Held>[] = [
  { header: "BACKUP", cell: ({ backup }) => backup.metadata.name, cut: "middle" },
  { header: "STATUS", cell: ({ backup }) => phaseOf(backup), status: true },
  {
    header: "AGE",
    cell: ({ backup: { metadata, status } }, { now }) =>
      ageOf(status?.startTimestamp ?? metadata.creationTimestamp, now),
  },
  { header: "HOLDS", cell: ({ objects }, { wide }) => objectsText(objects, wide), cut: "middle" },
  { header: "LOCATION", cell: ({ backup }) => backup.spec?.storageLocation ?? "default", dropFirst: 1 },
  { header: "STARTED", cell: ({ backup }) => backup.status?.startTimestamp, wide: true },
];

/** The answer, and the backups that it is about. */
export function searchText({ held, searched, wanted }: Searched & { readonly wanted: Wanted }, screen: Screen): string {
  const where = wanted.namespace === undefined ? "" : ` in namespace ${wanted.namespace}`;
  const what = visible(`${wanted.kind}/${wanted.name}${where}`);
  const fitted = (line: string) => (screen.wide ? line : wrapHard(line, screen.width).join("\n"));
  if (held.length === 0) return fitted(`None of ${counted(searched, "backup")} holds ${what}`);
  const verb = held.length === 1 ? "holds" : "hold";
  const head = `${grouped(held.length)} of ${counted(searched, "backup")} ${verb} ${what}`;
  return `${fitted(head)}\n\n${table(columns, held, screen)}`;
}

/** The first, and how many more; all of them where there is room. */
function objectsText(objects: Held["objects"], all: boolean): string {
  const names = objects.map(({ namespace, name }) => (namespace === undefined ? name : `${namespace}/${name}`));
  if (all || names.length <= 1) return names.join(", ");
  return `${names[0]} and ${grouped(names.length - 1)} more`;
}
