import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isSeq, isMap as isYamlMap, parseDocument } from "yaml";

/** Puts fields into the auth-provider of a user, and leaves the rest of the file as it is, comments too. Throws what the file system says. */
export function storeTokens(
  { file, name }: { readonly file: string; readonly name: string },
  fields: Readonly<Record<string, string>>,
): void {
  const target = realpathSync(file);
  const document = parseDocument(readFileSync(target, "utf8"), { version: "1.1", uniqueKeys: false });
  const users = document.get("users");
  const at = isSeq(users) ? users.items.findIndex((item) => isYamlMap(item) && (item.get("name") ?? "") === name) : -1;
  if (at < 0) throw new Error(`user "${name}" is not there any more`);
  for (const [field, value] of Object.entries(fields))
    document.setIn(["users", at, "user", "auth-provider", "config", field], value);
  // A reader sees the old file or the new one, never half of one.
  const draft = `${target}.mkebackup-${process.pid}`;
  try {
    writeFileSync(draft, document.toString({ lineWidth: 0 }), { mode: statSync(target).mode & 0o777 });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
}
