import type { ObjectMeta } from "../../core/resource.ts";
import type { Section } from "../../core/section.ts";
import { type FieldRow, fields } from "../fields.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { cells, visible, wrapHard } from "../text.ts";

/** How a description is wanted. */
export interface Wanted {
  /** The long lists too. */
  readonly details: boolean;
  /** ` -n velero`, for the commands that are proposed. */
  readonly inNamespace: string;
}

/** The names of all blocks of one screen stand in one column. */
export const nameColumn = 16;

/** The blocks of a screen with a free line between; empty ones are left out. */
export const blocks = (parts: readonly string[]): string => parts.filter((part) => part !== "").join("\n\n");

/** `Backup nightly Completed …`, and below it why it ended so. */
export function headline(
  { kind, name, phase, rest }: { kind: string; name: string; phase: string; rest: string },
  reasons: readonly string[],
  screen: Screen,
): string {
  const status = paintStatus(screen.paint, phase, visible(phase));
  const [first, shown] = [`${kind} ${visible(name)} `, visible(rest)];
  const fits = screen.wide || cells(first + visible(phase) + shown) <= screen.width;
  const [took = "", facts = ""] = fits ? [shown] : shown.split(/(?<=^[^:]*): (.*)$/s);
  return [
    `${first}${status}${took}`,
    ...(facts === "" ? [] : paragraph(facts, screen, "  ")),
    ...reasons.flatMap((reason) => paragraph(reason, screen, "  ").map(screen.paint.bad)),
  ].join("\n");
}

/** A text over as many lines as it needs, all set in. */
export const paragraph = (text: string, { width, wide }: Screen, indent = ""): string[] =>
  (wide ? [visible(text)] : wrapHard(visible(text), width - indent.length)).map((line) => indent + line);

/** What is said of a section that cannot be shown; nothing for one that can, or that nobody misses. */
export function unreadText<T>(what: string, section: Section<T> | undefined, screen: Screen): string {
  return section?.state === "unread" ? unreadLines(what, section.reason, screen) : "";
}

export const unreadLines = (what: string, reason: string, screen: Screen): string =>
  paragraph(`${what} could not be read: ${reason}`, screen).map(screen.paint.warn).join("\n");

/** `next  COMMAND`, as many as make sense, the most likely first. */
export const nextLines = (commands: readonly string[]): string =>
  commands.map((command, at) => `${at === 0 ? "next" : "    "}  kubectl mkebackup ${command}`).join("\n");

const ownKeys = /^(kubectl\.kubernetes\.io\/last-applied-configuration)$/;

/** Labels or annotations, one a row. */
export function mapRows(name: string, map: Readonly<Record<string, string>> | undefined): FieldRow[] {
  const entries = Object.entries(map ?? {}).filter(([key]) => !ownKeys.test(key));
  return entries.map(([key, value], at) => [at === 0 ? name : "", `${key}=${value}`]);
}

/** The labels and annotations of an object, as a block; nothing where it has none. */
export function labelsText({ labels, annotations }: ObjectMeta, screen: Screen): string {
  const rows = [...mapRows("Labels", labels), ...mapRows("Annotations", annotations)];
  return rows.length === 0 ? "" : fields(rows, screen, nameColumn);
}
