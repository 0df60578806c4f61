import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSandbox } from "../../test/sandbox/sandbox.ts";
import { together } from "./scripts.ts";

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

export interface Warmed {
  /** One script with the modules that the usual commands load. */
  readonly usual: string;
  /** V8's bytecode of it; fits this very Node only. */
  readonly bytecode: Buffer;
  /** All other modules, each a script of its own: name ("./x.js") to text. */
  readonly others: ReadonlyMap<string, string>;
}

/** Runs the usual commands on the Node that is packed, in the embedded world, to learn what they load and compile. */
export async function warmUp(scripts: ReadonlyMap<string, string>, node: string, work: string): Promise<Warmed> {
  const sandbox = await startSandbox({ backups: 3, speed: 50 });
  const env = { PATH: process.env["PATH"] ?? "", HOME: work, KUBECONFIG: sandbox.kubeconfig };
  const warm = async (names: ReadonlySet<string>, what: "modules" | "bytecode"): Promise<Buffer> => {
    const [input, output] = [join(work, "warm-up.json"), join(work, `warm-up.${what}`)];
    await writeFile(input, JSON.stringify({ name: "usual.js", modules: together(scripts, names), commands }));
    // The seed makes the same bytecode each time: with it V8 hashes names alike.
    const file = join(import.meta.dirname, "warm-up.cjs");
    await run(node, ["--random-seed=1", file, input, what, output], { cwd: work, env, maxBuffer: 1e8 });
    return readFile(output);
  };
  try {
    const all = new Set(scripts.keys());
    const usual = new Set<string>(JSON.parse(String(await warm(all, "modules"))));
    const bytecode = await warm(usual, "bytecode");
    const others = new Map([...scripts].filter(([name]) => !usual.has(name)));
    return { usual: together(scripts, usual), bytecode, others };
  } finally {
    await sandbox.stop();
  }
}
