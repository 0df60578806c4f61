import type { Problem, Sentence } from "../../health/problem.ts";
import type { RuleText } from "../../health/rule.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { cells, visible, wrapHard } from "../text.ts";
import { age } from "../units.ts";

/** Numbered problems: what, why, and the next command, which stays in one piece to be pasted. */
export function problemList(
  problems: readonly Problem[],
  screen: Screen,
  width: number,
  /** Of each rule: where such a problem comes from and what to do are told with them. */
  texts?: ReadonlyMap<string, RuleText>,
): string {
  const digits = String(problems.length).length;
  const indent = " ".repeat(digits + 8);
  const word = texts === undefined ? "next" : "next ";
  return problems
    .map(({ id, severity, title, evidence, next }, index) => {
      const mark = severity.toUpperCase();
      const number = `${String(index + 1).padStart(digits)}  ${paintStatus(screen.paint, mark)}  `;
      const lines = titleLines(visible(title), id, width - indent.length, screen);
      const why = pieces(visible(spoken(evidence, screen.now)), width - indent.length);
      const command = commandLines(next, width - indent.length - word.length - 2);
      return [
        ...lines.map((line, at) => `${at === 0 ? number : indent}${line}`),
        ...why.map((line) => `${indent}${line}`),
        ...meaning(texts?.get(id), width - indent.length, screen).map((line) => `${indent}${line}`),
        ...command.map(
          (line, at) => `${indent}${at === 0 ? screen.paint.dim(word) : " ".repeat(word.length)}  ${line}`,
        ),
      ].join("\n");
    })
    .join("\n");
}

function meaning(rule: RuleText | undefined, width: number, { paint }: Screen): string[] {
  if (rule === undefined) return [];
  const parts = [
    ["cause", rule.cause],
    ["fix", rule.remedy],
  ] as const;
  const lines = parts.flatMap(([word, text]) =>
    pieces(text, width - 7).map((line, at) => `${at === 0 ? paint.dim(word.padEnd(5)) : "     "}  ${line}`),
  );
  // An address stays in one piece, to be copied.
  return [...lines, `${paint.dim("see  ")}  ${rule.doc}`];
}

/** The title, with the id at the right end of its last line. */
function titleLines(title: string, id: string, width: number, { paint }: Screen): string[] {
  const lines = pieces(title, width);
  const last = lines.at(-1) ?? "";
  const room = width - cells(last);
  const hasRoom = room >= id.length + 2;
  const painted = paint.dim(id);
  if (hasRoom) return [...lines.slice(0, -1), `${last}${" ".repeat(room - id.length)}${painted}`];
  return [...lines, `${" ".repeat(Math.max(width - id.length, 0))}${painted}`];
}

/** A time as an age, in both directions. */
const spoken = (sentence: Sentence, now: Date): string =>
  sentence
    .map((part) => {
      if (typeof part === "string") return part;
      const elapsed = now.getTime() - part.getTime();
      return elapsed >= 0 ? `${age(elapsed)} ago` : `in ${age(-elapsed)}`;
    })
    .join("");

/** Lines of at most `width` columns, on a screen that is not absurdly narrow. */
const pieces = (text: string, width: number): string[] => wrapHard(text, Math.max(width, 20));

/** A command over several lines that a shell still reads as one: a line ends in a pipe or in a backslash. */
function commandLines(command: string, width: number): string[] {
  if (command.length <= width) return [visible(command)];
  const parts = visible(command).split(" | ");
  return parts.flatMap((part, at) => brokenAtSpaces(at < parts.length - 1 ? `${part} |` : part, width));
}

function brokenAtSpaces(part: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of part.match(/(?:'[^']*'|[^\s'])+/g) ?? []) {
    const last = lines.at(-1);
    // Two columns stay free for the backslash.
    if (last !== undefined && last.length + 1 + word.length <= width - 2) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, at) => (at < lines.length - 1 ? `${line} \\` : line));
}
