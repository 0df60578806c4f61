import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

export interface Step {
  title: string;
  /** Seconds after which the step counts as failed. */
  limit: number;
  /** The log whose last lines explain a failure. */
  log?: string;
}

/** A sentence that names the step, followed by the end of its log. */
export class StepFailed extends Error {}

const logLines = 15;

/** Runs one step of start-up: a progress line on stderr, a time limit, and the log's end when it fails. */
export async function step<T>(what: Step, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const started = performance.now();
  const signal = AbortSignal.timeout(what.limit * 1000);
  const timedOut = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`not done within ${what.limit} s`)));
  });
  // Without this handler a limit that passes after the work failed would be an unhandled rejection.
  timedOut.catch(() => {});
  try {
    const result = await Promise.race([work(signal), timedOut]);
    progress(what.title, `${((performance.now() - started) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    progress(what.title, "failed");
    const reason = signal.aborted ? `not done within ${what.limit} s` : messageOf(error);
    throw new StepFailed(`${what.title}: ${reason}${await logEnd(what.log)}`, { cause: error });
  }
}

/** One line on stderr: what, and how it went. */
export function progress(title: string, outcome: string): void {
  process.stderr.write(`  ${title.padEnd(44)} ${outcome}\n`);
}

/** Asks again and again until the answer is not undefined or false; the signal ends the asking. */
export async function until<T>(
  signal: AbortSignal,
  question: () => Promise<T | undefined | false>,
  pauseMs = 200,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(pauseMs, undefined, { signal });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function logEnd(file: string | undefined): Promise<string> {
  if (!file) return "";
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n").slice(-logLines);
  if (!text) return `\n  Its log ${file} is empty.`;
  return `\n  The last lines of ${file}:\n${lines.map((line) => `    ${line.slice(0, 400)}`).join("\n")}`;
}
