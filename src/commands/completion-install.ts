import { constants } from "node:fs";
import { access, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join, resolve, sep } from "node:path";
import { Failure } from "../core/failure.ts";
import { isOurShim, shim, shimName } from "./completion-scripts.ts";

export interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly isWindows: boolean;
  /** Replace, or remove, a file that this program did not write. */
  readonly force: boolean;
}

export interface Installed {
  readonly path: string;
  readonly state: "written" | "unchanged" | "removed" | "absent";
}

/**
 * Writes the shim for kubectl beside the program, where PATH finds it, else into krew's folder of links: never where a link
 * leads, since krew removes that folder at each upgrade. Throws a failure that says what to do where neither can be.
 */
export async function installShim(place: Place): Promise<Installed> {
  const { text, file } = ours(place);
  const path = join(await folderFor(place), file);
  const found = await content(path);
  if (found === text) return { path, state: "unchanged" };
  if (found !== undefined && !isOurShim(found) && !place.force) throw foreign(path, "--install");
  // Beside and moved: a link of that name is replaced, and not written through.
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, text, { mode: 0o755 });
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new Failure("failed", `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  return { path, state: "written" };
}

/** Removes the shim that kubectl finds. */
export async function removeShim(place: Place): Promise<Installed> {
  const { file } = ours(place);
  const path = await onPath(file, place.env);
  if (path === undefined) return { path: file, state: "absent" };
  if (!isOurShim((await content(path)) ?? "") && !place.force) throw foreign(path, "--uninstall");
  await rm(path).catch((cause: Error) => {
    throw new Failure("failed", `cannot remove ${path}: ${cause.message}`, { cause });
  });
  return { path, state: "removed" };
}

const ours = ({ isWindows }: Place) =>
  isWindows ? { text: shim.windows, file: shimName.windows } : { text: shim.posix, file: shimName.posix };

async function folderFor({ env, isWindows }: Place): Promise<string> {
  const program = await onPath(isWindows ? "kubectl-mkebackup.exe" : "kubectl-mkebackup", env);
  const beside = program === undefined ? undefined : resolve(program, "..");
  const krewRoot = env["KREW_ROOT"] || join(env["HOME"] || homedir(), ".krew");
  const krew = foldersOnPath(env).find((folder) => folder === resolve(krewRoot, "bin"));
  for (const folder of [beside, krew]) {
    if (folder !== undefined && (await isWritable(folder)) && !(await isInStore(folder, krewRoot))) return folder;
  }
  if (beside === undefined) {
    throw new Failure("failed", "kubectl-mkebackup is in no folder on PATH, so that kubectl cannot find it either", {
      next: ["put kubectl-mkebackup into a folder that PATH names, and do this again"],
    });
  }
  const path = join(beside, ours({ env, isWindows, force: false }).file);
  const next = isWindows
    ? ["do this again in a terminal of an administrator"]
    : [`kubectl mkebackup completion kubectl | sudo tee ${path} >/dev/null && sudo chmod 755 ${path}`];
  throw new Failure("failed", `cannot write beside kubectl-mkebackup: ${beside} is closed to you`, { next });
}

const foldersOnPath = (env: NodeJS.ProcessEnv): string[] =>
  (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => resolve(folder));

async function onPath(file: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of foldersOnPath(env)) {
    const path = join(folder, file);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return path;
  }
  return undefined;
}

const isWritable = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );

/** krew keeps each version in a folder of its own below store, and deletes it with the next one. */
async function isInStore(folder: string, krewRoot: string): Promise<boolean> {
  const [real, store] = await Promise.all(
    [folder, join(krewRoot, "store")].map((path) => realpath(path).catch(() => path)),
  );
  return `${real}${sep}`.startsWith(`${store}${sep}`);
}

/** The file's text; undefined when there is none. What cannot be read is not ours. */
async function content(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "";
  }
}

const foreign = (path: string, flag: string): Failure =>
  new Failure("failed", `${path} exists, and it is not what this program wrote`, {
    next: [`kubectl mkebackup completion kubectl ${flag} --force        (does it all the same)`],
  });
