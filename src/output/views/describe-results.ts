import type { Volumes } from "../../archive/backup-description.ts";
import { failedVolumes, withoutRepeats } from "../../archive/failed-volumes.ts";
import type { GroupedResults } from "../../archive/results.ts";
import type { Section } from "../../core/section.ts";
import type { Screen } from "../screen.ts";
import { counted } from "../units.ts";
import { causeLines } from "./causes.ts";
import { blocks, paragraph, unreadLines } from "./describe-parts.ts";

/** Warnings, then errors, each by its cause: what is worst stands last, above the prompt. */
export function resultsText(
  section: Section<GroupedResults> | undefined,
  { known }: Volumes,
  details: boolean,
  screen: Screen,
): string {
  const { warnings = [], errors = [], benign = 0 } = section?.state === "read" ? section.value : {};
  const all = [...failedVolumes(known), ...withoutRepeats(errors, known)];
  return blocks([
    titled("WARNINGS", causeLines(warnings, "", screen, details)),
    benign > 0 ? paragraph(benignText(benign), screen).join("\n") : "",
    titled("ERRORS", causeLines(all, "", screen, details)),
    section?.state === "unread" || section?.state === "missing"
      ? unreadLines("The warnings and errors", section.reason, screen)
      : "",
  ]);
}

const benignText = (count: number): string =>
  `${counted(count, "warning")} about objects that every cluster makes itself: nothing to do.`;

/** Causes begin with a free line, which the title takes. */
const titled = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : [title, ...lines.slice(1)].join("\n");
