import { isAtLeast, type LogLine, readLogLine } from "./log-lines.ts";

/** Which lines of a log are wanted. */
export interface LogQuery {
  /** This level and what is worse. */
  readonly level?: string | undefined;
  readonly since?: Date | undefined;
  /** Matched against the line as it is stored. */
  readonly grep?: RegExp | undefined;
}

/** Chooses lines, and counts. */
export class LogSieve {
  readonly #query: LogQuery;
  total = 0;
  shown = 0;
  /** When the last line was written. */
  last: string | undefined;
  /** What could not be read belongs to the line before it: a stack trace, a text of several lines. */
  #isWanted = true;

  constructor(query: LogQuery) {
    this.#query = query;
  }

  get isFiltering(): boolean {
    const { level, since, grep } = this.#query;
    return level !== undefined || since !== undefined || grep !== undefined;
  }

  /** The line, read, when it is wanted. */
  take(raw: string): LogLine | undefined {
    const line = readLogLine(raw);
    const { grep } = this.#query;
    this.total += 1;
    this.last = line.time ?? this.last;
    if (line.level !== undefined) this.#isWanted = this.#wants(line, line.level);
    if (!this.#isWanted || (grep !== undefined && !grep.test(raw))) return undefined;
    this.shown += 1;
    return line;
  }

  #wants({ time }: LogLine, written: string): boolean {
    const { level, since } = this.#query;
    if (level !== undefined && !isAtLeast(written, level)) return false;
    return since === undefined || time === undefined || !(Date.parse(time) < since.getTime());
  }
}
