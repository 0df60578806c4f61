import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
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
  "doctor",
  "create packed --include-namespaces shop --default-volumes-to-fs-backup",
  "describe packed --details",
  "logs packed",
  "logs packed --level error",
  "contents packed",
  "contents packed deployment/web",
  "search deployment/web -n shop",
  "diff packed -n shop",
  "restore packed --dry-run=server",
  "delete backup/packed --yes",
  "storage check",
  "config",
  "version --server",
  // With the empty word that is being typed.
  "__complete restore ",
  "__complete create --include-namespaces ",
].map((line) => line.split(" "));

export interface WithBytecode {
  /** The scripts of the binary, name to text: each module, and "core", a table of those that all commands need. */
  readonly scripts: ReadonlyMap<string, string>;
  /** The names of the modules in the core. */
  readonly core: readonly string[];
  /** The scripts whose bytecode was written. */
  readonly withBytecode: readonly string[];
}

/**
 * Runs the usual commands on the Node that is packed, in the embedded world, and writes V8's bytecode of every script that
 * they loaded into the folder: NAME.bytecode. It fits this very Node, with the binary's flags, only.
 */
export async function writeBytecode(
  modules: ReadonlyMap<string, string>,
  { node, folder }: { node: string; folder: string },
): Promise<WithBytecode> {
  const sandbox = await startSandbox({ backups: 3, speed: 50 });
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, KUBECONFIG: sandbox.kubeconfig };
  const warmUp = async (scripts: ReadonlyMap<string, string>, core: readonly string[], round: string) => {
    const [input, output] = [join(folder, `${round}.json`), join(folder, round)];
    await mkdir(output);
    await writeFile(input, JSON.stringify({ scripts: Object.fromEntries(scripts), core, commands: commandsOf(round) }));
    // The seed makes the same bytecode each time: with it V8 hashes names alike. The flags must be those of the binary.
    const words = ["--random-seed=1", ...nodeFlags, join(import.meta.dirname, "warm-up.cjs"), input, output];
    await run(node, words, { cwd: folder, env, maxBuffer: 1e8 });
    return output;
  };
  try {
    const first = await warmUp(modules, [], "first");
    const [help = [], ...others]: string[][] = JSON.parse(await readFile(join(first, "loaded.json"), "utf8"));
    // What a help text needs stays apart, so that it is not paid for with the rest.
    const core = [...modules.keys()].filter(
      (name) => !help.includes(name) && others.every((all) => all.includes(name)),
    );
    const scripts = new Map([...modules].filter(([name]) => !core.includes(name)));
    scripts.set("core", tableOf(modules, core));
    const second = await warmUp(scripts, core, "second");
    const withBytecode: string[] = [];
    for (const name of scripts.keys()) {
      const written = `${basename(name)}.bytecode`;
      if (!existsSync(join(second, written))) continue;
      await rename(join(second, written), join(folder, written));
      withBytecode.push(name);
    }
    return { scripts, core, withBytecode };
  } finally {
    await sandbox.stop();
  }
}

/** The second round is on the same cluster as the first, where a name can be taken. */
const commandsOf = (round: string): string[][] =>
  commands.map((words) => words.map((word) => word.replace(/\bpacked\b/, `packed-${round}`)));

/** One script that evaluates to a table of modules. */
const tableOf = (modules: ReadonlyMap<string, string>, names: readonly string[]): string =>
  `({${names.map((name) => `${JSON.stringify(name)}:${modules.get(name)}`).join(",\n")}})`;
