import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { startSandbox } from "../../test/sandbox/sandbox.ts";
import { nodeFlags } from "./node-flags.ts";

const run = promisify(execFile);

/** What a tired admin types most; V8 keeps the bytecode of the functions that these run, and of no others. */
const commands = [
  "--help",
  "list",
  "list -o json",
  "list restores -o wide",
  "list schedules",
  "status",
  "status -v",
  "create packed --include-namespaces shop",
  "restore packed --dry-run=server",
  "delete backup/packed --yes",
  "config",
  "version",
].map((line) => line.split(" "));

/**
 * Runs the usual commands on the Node that is packed, in the embedded world, and writes V8's bytecode of every module that
 * they loaded into the folder: NAME.bytecode. It fits this very Node only. Returns these modules' names ("./main.js").
 */
export async function writeBytecode(
  scripts: ReadonlyMap<string, string>,
  { node, folder }: { node: string; folder: string },
): Promise<string[]> {
  const sandbox = await startSandbox({ backups: 3, speed: 50 });
  try {
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder, KUBECONFIG: sandbox.kubeconfig };
    const input = join(folder, "warm-up.json");
    await writeFile(input, JSON.stringify({ scripts: Object.fromEntries(scripts), commands }));
    // The seed makes the same bytecode each time: with it V8 hashes names alike. The flags must be those of the binary.
    const words = ["--random-seed=1", ...nodeFlags, join(import.meta.dirname, "warm-up.cjs"), input, folder];
    await run(node, words, { cwd: folder, env, maxBuffer: 1e8 });
  } finally {
    await sandbox.stop();
  }
  const written = new Set(await readdir(folder));
  return [...scripts.keys()].filter((name) => written.has(`${basename(name)}.bytecode`));
}
