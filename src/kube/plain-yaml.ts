/** A line that holds something: how far it is indented, and the rest. */
interface Line {
  readonly indent: number;
  readonly text: string;
}

type Value = string | boolean | Value[] | { [key: string]: Value };

/** Key and value of `name: value`; keys as kubectl, kubeadm and mkectl write them. */
const keyed = /^([A-Za-z][\w./-]*):(?: +(.*))?$/;
/** A plain scalar that YAML reads as these very characters; what could be a number, a date or a sign of YAML is not here. */
const word = /^[A-Za-z/][\w./:@+=~,-]*$/;
const notWords = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
/** Neither escapes nor a second quote. */
const quoted = /^(?:"([^"\\]*)"|'([^']*)')$/;

/** Thrown inside where the text is more than plain. */
const notPlain = new Error("not plain");

/**
 * Reads YAML of the plainest kind, the one that kubeconfigs are written in by machines: maps and lists by indentation,
 * words, quoted words, true and false. Returns undefined for anything else, which may still be good YAML.
 * Reading the usual kubeconfig this way takes a hundredth of the time that loading and running a YAML parser does.
 */
export function parsePlainYaml(text: string): unknown {
  if (text.startsWith("{")) return parseJson(text);
  if (/[^\x20-\x7e\n]/.test(text)) return undefined;
  const lines = text
    .split("\n")
    .filter((line) => !/^ *(?:#.*)?$/.test(line))
    .map((line): Line => {
      const content = line.trimStart();
      return { indent: line.length - content.length, text: content.trimEnd() };
    });
  try {
    const reader = new Reader(lines);
    const value = lines.length === 0 || lines[0]?.indent !== 0 ? undefined : reader.block(0);
    return reader.atEnd ? value : undefined;
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

/** JSON is YAML; what only looks like it is not plain. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class Reader {
  readonly #lines: readonly Line[];
  #at = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = [...lines];
  }

  get atEnd(): boolean {
    return this.#at === this.#lines.length;
  }

  /** The map or list whose lines are indented this far. */
  block(indent: number): Value {
    return isItem(this.#lines[this.#at]?.text ?? "") ? this.#list(indent) : this.#map(indent);
  }

  #list(indent: number): Value[] {
    const items: Value[] = [];
    for (let line = this.#lines[this.#at]; line?.indent === indent && isItem(line.text); line = this.#lines[this.#at]) {
      const content = line.text.slice(1).trimStart();
      if (!keyed.test(content)) {
        this.#at++;
        items.push(scalar(content));
        continue;
      }
      // `- key: value` begins a map that is indented as far as its first key.
      const inner = indent + line.text.length - content.length;
      (this.#lines as Line[])[this.#at] = { indent: inner, text: content };
      items.push(this.#map(inner));
    }
    return items;
  }

  #map(indent: number): Value {
    const map: Record<string, Value> = Object.create(null);
    for (
      let line = this.#lines[this.#at];
      line?.indent === indent && !isItem(line.text);
      line = this.#lines[this.#at]
    ) {
      const [, key, value] = keyed.exec(line.text) ?? [];
      if (key === undefined || key in map || notWords.test(key)) throw notPlain;
      this.#at++;
      map[key] = value === undefined || value === "" ? this.#below(indent) : scalar(value);
    }
    return { ...map };
  }

  /** What stands under a key: lines further in, or the items of a list, which may begin right under the key. */
  #below(indent: number): Value {
    const next = this.#lines[this.#at];
    if (next === undefined) throw notPlain;
    if (next.indent > indent) return this.block(next.indent);
    if (next.indent === indent && isItem(next.text)) return this.#list(indent);
    // An empty value is null in YAML; who writes that is not a machine.
    throw notPlain;
  }
}

const isItem = (text: string): boolean => text === "-" || text.startsWith("- ");

function scalar(text: string): Value {
  if (text === "true" || text === "false") return text === "true";
  if (text === "{}") return {};
  if (text === "[]") return [];
  const [, double, single] = quoted.exec(text) ?? [];
  const inside = double ?? single;
  if (inside !== undefined) return inside;
  if (word.test(text) && !notWords.test(text) && !text.endsWith(":")) return text;
  throw notPlain;
}
