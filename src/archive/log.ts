import { once } from "node:events";
import type { Readable } from "node:stream";
import { linesOf } from "../core/lines.ts";
import type { StoredObject } from "../object-store/object-store.ts";
import { pathOf, type StoredFile } from "./stored-file.ts";
import { unpacked } from "./unpack.ts";

/** The lines of a stored log in batches, as they come. Throws as unpacked() does where the file is damaged. */
export async function* storedLines({ content }: StoredObject, file: StoredFile): AsyncGenerator<string[]> {
  try {
    // Something between the store and us may have unpacked it already.
    yield* linesOf((await isPacked(content)) ? unpacked(content, pathOf(file)) : content);
  } finally {
    content.destroy();
  }
}

/** Whether a file begins as gzip does. Takes nothing from it. */
async function isPacked(content: Readable): Promise<boolean> {
  if (content.readableLength === 0 && !content.readableEnded) await once(content, "readable");
  const first = content.read() as Buffer | null;
  if (first === null) return false;
  content.unshift(first);
  return first[0] === 0x1f && first[1] === 0x8b;
}
