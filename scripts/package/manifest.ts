import { isSeq, parseDocument } from "yaml";

/** An archive that was made, by its file name. */
export interface Release {
  /** With the leading v. */
  readonly version: string;
  /** Archive name to its sha256, in lower-case hex. */
  readonly archives: ReadonlyMap<string, string>;
}

/**
 * The krew manifest of a release: the template with version, uri and sha256 filled in, and without the platforms that
 * no archive was made for. Throws for an archive that the template does not name.
 */
export function fillManifest(template: string, { version, archives }: Release): string {
  // The comment on top is about the template.
  const document = parseDocument(template.replace(/^(#.*\n)+/, ""));
  const platforms = document.getIn(["spec", "platforms"]);
  if (document.errors.length > 0 || !isSeq(platforms)) throw new Error("plugin.yaml has no list spec.platforms.");
  document.setIn(["spec", "version"], version);
  const filled = new Set<string>();
  for (let index = platforms.items.length - 1; index >= 0; index--) {
    const uri = String(platforms.getIn([index, "uri"])).replaceAll("VERSION", version);
    const archive = uri.slice(uri.lastIndexOf("/") + 1);
    const sha256 = archives.get(archive);
    if (sha256 === undefined) {
      platforms.delete(index);
      continue;
    }
    platforms.setIn([index, "uri"], uri);
    platforms.setIn([index, "sha256"], sha256);
    filled.add(archive);
  }
  const unnamed = [...archives.keys()].filter((archive) => !filled.has(archive));
  if (unnamed.length > 0) throw new Error(`plugin.yaml has no platform for ${unnamed.join(", ")}.`);
  return document.toString({ lineWidth: 0 });
}
