import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Platform } from "./platforms.ts";

const run = promisify(execFile);

export interface PackInput {
  /** The project's root. */
  readonly root: string;
  /** The bundle: main.js and its chunks. */
  readonly bundle: string;
  /** Where the binary shall lie. */
  readonly output: string;
  readonly platform: Platform;
  readonly version: string;
}

/**
 * Packs the bundle and Node into one binary with pkg, without the network. Nothing is unpacked when it starts.
 * Returns whether Node's symbols could be stripped (needs binutils). Throws with pkg's own words when it fails.
 */
export async function pack({ root, bundle, output, platform, version }: PackInput): Promise<{ stripped: boolean }> {
  const work = `${output}.work`;
  await rm(work, { recursive: true, force: true });
  // The folder's name becomes part of the packed paths.
  const app = join(work, "app");
  try {
    await mkdir(app, { recursive: true });
    await copyBundle(bundle, app, version);
    const node = await seedNode(root, join(work, ".pkg-cache", "sea"), platform);
    const binary = join(work, platform.binary);
    await runPkg(root, work, ["--targets", node.target, "--output", binary, app]);
    // Renamed into place: a copy of the old one may be running.
    await rename(binary, output);
    return { stripped: node.stripped };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** pkg's enhanced mode wants a package.json that says what to pack; the bundle is complete, so nothing is looked up. */
async function copyBundle(bundle: string, app: string, version: string): Promise<void> {
  for (const name of await readdir(bundle)) {
    if (name.endsWith(".js")) await copyFile(join(bundle, name), join(app, name));
  }
  const manifest = {
    name: "kubectl-mkebackup",
    version,
    type: "module",
    bin: "main.js",
    pkg: { sea: true, assets: ["*.js"] },
  };
  await writeFile(join(app, "package.json"), JSON.stringify(manifest));
}

/** Lays Node from the npm package where pkg keeps its downloads; the `.ok` files say that a download was verified. */
async function seedNode(
  root: string,
  cache: string,
  { node, nodePackage, nodeFile }: Platform,
): Promise<{ target: string; stripped: boolean }> {
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
  return { target: `node${version}-${node}`, stripped };
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

async function runPkg(root: string, work: string, args: string[]): Promise<void> {
  const hook = join(root, "scripts", "package", "sea-config.ts");
  const pkg = join(root, "node_modules", "pkg", "lib-es5", "bin.js");
  // pkg looks for its cache in the home folder, and takes a temporary folder beside ours.
  const env = { ...process.env, HOME: work, TMPDIR: work };
  try {
    await run(process.execPath, ["--import", hook, pkg, ...args], { cwd: work, env });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`pkg could not make the binary. It said:\n${`${stdout}${stderr}`.trimEnd()}`, { cause: error });
  }
}
