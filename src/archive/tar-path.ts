import { damaged } from "./unpack.ts";

/** A name inside an archive as a relative path with slashes. Throws for one that leads out of the archive, or could anywhere. */
export function safePath(name: string, what: string): string {
  const path = name.replace(/^(\.\/)+/, "");
  const isOutside = path.startsWith("/") || /^[a-z]:/i.test(path) || path.includes("\\");
  if (path === "" || isOutside || path.includes("\0") || path.split("/").some((part) => part === ".." || part === "."))
    throw damaged(what, `it names a place outside of itself: ${JSON.stringify(name)}`);
  return path;
}
