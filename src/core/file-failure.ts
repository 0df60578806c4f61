import { Failure } from "./failure.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of it is a file and no folder",
  ENOENT: "no such folder",
  ELOOP: "it is a symbolic link",
  ENAMETOOLONG: "the name is too long",
  EFBIG: "the file system takes no file of this size",
  EIO: "the disk failed",
};

/** A file or folder of the user's that could not be written. */
export function cannotWrite(path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const { code = "", message } = cause as NodeJS.ErrnoException;
  return new Failure("failed", `cannot write ${path}: ${reasons[code] ?? message}`, { reason: code, cause });
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** A file of the user's that could not be read. */
export function cannotRead(path: string, cause: unknown): Failure {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const why = code === "ENOENT" ? "no such file" : (reasons[code] ?? message);
  return new Failure("failed", `cannot read ${path}: ${why}`, { reason: code, cause });
}
