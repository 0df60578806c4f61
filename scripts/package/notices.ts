import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of esbuild's metafile that is read here. */
export interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly homepage: string;
  /** Texts of its licence and notice files; empty when it ships none. */
  readonly text: string;
}

/** What pkg puts beside the bundle: its start-up code and the virtual file system that it uses. */
const packedBeside = ["node_modules/pkg", "node_modules/@roberts_lando/vfs"];

/**
 * The notices of everything in the binary that is not this project's: the packages of the bundle, pkg's start-up code
 * and Node.js. Packages with the same licence text share it.
 */
export function thirdPartyNotices(root: string, metafile: Metafile, nodePackage: string): string {
  const packages = [...new Set([...bundledPackages(metafile), ...packedBeside])].map((path) => readPackage(root, path));
  const unique = new Map(packages.map((found) => [`${found.name}@${found.version}`, found]));
  const sorted = [...unique.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
  const sections = [...Map.groupBy(sorted, ({ text, licence }) => text || licence).values()].map(section);
  const node = readPackage(root, `node_modules/${nodePackage}`);
  return [
    "kubectl-mkebackup contains the following third-party software.",
    ...sections,
    `Node.js ${node.version} and what it contains\nhttps://nodejs.org\n\n${node.text}`,
  ].join(`\n\n${"=".repeat(80)}\n\n`);
}

/** Folders of the packages that have at least one file in the bundle, as the metafile spells them. */
export function bundledPackages({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort(compare);
}

function readPackage(root: string, path: string): Package {
  const folder = join(root, path);
  const { name, version, license, homepage, repository } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const address = typeof repository === "string" ? repository : repository?.url;
  return {
    name,
    version,
    licence: license ?? "unknown",
    homepage: homepage ?? address ?? `https://www.npmjs.com/package/${name}`,
    text: licenceFiles(folder)
      .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim())
      .join("\n\n"),
  };
}

const licenceFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(file))
    .sort(compare);

function section(packages: readonly Package[]): string {
  const heads = packages.map(({ name, version, licence, homepage }) => `${name} ${version} (${licence})\n${homepage}`);
  const [first] = packages;
  const text =
    first?.text ||
    `Its package ships no licence text. ${first?.licence === "Apache-2.0" ? "The file LICENSE beside this one has the text of Apache-2.0." : ""}`.trim();
  return `${heads.join("\n")}\n\n${text}`;
}

/** By code unit, which is the same in every locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
