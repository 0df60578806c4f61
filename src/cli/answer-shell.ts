import { setTimeout as sleep } from "node:timers/promises";
import { type Completion, complete, directives } from "./completion.ts";
import { connect, kubeconfig } from "./run-command.ts";

/** Milliseconds that a shell is kept waiting for the cluster at the most. */
const patience = 2000;

/** Milliseconds more for what does not listen to its signal (a login program); then the answer is: nothing. */
const grace = 100;

const nothing: Completion = { suggestions: [], directive: directives.noFiles };

/**
 * What a shell gets that asks for the last of the words, in cobra's protocol: a line `value<TAB>note` each, then `:N`.
 * Never throws and never writes anything else: an error on the screen would stand in the middle of the line being typed.
 */
export async function answerShell(words: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const signal = AbortSignal.timeout(patience);
  const answered = new AbortController();
  const late = sleep(patience + grace, nothing, { signal: answered.signal }).catch(() => nothing);
  const found = complete(words, {
    env,
    signal,
    now: () => new Date(),
    connect: (globals) => connect(globals, { env, signal, onWarning: () => undefined, log: undefined }),
    kubeconfig: (flag) => kubeconfig(flag, env),
  }).catch(() => nothing);
  const completion = await Promise.race([found, late]);
  answered.abort();
  return shellText(completion);
}

export function shellText({ suggestions, directive }: Completion): string {
  const lines = suggestions.map(({ value, note }) => (note === undefined ? value : `${value}\t${clean(note)}`));
  return [...lines, `:${directive}`, ""].join("\n");
}

const clean = (note: string): string => note.replace(/\p{Cc}+/gu, " ");
