// What krew, its validate-krew-manifest and the reviewers of its index ask of a manifest.
import { parse } from "yaml";

type Fields = Readonly<Record<string, unknown>>;

/** krew drops keys that it does not know without a word, so a misspelt optional one would be lost. */
const known = {
  manifest: ["apiVersion", "kind", "metadata", "spec"],
  metadata: ["name", "annotations", "labels"],
  spec: ["version", "homepage", "shortDescription", "description", "caveats", "platforms"],
  // No `files`: the archives are flat, and all of them is what krew installs by default.
  platform: ["selector", "uri", "sha256", "bin"],
};

const installable = [
  ...["windows", "linux", "darwin"].flatMap((os) => ["386", "amd64", "arm64"].map((arch) => `${os}/${arch}`)),
  "linux/arm",
  "linux/ppc64le",
];

const number = "(0|[1-9][0-9]*)";
const finalVersion = new RegExp(`^v${number}\\.${number}\\.${number}$`);

/** Every rule that the manifest breaks, as sentences; none for a good one. */
export function manifestFaults(text: string): string[] {
  const manifest = fields(parse(text));
  const [metadata, spec] = [fields(manifest["metadata"]), fields(manifest["spec"])];
  return [
    ...unknownKeys("the manifest", manifest, known.manifest),
    ...unknownKeys("metadata", metadata, known.metadata),
    ...unknownKeys("spec", spec, known.spec),
    ...must(
      manifest["apiVersion"] === "krew.googlecontainertools.github.com/v1alpha2",
      "apiVersion must be krew.googlecontainertools.github.com/v1alpha2.",
    ),
    ...must(manifest["kind"] === "Plugin", "kind must be Plugin."),
    ...nameFaults(metadata["name"]),
    ...textFaults(spec),
    ...platformsFaults(spec, words(metadata["name"])),
  ];
}

function nameFaults(name: unknown): string[] {
  return [
    ...must(/^[\w-]+$/.test(words(name)), "metadata.name may have letters, digits, _ and - only."),
    ...must(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(words(name)), "metadata.name must be lower-case words joined by -."),
    ...must(!/^(con|prn|aux|nul|(com|lpt)[1-9])$/i.test(words(name)), "metadata.name is reserved on Windows."),
  ];
}

function textFaults(spec: Fields): string[] {
  const short = words(spec["shortDescription"]);
  const paragraphs = [spec["description"], spec["caveats"]].map(words);
  return [
    ...must(
      finalVersion.test(words(spec["version"])),
      "spec.version must be v and a semantic version without a pre-release.",
    ),
    ...must(/^https:\/\/\S+$/.test(words(spec["homepage"])), "spec.homepage must be an https address."),
    ...must(short !== "" && !/[\r\n]/.test(short), "spec.shortDescription must be one line."),
    ...must(short.length <= 50, "spec.shortDescription must have no more than 50 characters."),
    ...must(!short.endsWith("."), "spec.shortDescription must not end with a period."),
    ...must(words(spec["description"]) !== "", "spec.description must say what the plugin is for."),
    ...must(
      paragraphs.every((text) => text.split("\n").every((line) => line.length <= 80)),
      "spec.description and spec.caveats must be wrapped at 80 columns.",
    ),
  ];
}

function platformsFaults(spec: Fields, name: string): string[] {
  const platforms = Array.isArray(spec["platforms"]) ? spec["platforms"].map(fields) : [];
  const matched = platforms.map(({ selector }) => platformOf(selector));
  return [
    ...must(platforms.length > 0, "spec.platforms must name at least one platform."),
    ...must(new Set(matched).size === matched.length, "Two platforms of spec.platforms match the same os and arch."),
    ...platforms.flatMap((platform, index) => platformFaults(platform, `spec.platforms[${index}]`, spec, name)),
  ];
}

function platformFaults(platform: Fields, at: string, spec: Fields, name: string): string[] {
  const { selector, uri, sha256, bin } = platform;
  const matches = fields(fields(selector)["matchLabels"]);
  const binary = `kubectl-${name}${matches["os"] === "windows" ? ".exe" : ""}`;
  const download = `${words(spec["homepage"])}/releases/download/${words(spec["version"])}/`;
  return [
    ...unknownKeys(at, platform, known.platform),
    ...unknownKeys(`${at}.selector`, fields(selector), ["matchLabels"]),
    ...unknownKeys(`${at}.selector.matchLabels`, matches, ["os", "arch"]),
    ...must(installable.includes(platformOf(selector)), `${at}.selector must be an os and arch that krew installs on.`),
    ...must(words(uri).startsWith(download), `${at}.uri must be a file of the release: ${download}…`),
    ...must(/\.(tar\.gz|zip)$/.test(words(uri)), `${at}.uri must end in .tar.gz or .zip.`),
    ...must(/^[a-f0-9]{64}$/.test(words(sha256)), `${at}.sha256 must be 64 lower-case hexadecimal digits.`),
    ...must(bin === binary, `${at}.bin must be ${binary}.`),
  ];
}

function platformOf(selector: unknown): string {
  const { os, arch } = fields(fields(selector)["matchLabels"]);
  return `${words(os)}/${words(arch)}`;
}

const must = (holds: boolean, rule: string): string[] => (holds ? [] : [rule]);

const unknownKeys = (at: string, object: Fields, keys: readonly string[]): string[] =>
  Object.keys(object)
    .filter((key) => !keys.includes(key))
    .map((key) => `${at} has the key ${key}, which krew ignores or this project does not use.`);

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

const words = (value: unknown): string => (typeof value === "string" ? value : "");
