#!/usr/bin/env node
// The process edge: argv, streams and signals in, exit code out.
import { exitCodes, Failure } from "./core/failure.ts";
import { version } from "./core/version.ts";

const signalCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const interrupt = new AbortController();
let received: keyof typeof signalCodes | undefined;
for (const signal of Object.keys(signalCodes) as (keyof typeof signalCodes)[]) {
  process.on(signal, () => {
    // Whoever asks twice wants out at once.
    if (received !== undefined) process.exit(signalCodes[signal]);
    received = signal;
    interrupt.abort(new Failure("interrupted", "interrupted", { heading: "" }));
  });
}

// A reader that goes away (| head) ends the program without a word; a full disk does not.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    const why = error.code === "ENOSPC" ? "no space left on the device" : error.message;
    if (stream === process.stdout) process.stderr.write(`error: cannot write the output: ${why}\n`);
    process.exit(exitCodes.failed);
  });
}

// A promise that nothing will ever settle lets Node end, with 0 and without a word.
process.on("exit", () => {
  if (process.exitCode !== undefined) return;
  process.stderr.write("error: the command ended without an answer (this is a bug in kubectl-mkebackup)\n");
  process.exitCode = exitCodes.failed;
});

// No top-level await: the packed program is a script, and scripts have none.
main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
  // Nothing may hold up a shell at TAB, and DNS nobody. Else Node's own end is the quickest, so it gets a moment.
  if (process.argv[2] !== "__complete" && !isLookingUp()) return;
  process.stdout.write("", () => process.stderr.write("", () => setTimeout(leave, 20).unref()));
});

async function main(argv: string[]): Promise<number> {
  try {
    // Answered before anything is loaded.
    if (argv.length === 1 && argv[0] === "--version") {
      process.stdout.write(`kubectl-mkebackup ${version}\n`);
      return 0;
    }
    if (argv[0] === "__complete") {
      const { answerShell } = await import("./cli/answer-shell.ts");
      process.stdout.write(await answerShell(argv.slice(1), process.env));
      return 0;
    }
    const width = Math.min(process.stdout.columns || 80, 120);
    if (argv.length === 0 || (argv.length === 1 && (argv[0] === "--help" || argv[0] === "-h"))) {
      const { rootHelp } = await import("./cli/help.ts");
      process.stdout.write(rootHelp(width));
      return 0;
    }
    const { parse } = await import("./cli/parser.ts");
    const parsed = await parse(argv, width);
    if ("help" in parsed) {
      process.stdout.write(parsed.help);
      return 0;
    }
    const { runCommand } = await import("./cli/run-command.ts");
    const { stdout, stderr, env } = process;
    const fault = await runCommand(parsed.command, parsed.args, parsed.globals, {
      // Opened by its first use: most commands read nothing.
      get stdin() {
        return process.stdin;
      },
      stdout,
      stderr,
      env,
      signal: interrupt.signal,
    });
    return fault === undefined ? 0 : tell(fault);
  } catch (error) {
    return tell(error);
  }
}

/** An exit waits for a look-up in DNS that is on its way, for ten seconds and more. */
const isLookingUp = (): boolean => process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap");

/** Ends at once, whatever is on its way: where only a signal can, by the one received, or by one that shells keep quiet of. */
function leave(): void {
  if (isLookingUp() && received !== undefined) process.removeAllListeners(received).kill(process.pid, received);
  else if (isLookingUp() && process.argv[2] === "__complete") process.kill(process.pid, "SIGKILL");
  else process.exit();
}

/** Says what went wrong and returns the exit code for it. */
function tell(error: unknown): number {
  if ((error as NodeJS.ErrnoException)?.code === "EPIPE") return 0;
  const failure =
    error instanceof Failure
      ? error
      : received === undefined
        ? unexpected(error)
        : new Failure("interrupted", "interrupted", { heading: "" });
  const next = failure.next.map((line, index) => `${index === 0 ? "next  " : "      "}${line}\n`);
  if (failure.message !== "") process.stderr.write(`${failure.sentence}\n`);
  process.stderr.write(next.join(""));
  if (failure.kind === "interrupted" && received !== undefined) return signalCodes[received];
  return exitCodes[failure.kind];
}

function unexpected(error: unknown): Failure {
  if (process.env["MKEBACKUP_LOG"]) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure("failed", `${message} (this is a bug in kubectl-mkebackup)`, {
    cause: error,
    next: ["the same command with MKEBACKUP_LOG=debug says where"],
  });
}
