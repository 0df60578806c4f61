import { type ConfiguredField, dotted, type Path, type Problem, type Provider } from "./configuration.ts";
import { type Field, type Group, isGroup } from "./fields.ts";
import { isMapping, type Mapping, nearestKey, shapeOf, spellingsOf, withoutSecrets } from "./keys.ts";

export interface SectionRead {
  readonly fields: readonly ConfiguredField[];
  readonly problems: readonly Problem[];
}

export interface Reading {
  /** Decides which options are in use. */
  readonly provider: Provider | undefined;
  /** Whether MKE's defaults stand for what is left out. */
  readonly defaults: boolean;
}

/** Reads what a section gives for a group: documented fields in MKE's order, then the keys that no release knows. */
export function readGroup(group: Group, given: unknown, path: Path, reading: Reading): SectionRead {
  const inUse = group.usedWith === undefined || reading.provider === undefined || group.usedWith === reading.provider;
  const defaults = reading.defaults && (group.usedWith === undefined || group.usedWith === reading.provider);
  if (given !== undefined && given !== null && !isMapping(given)) {
    const problem = invalid(path, `is ${shapeOf(given)}, not a map of its options`);
    return {
      fields: [{ path, value: withoutSecrets(group.key, given), origin: "set", known: true, used: inUse }],
      problems: [problem],
    };
  }
  const mapping = given ?? {};
  const members = group.members.map((member) => {
    const own = [...path, member.key];
    const [spelling, ...others] = spellingsOf(mapping, member.key);
    const value = spelling === undefined ? undefined : mapping[spelling];
    const { fields, problems } = isGroup(member)
      ? readGroup(member, value, own, { ...reading, defaults })
      : readField(member, value, own, { defaults, inUse });
    return { fields, problems: [...givenTwice(own, spelling, others), ...problems] };
  });
  const unknown = unknownKeys(group, mapping, path, inUse);
  return {
    fields: [...members.flatMap(({ fields }) => fields), ...unknown.fields],
    problems: [...members.flatMap(({ problems }) => problems), ...unknown.problems],
  };
}

function readField(
  field: Field,
  given: unknown,
  path: Path,
  { defaults, inUse }: { defaults: boolean; inUse: boolean },
): SectionRead {
  const leftOut = given === undefined || given === null || (field.type === "choice" && given === "");
  if (leftOut) {
    if (!defaults || field.default === undefined) return { fields: [], problems: [] };
    return { fields: [{ path, value: field.default, origin: "default", known: true, used: inUse }], problems: [] };
  }
  const value = readValue(field, given);
  const shown = value ?? given;
  return {
    fields: [{ path, value: shown, origin: "set", known: true, used: inUse }],
    problems: value === undefined ? [invalid(path, `is ${quoted(given)}; MKE takes ${wanted(field)}`)] : [],
  };
}

/** The value as MKE writes it; undefined when it is none that MKE could take. */
function readValue({ type, choices = [] }: Field, given: unknown): boolean | string | number | undefined {
  switch (type) {
    case "boolean":
      return readBoolean(given);
    case "choice":
      return choices.find((choice) => choice.toLowerCase() === String(given).trim().toLowerCase());
    case "port": {
      const port = typeof given === "string" && /^\d+$/.test(given.trim()) ? Number(given) : given;
      return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
    }
    case "text":
      return typeof given === "object" ? undefined : String(given);
  }
}

/** MKE's own parser reads the words of YAML 1.1 too. */
function readBoolean(given: unknown): boolean | undefined {
  if (typeof given === "boolean") return given;
  const word = typeof given === "string" ? given.trim().toLowerCase() : "";
  if (["true", "yes", "on"].includes(word)) return true;
  return ["false", "no", "off"].includes(word) ? false : undefined;
}

function wanted({ type, choices = [] }: Field): string {
  if (type === "choice") return choices.length === 1 ? `only ${choices[0]}` : choices.join(" or ");
  return { boolean: "true or false", port: "a port number", text: "text" }[type];
}

const quoted = (given: unknown): string =>
  typeof given === "object" ? shapeOf(given) : typeof given === "string" ? `"${given}"` : String(given);

function unknownKeys(group: Group, mapping: Mapping, path: Path, used: boolean): SectionRead {
  const known = group.members.map(({ key }) => key);
  const read = new Set(known.flatMap((key) => spellingsOf(mapping, key)));
  const keys = Object.keys(mapping).filter((key) => !read.has(key));
  return {
    fields: keys.map((key) => ({
      path: [...path, key],
      value: withoutSecrets(key, mapping[key]),
      origin: "set",
      known: false,
      used,
    })),
    problems: keys.flatMap((key): Problem[] => {
      const meant = nearestKey(key, known);
      if (meant === undefined) return [];
      const at = dotted([...path, key]);
      return [
        { level: "note", reason: "UnknownKey", path: at, message: `${at} is not a key of MKE: perhaps ${meant}` },
      ];
    }),
  };
}

function givenTwice(path: Path, spelling: string | undefined, others: readonly string[]): Problem[] {
  if (others.length === 0) return [];
  const at = dotted(path);
  const message = `${at} is given more than once: ${[spelling, ...others].join(", ")}; ${spelling} is shown`;
  return [{ level: "problem", reason: "GivenTwice", path: at, message }];
}

function invalid(path: Path, what: string): Problem {
  const at = dotted(path);
  return { level: "problem", reason: "InvalidValue", path: at, message: `${at} ${what}` };
}
