/** Which row of the screen a problem belongs to. */
export type Part =
  | "configuration"
  | "server"
  | "node-agents"
  | "object-store"
  | `location/${string}`
  | "backups"
  | "restores"
  | "schedules";

export type Severity = "fail" | "warn";

/** Words and points in time: a screen shows a time as an age, a document as a timestamp. */
export type Sentence = readonly (string | Date)[];

/** A finding of one rule, for a person to act on. */
export interface Problem<Id extends string = string> {
  /** Stable, for scripts: location.unavailable. */
  readonly id: Id;
  readonly severity: Severity;
  /** The rows that show it. */
  readonly about: readonly Part[];
  /** What is wrong: one short sentence without a final period. */
  readonly title: string;
  /** Why that is known: full sentences. */
  readonly evidence: Sentence;
  /** A command to paste. */
  readonly next: string;
}

/** Builds a sentence; a Date stands where "12m ago" can stand. */
export function say(texts: TemplateStringsArray, ...values: readonly (string | number | Date | Sentence)[]): Sentence {
  const parts: (string | Date)[] = [];
  texts.forEach((text, index) => {
    const value = values[index];
    if (text !== "") parts.push(text);
    if (value === undefined || value === "") return;
    if (value instanceof Date) parts.push(value);
    else if (typeof value === "object") parts.push(...value);
    else parts.push(String(value));
  });
  return parts;
}

const mostNames = 5;

/** a, b, c, d, e and 3 more */
export function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return `${names.slice(0, mostNames).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** 1 backup, 2 backups */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

export const worst = (problems: readonly Problem[]): Severity | undefined =>
  problems.some(({ severity }) => severity === "fail") ? "fail" : problems.length > 0 ? "warn" : undefined;

export const isAbout = (part: Part) => (problem: Problem) => problem.about.includes(part);
