import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";
import { cannotWrite, codeOf } from "../core/file-failure.ts";
import type { TarPart } from "./tar-scan.ts";

/** Writes the files of a tarball below a folder, readable by their owner alone. */
export interface Extraction {
  take(part: TarPart): void;
  /** Closes what is open. What was written is removed unless it is whole, or lies among what stood there before. */
  end(isWhole: boolean): void;
}

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

/** `isForced` takes the place of files that stand there. No link that stands there is followed. Throws Failures. */
export function openExtraction(folder: string, isForced: boolean): Extraction {
  const isNew = make(folder);
  const wasEmpty = isNew || readdirSync(folder).length === 0;
  /** Folders that were made, or seen to be none but folders. */
  const known = new Set<string>();
  let open: number | undefined;

  const enter = (names: readonly string[]): string => {
    let path = folder;
    for (const name of names) {
      path = join(path, name);
      if (known.has(path)) continue;
      if (!make(path) && !lstatSync(path).isDirectory())
        throw new Failure("failed", `cannot write into ${path}: it is a link or a file, and could lead elsewhere`);
      known.add(path);
    }
    return path;
  };
  const create = (path: string): number => openSync(path, O_CREAT | O_EXCL | O_WRONLY, 0o600);
  const createAnew = (path: string): number => {
    try {
      return create(path);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      if (!isForced || wasEmpty)
        throw new Failure("failed", `cannot write ${path}: another file has this name, or one that differs by case`);
      // A link goes, what it leads to stays.
      unlinkSync(path);
      return create(path);
    }
  };

  return {
    take({ path, data, isLast }) {
      const names = path
        .split("/")
        .filter((name) => name !== "")
        .map(onDisk);
      const file = join(folder, ...names);
      try {
        if (open === undefined) {
          enter(names.slice(0, -1));
          open = createAnew(file);
        }
        for (let at = 0; at < data.length; ) at += writeSync(open, data, at);
        if (isLast) {
          closeSync(open);
          open = undefined;
        }
      } catch (error) {
        throw cannotWrite(file, error);
      }
    },
    end(isWhole) {
      if (open !== undefined) closeSync(open);
      open = undefined;
      if (isWhole || !wasEmpty) return;
      if (isNew) rmSync(folder, { recursive: true, force: true });
      else for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    },
  };
}

/** Whether the folder is new. */
function make(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw cannotWrite(path, error);
  }
}

/** Windows takes `system:node` for a stream of the file `system`. */
const onDisk = (name: string): string =>
  process.platform === "win32"
    ? name.replace(/[<>:"|?*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    : name;
