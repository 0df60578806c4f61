import { access, constants, lstat, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure, usageFailure } from "../core/failure.ts";
import { cannotWrite, codeOf } from "../core/file-failure.ts";

/** Where a tarball goes: any of the three. */
export interface Destination {
  readonly file: string | undefined;
  readonly isStdout: boolean;
  /** Where its files go. */
  readonly folder: string | undefined;
}

/** What -o takes everywhere else. */
const formats = ["json", "yaml", "wide", "name"];

interface Asked {
  readonly output: string | undefined;
  readonly extract: string | undefined;
  readonly isForced: boolean;
  readonly isTerminal: boolean;
}

/** Refuses what would be overwritten, or cannot be written, before anything is asked for. Throws Failures. */
export async function readDestination(name: string, asked: Asked): Promise<Destination> {
  const { output, extract: folder, isForced } = asked;
  if (output === "") throw usageFailure("-o names no file", "a file, a folder, or - for stdout");
  if (formats.includes(output ?? ""))
    throw usageFailure(`-o names a file here, and ${output} is a format`, `-o ./${output} if it is the file's name`);
  if (folder === "") throw usageFailure("--extract names no folder");
  const isStdout = output === "-";
  if (isStdout && asked.isTerminal)
    throw usageFailure("a tarball is nothing for a terminal", `kubectl mkebackup download ${name} -o - > FILE`);
  if (folder !== undefined) await checkFolder(folder, isForced);
  const usual = `${name}-data.tar.gz`;
  const wanted = output ?? (folder === undefined ? usual : undefined);
  const file = isStdout || wanted === undefined ? undefined : await readFile(wanted, usual, isForced);
  return { file, isStdout, folder };
}

/** The file that is meant: in a folder that is there, and not there itself unless it may be overwritten. */
async function readFile(wanted: string, usual: string, isForced: boolean): Promise<string> {
  const isFolder = (await found(stat(wanted), wanted))?.isDirectory() ?? /[/\\]$/.test(wanted);
  const named = isFolder ? join(wanted, usual) : wanted;
  const stands = await found(lstat(named), named);
  const file = stands?.isSymbolicLink() ? await realpath(named).catch(() => named) : named;
  if (stands !== undefined && !(await found(stat(file), file))?.isFile())
    throw new Failure("failed", `cannot write ${named}: it is no regular file`, {
      next: ["-o - writes to stdout, for a pipe or a device"],
    });
  if (stands !== undefined && !isForced)
    throw new Failure("failed", `${named} exists already`, {
      reason: "AlreadyExists",
      next: ["another name with -o FILE, or --force to overwrite it"],
    });
  await checkWritable(dirname(file));
  return file;
}

async function checkFolder(folder: string, isForced: boolean): Promise<void> {
  const stands = await found(stat(folder), folder);
  if (stands === undefined) return checkWritable(dirname(folder));
  if (!stands.isDirectory()) throw new Failure("failed", `cannot extract into ${folder}: it is no folder`);
  await checkWritable(folder);
  const isEmpty =
    (await readdir(folder).catch((error: unknown) => Promise.reject(cannotWrite(folder, error)))).length === 0;
  if (!isEmpty && !isForced)
    throw new Failure("failed", `the folder ${folder} is not empty`, {
      reason: "AlreadyExists",
      next: ["another folder with --extract DIR, or --force to write among what is there, over files of the same name"],
    });
}

async function checkWritable(folder: string): Promise<void> {
  const stands = await found(stat(folder), folder);
  if (stands === undefined) throw new Failure("failed", `the folder ${folder} does not exist`, { reason: "ENOENT" });
  if (!stands.isDirectory()) throw new Failure("failed", `${folder} is no folder`, { reason: "ENOTDIR" });
  await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw cannotWrite(folder, error);
  });
}

/** What stands there; undefined for nothing. */
async function found<T>(looking: Promise<T>, path: string): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw cannotWrite(path, error);
  }
}
