import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the program that has not ended. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** What it wrote so far. */
  readonly stderr: () => string;
}

const root = join(import.meta.dirname, "..", "..");

/** `kubectl mkebackup` on a real cluster, the built program on this Node in the sandbox. */
export function programFor(world: "sandbox" | "cluster"): readonly string[] {
  return world === "cluster" ? ["kubectl", "mkebackup"] : [process.execPath, join(root, "dist", "build", "main.js")];
}

/** Starts the program with nothing on stdin and no terminal. */
export function start(program: readonly string[], words: readonly string[], env: NodeJS.ProcessEnv): Running {
  const [file = "", ...first] = program;
  const child = spawn(file, [...first, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    output.stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString("utf8");
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...output }));
  });
  return { child, ended, stderr: () => output.stderr };
}
