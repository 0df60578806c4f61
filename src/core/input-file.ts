import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { cannotRead } from "./file-failure.ts";

/** A person's text file, or "-" for standard input. Throws a failure that says why it cannot be read. */
export async function contentOf(path: string): Promise<string> {
  if (path === "-") return text(createReadStream("", { fd: 0, autoClose: false }));
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw cannotRead(path, error);
  }
}
