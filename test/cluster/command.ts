import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

export interface CommandOptions {
  input?: string;
  /** File that the command's output is appended to as well. */
  log?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  /** Called with each chunk of standard error, for progress. */
  onStderr?: (text: string) => void;
}

export class CommandFailed extends Error {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(line: string, exitCode: number | null, stderr: string) {
    super(`${line} ended with ${exitCode === null ? "a signal" : `exit code ${exitCode}`}: ${stderr.trim()}`);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Runs a program to its end and returns its standard output. Throws CommandFailed when it does not exit with 0. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    signal: options.signal,
    killSignal: "SIGKILL",
    stdio: ["pipe", "pipe", "pipe"],
  });
  const log = options.log ? createWriteStream(options.log, { flags: "a" }) : undefined;
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    log?.write(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    log?.write(text);
    options.onStderr?.(text);
  });
  child.on("error", reject);
  child.on("close", (code) => {
    log?.end();
    if (code === 0) resolve(stdout);
    else reject(new CommandFailed(`${program} ${args.slice(0, 3).join(" ")}`, code, stderr));
  });
  // A program that ends without reading its input closes the pipe; its exit code tells the story.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  return promise;
}

/** Like run, but a failing command gives undefined. For questions ("does this link exist?"). */
export async function ask(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await run(program, args);
  } catch {
    return undefined;
  }
}
