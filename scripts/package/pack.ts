import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { writeBytecode } from "./bytecode.ts";
import type { Platform } from "./platforms.ts";
import { scriptsOf } from "./scripts.ts";

const run = promisify(execFile);

export interface PackInput {
  /** The project's root. */
  readonly root: string;
  /** The bundle: main.js and its chunks. */
  readonly bundle: string;
  /** Where the binary shall lie. */
  readonly output: string;
  readonly platform: Platform;
}

/**
 * Packs the bundle and Node into one binary with pkg, without the network. Nothing is unpacked when it starts.
 * Returns whether Node's symbols could be stripped (needs binutils). Throws with pkg's own words when it fails.
 */
export async function pack({ root, bundle, output, platform }: PackInput): Promise<{ stripped: boolean }> {
  const work = `${output}.work`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const node = await seedNode(root, join(work, ".pkg-cache", "sea"), platform);
    const assets = await writeAssets(await scriptsOf(bundle), { node: node.file, folder: join(work, "assets") });
    const bootstrap = join(work, "bootstrap.js");
    await copyFile(join(root, "scripts", "package", "bootstrap.cjs"), bootstrap);
    const binary = join(work, platform.binary);
    await runPkg(root, work, assets, ["--sea", "--targets", node.target, "--output", binary, bootstrap]);
    // Renamed into place: a copy of the old one may be running.
    await rename(binary, output);
    return { stripped: node.stripped };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes what the bootstrap reads from the binary; returns the names with the files. */
async function writeAssets(
  modules: ReadonlyMap<string, string>,
  options: { node: string; folder: string },
): Promise<Record<string, string>> {
  await mkdir(options.folder);
  const { scripts, core, withBytecode } = await writeBytecode(modules, options);
  const file = (name: string) => join(options.folder, basename(name));
  for (const [name, script] of scripts) await writeFile(file(name), script);
  await writeFile(file("index"), JSON.stringify({ withBytecode, core }));
  return Object.fromEntries([
    ["index", file("index")],
    ...[...scripts.keys()].map((name) => [name, file(name)]),
    ...withBytecode.map((name) => [`${name}.bytecode`, file(`${name}.bytecode`)]),
  ]);
}

/** Lays Node from the npm package where pkg keeps its downloads; the `.ok` files say that a download was verified. */
async function seedNode(
  root: string,
  cache: string,
  { node, nodePackage, nodeFile }: Platform,
): Promise<{ target: string; file: string; stripped: boolean }> {
  const source = join(root, "node_modules", nodePackage);
  const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  const name = `node-v${version}-${node}`;
  await mkdir(join(cache, name, "bin"), { recursive: true });
  for (const file of [`${name}.tar.gz`, `${name}.tar.gz.ok`, join(name, "bin", "node.ok")]) {
    await writeFile(join(cache, file), "");
  }
  const target = join(cache, name, "bin", "node");
  const stripped = await strip(join(source, nodeFile), target);
  if (!stripped) await copyFile(join(source, nodeFile), target);
  await chmod(target, 0o755);
  return { target: `node${version}-${node}`, file: target, stripped };
}

async function strip(source: string, target: string): Promise<boolean> {
  try {
    await run("strip", ["--strip-all", "-o", target, source]);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

async function runPkg(root: string, work: string, assets: Record<string, string>, args: string[]): Promise<void> {
  const hook = join(root, "scripts", "package", "sea-config.ts");
  const pkg = join(root, "node_modules", "pkg", "lib-es5", "bin.js");
  // pkg looks for its cache in the home folder, and takes a temporary folder beside ours.
  const env = { ...process.env, HOME: work, TMPDIR: work, SEA_ASSETS: JSON.stringify(assets) };
  try {
    await run(process.execPath, ["--import", hook, pkg, ...args], { cwd: work, env });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`pkg could not make the binary. It said:\n${`${stdout}${stderr}`.trimEnd()}`, { cause: error });
  }
}
