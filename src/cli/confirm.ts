import { Failure } from "../core/failure.ts";

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Asks y/N on the terminal; anything but y or yes, and Ctrl-D, is a no. Throws a usage failure where nobody can answer. */
export async function confirm(question: string, { input, output }: Terminal, signal: AbortSignal): Promise<boolean> {
  if (!input.isTTY || !output.isTTY) {
    throw new Failure("usage", "there is no terminal to ask on", { reason: "NoTerminal" });
  }
  const { createInterface } = await import("node:readline/promises");
  const prompt = createInterface({ input, output });
  let answered = false;
  try {
    return await new Promise<boolean>((resolve, reject) => {
      // The prompt takes the keys, so Ctrl-C comes here and not to the process.
      prompt.once("SIGINT", () => reject(new Failure("interrupted", "Nothing was changed.", { heading: "" })));
      prompt.once("close", () => {
        if (!answered) output.write("\n");
        resolve(false);
      });
      prompt.question(`${question} [y/N] `, { signal }).then((answer) => {
        answered = true;
        resolve(/^y(es)?$/i.test(answer.trim()));
      }, reject);
    });
  } finally {
    prompt.close();
  }
}
