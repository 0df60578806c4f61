// Runs the programs that the scripts are made of, on the pinned Node, and passes their failure on.
import { spawn } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program in the repository's root with its output shown; returns its exit code. */
export function run(file: string, args: readonly string[], { env = {} }: RunOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}

/** Runs a TypeScript or JavaScript file on the pinned Node, which runs this one too. */
export const runNode = (args: readonly string[], options?: RunOptions): Promise<number> =>
  run(process.execPath, args, options);

/** A program of node_modules. */
export const tool = (name: string): string => join(root, "node_modules", ".bin", name);

/** Runs steps one after the other and ends the process with the first failure. */
export async function steps(list: readonly (readonly [title: string, step: () => Promise<number>])[]): Promise<void> {
  for (const [title, step] of list) {
    const start = performance.now();
    process.stderr.write(`— ${title}\n`);
    const code = await step();
    if (code !== 0) {
      process.stderr.write(`— ${title} failed (exit ${code})\n`);
      process.exit(code);
    }
    process.stderr.write(`— ${title} ok in ${((performance.now() - start) / 1000).toFixed(1)}s\n`);
  }
}
