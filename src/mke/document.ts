import { Failure } from "../core/failure.ts";
import { isMapping } from "./keys.ts";

/** Parses a YAML text, which may hold several documents, to plain data. Throws a failure with the line and column. */
export async function parseDocuments(text: string, name: string): Promise<unknown[]> {
  const { parseAllDocuments, LineCounter, visit } = await import("./full-yaml.ts");
  const lineCounter = new LineCounter();
  // Merge keys are YAML 1.1, and so is MKE's own parser.
  const parsed = parseAllDocuments(text, { merge: true, lineCounter, logLevel: "error" });
  return [...parsed].map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw notYaml(name, firstSentence(error.message), error.linePos?.[0]);
    visit(document, {
      Alias(_, alias) {
        if (alias.resolve(document) !== undefined) return;
        const position = alias.range === null || alias.range === undefined ? undefined : alias.range[0];
        const at = position === undefined ? undefined : lineCounter.linePos(position);
        throw notYaml(name, `*${alias.source} refers to an anchor that is not set before it`, at);
      },
    });
    try {
      // The way through JSON unfolds what anchors share, and refuses what contains itself.
      return JSON.parse(JSON.stringify(document.toJS())) as unknown;
    } catch (error) {
      const why = error instanceof ReferenceError ? "its anchors unfold without end" : "an anchor contains itself";
      throw notYaml(name, why, undefined, error);
    }
  });
}

/** Without the parser's own " at line 3, column 5:" and the excerpt below it, which may show a secret. */
const firstSentence = (message: string): string =>
  (message.split("\n")[0] ?? message).replace(/ at line \d+, column \d+:?$/, "");

function notYaml(name: string, why: string, at: { line: number; col: number } | undefined, cause?: unknown): Failure {
  const where = at === undefined ? "" : `line ${at.line}, column ${at.col}: `;
  return new Failure("failed", `${name} is not valid YAML: ${where}${why}`, { reason: "NotYaml", cause });
}

/** The documents that may be the configuration, best first: MkeConfig objects, else maps with a backup section, else maps. */
export function candidatesIn(documents: readonly unknown[], hasBackup: (document: unknown) => boolean): unknown[] {
  const single = documents.flatMap((document) =>
    isMapping(document) && Array.isArray(document["items"]) ? document["items"] : [document],
  );
  const objects = single.filter((document) => isMapping(document) && document["kind"] === "MkeConfig");
  if (objects.length > 0) return objects;
  const sections = single.filter(hasBackup);
  if (sections.length > 0) return sections;
  return single.filter((document) => document !== null && document !== undefined).slice(0, 1);
}
