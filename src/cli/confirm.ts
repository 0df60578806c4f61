import { createInterface } from "node:readline/promises";
import { Failure } from "../core/failure.ts";

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Asks y/N on the terminal; anything but y or yes is a no. Throws a usage failure where nobody can answer. */
export async function confirm(question: string, { input, output }: Terminal, signal: AbortSignal): Promise<boolean> {
  if (!input.isTTY || !output.isTTY)
    throw new Failure("usage", "there is no terminal to ask on", { reason: "NoTerminal" });
  const prompt = createInterface({ input, output });
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
