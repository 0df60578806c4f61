// Imported late as a whole: bundled, a late import of the package itself would have no names in it.
import { type DocumentOptions, parseDocument, type SchemaOptions, type Tags } from "yaml";

/** YAML as Go's parser reads it: version 1.1 (yes is true), but times and dates are text; the last of equal keys counts. */
const goYaml: DocumentOptions & SchemaOptions & { uniqueKeys: boolean } = {
  version: "1.1",
  uniqueKeys: false,
  customTags: (tags: Tags): Tags => tags.filter((tag) => !isTime(tag)).map(withDigits),
};

type Tag = Tags[number];

const isTime = (tag: Tag): boolean =>
  typeof tag === "object" && (tag.tag.endsWith(":timestamp") || ("format" in tag && tag.format === "TIME"));

/** The package takes e861 and a lone point for numbers, and makes NaN of them; what begins with no digit is a word. */
function withDigits(tag: Tag): Tag {
  if (typeof tag !== "object" || !tag.tag.endsWith(":float") || !("test" in tag) || tag.test === undefined) return tag;
  if (tag.test.test(".inf")) return tag;
  return { ...tag, test: new RegExp(`^(?=[-+]?\\.?[0-9])${tag.test.source.replace(/^\^/, "")}`) } as Tag;
}

/** The first document of a text; later ones are not looked at, as in kubectl. Throws the parser's error. */
export function parseFullYaml(text: string): unknown {
  const parsed = parseDocument(text, goYaml);
  const fault = parsed.errors.find(({ code }) => code !== "MULTIPLE_DOCS");
  if (fault !== undefined) throw fault;
  return parsed.toJS();
}
