import { execFile } from "node:child_process";
import { longestChain, openDelayingProxy, type Seen } from "../../test/faults/proxy.ts";
import type { CommandLine } from "./measure.ts";

/** How long every request takes in addition: an API server on another continent. */
export const delayMs = 100;

export interface FarCommand {
  readonly what: string;
  readonly command: CommandLine;
  /** Exit codes that are answers; 0 when nothing is said. */
  readonly verdicts?: readonly number[];
}

export interface FarRun {
  readonly what: string;
  /** Requests of which each began after the one before it had ended. */
  readonly inSequence: number;
  readonly requests: number;
  readonly wallMs: number;
}

/** Runs each command once, through a proxy that delays every request. Throws when one fails. */
export async function* farRuns(
  commands: readonly FarCommand[],
  { kubeconfig, env, signal }: { kubeconfig: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): AsyncGenerator<FarRun> {
  const far = await openDelayingProxy({ kubeconfig, delayMs });
  try {
    for (const { what, command, verdicts = [0] } of commands) {
      far.reset();
      const start = performance.now();
      const code = await run(command, { ...env, KUBECONFIG: far.kubeconfig }, signal);
      if (!verdicts.includes(code)) throw new Error(`${command.join(" ")} ended with exit code ${code}`);
      const wallMs = performance.now() - start;
      yield { what, inSequence: longestChain(own(far.requests())), requests: far.requests().length, wallMs };
    }
  } finally {
    await far.close();
  }
}

/** How often Velero is asked for its answer is Velero's time, and no round trip of the command's own. */
function own(requests: readonly Seen[]): Seen[] {
  const isAnswer = ({ url }: Seen) => url.includes("/serverstatusrequests/");
  const first = requests.findIndex(isAnswer);
  return requests.filter((request, at) => at === first || !isAnswer(request));
}

const run = ([file, ...args]: CommandLine, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = execFile(file, args, { env, signal, maxBuffer: 1e8 }, (error) => {
      if (error === null) resolve(0);
      else if (child.exitCode === null) reject(error);
      else resolve(child.exitCode);
    });
  });
