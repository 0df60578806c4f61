import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** A command line: the program, then its arguments. */
export type CommandLine = readonly [file: string, ...args: string[]];

/** What one run took: wall-clock and processor time in milliseconds, the largest resident set in MiB. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** Two programs that are asked for the same. */
export interface Comparison {
  readonly what: string;
  readonly ours: CommandLine;
  readonly theirs: CommandLine;
  /** Exit codes of ours that are answers, not errors; 0 when nothing is said. */
  readonly verdicts?: readonly number[];
}

export interface Meter {
  /** Runs it once. Throws with its own words when its exit code is none of `codes`. */
  cost(command: CommandLine, codes?: readonly number[]): Promise<Cost>;
}

/** Builds the measuring program into the folder (Go keeps it fresh) and returns it. Throws a sentence without Go. */
export async function openMeter(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Meter> {
  const file = join(folder, "measure");
  await mkdir(folder, { recursive: true });
  try {
    await execute("go", ["build", "-o", file, join(import.meta.dirname, "measure.go")], { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`The measuring program could not be built; it needs Go: ${String(error)}`, { cause: error });
  }
  return {
    async cost(command, codes = [0]) {
      const { stdout } = await execute(file, [...command], { env, signal });
      const { exitCode, complaint, ...cost }: Cost & { exitCode: number; complaint: string } = JSON.parse(stdout);
      if (codes.includes(exitCode)) return cost;
      throw new Error(`${command.join(" ")} ended with exit code ${exitCode}: ${complaint.trim()}`);
    },
  };
}

/** Medians of so many runs of each, in turns, so that what else the machine does meets both. One run before warms up. */
export async function compare(
  meter: Meter,
  { ours, theirs, verdicts }: Comparison,
  runs: number,
): Promise<{ readonly ours: Cost; readonly theirs: Cost }> {
  const costs: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
  for (let run = 0; run <= runs; run++) {
    const own = await meter.cost(ours, verdicts);
    const other = await meter.cost(theirs);
    if (run === 0) continue;
    costs.ours.push(own);
    costs.theirs.push(other);
  }
  return { ours: medians(costs.ours), theirs: medians(costs.theirs) };
}

function medians(costs: readonly Cost[]): Cost {
  const median = (field: keyof Cost) => {
    const sorted = costs.map((cost) => cost[field]).sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
    return (low + high) / 2;
  };
  return { wallMs: median("wallMs"), cpuMs: median("cpuMs"), peakMiB: median("peakMiB") };
}
