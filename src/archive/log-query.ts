import { belongsTo, isAtLeast, type LogLine, readLogLine } from "./log-lines.ts";

/** Which lines of a log are wanted. */
export interface LogQuery {
  /** This level and what is worse. */
  readonly level?: string | undefined;
  readonly since?: Date | undefined;
  /** Matched against the line as it is stored. */
  readonly grep?: RegExp | undefined;
  /** Of a log of many runs, the one that is meant. */
  readonly run?: { readonly kind: "Backup" | "Restore"; readonly namespace: string; readonly name: string } | undefined;
}

/** Chooses lines, and counts. */
export class LogSieve {
  readonly #query: LogQuery;
  readonly #run: string | undefined;
  /** Lines of this run. */
  total = 0;
  shown = 0;
  /** When the last line of this run was written. */
  last: string | undefined;
  /** What could not be read belongs to the line before it: a stack trace, a text of several lines. */
  #isWanted = true;

  constructor(query: LogQuery) {
    this.#query = query;
    this.#run = query.run === undefined ? undefined : `${query.run.namespace}/${query.run.name}`;
    if (query.run !== undefined) this.#isWanted = false;
  }

  get isFiltering(): boolean {
    const { level, since, grep } = this.#query;
    return level !== undefined || since !== undefined || grep !== undefined;
  }

  /** The line, read, when it is wanted. */
  take(raw: string): LogLine | undefined {
    const line = readLogLine(raw);
    const { run, grep } = this.#query;
    if (run !== undefined && !(line.level !== undefined && belongsTo(line, run.kind, this.#run ?? "")))
      return undefined;
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
