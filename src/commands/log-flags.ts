import { durationProblem, parseGoDuration } from "../core/duration.ts";
import { usageFailure } from "../core/failure.ts";

/** --since: a duration before now, or a time. Throws a usage failure for anything else. */
export function readSince(text: string, now: Date): Date {
  const ago = parseGoDuration(text);
  if (ago !== undefined) return new Date(now.getTime() - ago);
  const time = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/i.test(text)
    ? // Without a zone it is the time of the log, which is UTC.
      Date.parse(/(Z|[+-]\d\d:\d\d|^.{10})$/i.test(text) ? text : `${text}Z`)
    : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time);
  const why = durationProblem(text) ?? "";
  throw usageFailure(
    `--since ${text} is neither a duration nor a time`,
    `${why} A time is 2026-11-24T07:00:00Z.`.trim(),
  );
}

/** --grep: a regular expression. Throws a usage failure that shows where it cannot be read. */
export function readPattern(text: string): RegExp {
  const why = problemOf(text);
  if (why === undefined) return new RegExp(text);
  // The first place from which on every beginning of the pattern is wrong for the reason that the whole is.
  let at = text.length;
  while (at > 1 && problemOf(text.slice(0, at - 1)) === why) at -= 1;
  const where = `\n       ${text}\n       ${" ".repeat(at - 1)}^`;
  throw usageFailure(`--grep is no regular expression: ${why.toLowerCase()} at character ${at}${where}`);
}

function problemOf(text: string): string | undefined {
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.split(": ").at(-1) ?? "it is not finished";
  }
}
