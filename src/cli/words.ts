import type { Flag, Flags } from "../commands/command.ts";
import { type Failure, usageFailure } from "../core/failure.ts";
import { nearest } from "../core/nearest.ts";
import { globalFlags } from "./global-flags.ts";

/** Where the verb stands: the first word that is neither a flag nor the value of a global one. */
export function verbPosition(argv: readonly string[], from = 0, own: Flags = {}): number | undefined {
  for (let at = from; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (!word.startsWith("-") || word === "-") return at;
    if (takesNextWord(word, own)) at += 1;
  }
  return undefined;
}

/** `--context prod` and `-o json` take the next word, `--context=prod` and `-nmke` do not. */
function takesNextWord(word: string, own: Flags = {}): boolean {
  const name = /^--?([^=]+)$/.exec(word)?.[1];
  if (name === undefined) return false;
  if (name === "o" || name === "output") return true;
  const flags: Flags = { ...globalFlags, ...own };
  const flag = Object.entries(flags).find(([long, { alias }]) => name === long || name === alias)?.[1];
  return flag !== undefined && flag.type !== "switch" && flag.type !== "count";
}

/** `-ojson`, `-nvelero`, `-lapp=web`: a value that stands against its short flag, as kubectl takes it. */
export function splitShort(word: string, flags: Flags): string[] {
  const [, letter, value] = /^-([A-Za-z])([^=].*)$/.exec(word) ?? [];
  const flag = Object.values(flags).find(({ alias }) => letter !== undefined && alias === letter);
  const takesValue = flag !== undefined && flag.type !== "switch" && flag.type !== "count";
  return takesValue && value !== undefined ? [`-${letter}`, value] : [word];
}

/** Nouns that are verbs of this program as well: they have a help of their own. */
const ownVerbs = ["restore", "location"];

interface Noun {
  readonly listed: string;
  /** What stands before the slash of TYPE/NAME, where one can be named. */
  readonly type?: string;
  /** The verbs that take one; all naming verbs when left out. */
  readonly verbs?: readonly string[];
  /** What is said behind the noun itself: `location delete x`, however it was typed. */
  readonly actions?: readonly string[];
}

/** What Velero and mkectl put before the verb: `schedule get`, `backup delete x`. */
const nouns: ReadonlyMap<string, Noun> = new Map(
  Object.entries({
    backup: { listed: "backups", type: "backup" },
    restore: { listed: "restores", type: "restore" },
    schedule: { listed: "schedules", type: "schedule" },
    location: { listed: "locations", type: "location", verbs: ["describe"], actions: ["create", "delete"] },
    "backup-location": { listed: "locations", type: "location", verbs: ["describe"], actions: ["create", "delete"] },
  }),
);
const nounOf = (word: string | undefined): Noun | undefined => nouns.get(singular(word ?? ""));
const singular = (word: string): string => word.replace(/s$/, "");

/** Verbs whose operand is TYPE/NAME. */
const namingVerbs = ["delete", "describe", "download", "logs", "wait"];

/**
 * What users of kubectl, Velero and mkectl type, in this program's words. Anything else stays as it is.
 * With the verb's own flags, their values are told from names.
 */
export function inOurWords(argv: readonly string[], own: Flags = {}): string[] {
  const first = verbPosition(argv);
  if (first === undefined) return [...argv];
  const second = verbPosition(argv, first + 1, own);
  const [verb, next] = [argv[first] ?? "", second === undefined ? undefined : argv[second]];
  const rest = argv.filter((_, at) => at !== first);
  const deeper = argv.filter((_, at) => at !== first && at !== second);
  const noun = nounOf(verb);
  if (verb === "help") return inOurWords([...rest, "--help"], own);
  if (next === "help" && second === first + 1 && verbPosition(deeper) === undefined)
    return inOurWords([verb, "--help"], own);
  if (verb === "get") return ["list", ...rest];
  // This program's restore takes a backup, which may have any name: a verb alone is one.
  if (verb === "restore" && (next === "list" || next === "get" || deeper.length === 0)) return [...argv];
  if (noun !== undefined && next !== undefined) return ofNoun(noun, next, deeper, own) ?? [...argv];
  if (noun !== undefined && !ownVerbs.includes(verb) && argv.some((word) => word === "--help" || word === "-h"))
    return ["--help"];
  const location = verb === "delete" ? /^(?:backup-)?locations?\/(.+)$/.exec(next ?? "")?.[1] : undefined;
  if (location !== undefined && verbPosition(deeper, 0, own) === undefined)
    return ["location", "delete", location, ...deeper];
  const named = second === first + 1 ? nounOf(next) : undefined;
  if (named === undefined || next === undefined) return [...argv];
  if (named.actions?.includes(verb)) return ofNoun(named, verb, deeper, own) ?? [...argv];
  if (verb === "create") return ofNoun(named, "create", deeper, own) ?? [next, "create", ...deeper];
  const hasNames = takesNames(named, verb) && verbPosition(deeper, 0, own) !== undefined;
  return hasNames ? [verb, ...typed(named.type ?? "", deeper, own)] : [...argv];
}

const takesNames = ({ type, verbs = namingVerbs }: Noun, verb: string): boolean =>
  type !== undefined && verbs.includes(verb);

function ofNoun(noun: Noun, verb: string, words: readonly string[], own: Flags): string[] | undefined {
  const { listed, type = "" } = noun;
  if (noun.actions?.includes(verb)) return [type, verb, ...words];
  if (verb === "list" || verb === "get") return ["list", listed, ...words];
  if (verb === "create" && type === "backup") return ["create", ...words];
  if (verb === "create" && type === "restore") return ["restore", ...words];
  return takesNames(noun, verb) ? [verb, ...typed(type, words, own)] : undefined;
}

/** Velero's `restore delete a b` names restores alone, mkectl says `--name a`; this program says restore/a. */
function typed(type: string, words: readonly string[], own: Flags): string[] {
  return words.flatMap((word, at) => {
    const before = words[at - 1] ?? "";
    if (word === "--name") return [];
    const name = word.startsWith("--name=") ? word.slice("--name=".length) : word;
    const isValue = at > 0 && takesNextWord(before, own);
    return name.startsWith("-") || name.includes("/") || isValue ? name : `${type}/${name}`;
  });
}

/** Flags by which neighbours name what this program takes as a word: mkectl's `--name`, Velero's `--from-backup`. */
export function neighboursFlags(verb: string): Flags {
  const flag: Flag = { type: "text", describe: "" };
  if (verb === "create") return { name: flag };
  return verb === "restore" ? { name: flag, "from-backup": flag } : {};
}

/** The flags and operands that were read, with what came by neighboursFlags() as an operand. Throws a usage failure when a name is said twice. */
export function withNames(raw: Readonly<Record<string, unknown>>, verb: string): Readonly<Record<string, unknown>> {
  const words = (raw["_"] as (string | number)[]).map(String);
  const given = Object.keys(neighboursFlags(verb)).filter((flag) => raw[flag] !== undefined);
  const [flag, another] = given;
  if (flag === undefined) return raw;
  const value = String([raw[flag]].flat().at(-1));
  const twice = (other: string, what: string) =>
    usageFailure(
      `${other} and --${flag} ${value} both name the ${what}`,
      `say it once: kubectl mkebackup ${verb} ${value}`,
    );
  if (another !== undefined) throw twice(`--${another}`, "backup");
  const [word] = words;
  if (word === undefined) return { ...raw, _: [value] };
  if (flag === "name") throw twice(`"${word}"`, "backup");
  // Velero's `restore create NAME --from-backup BACKUP` names the restore by the word.
  if (raw["restore-name"] !== undefined)
    throw usageFailure(`"${word}" and --restore-name both name the restore`, "say it once");
  return { ...raw, _: [value, ...words.slice(1)], "restore-name": word };
}

/** The commands of Velero's own CLI that this program has no word for. */
const velerosOwn: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    schedule: ["create", "pause", "unpause"],
    "backup-location": ["set"],
    "snapshot-location": ["create", "get", "set"],
    repo: ["get"],
    plugin: ["add", "get", "remove"],
  }),
);

/** What to say of a command line that begins with a neighbour's words and has no verb of this program; undefined for any other. */
export function neighboursFailure(argv: readonly string[]): Failure | undefined {
  const first = verbPosition(argv) ?? argv.length;
  const [one = "", two] = [argv[first], argv[verbPosition(argv, first + 1) ?? argv.length]];
  // Both orders are typed: `backup describe x`, `describe backup x`.
  for (const [noun, does] of [
    [singular(one), two],
    [singular(two ?? ""), one],
  ] as const) {
    if (does !== undefined && velerosOwn.get(noun)?.includes(does)) {
      const command = `${noun} ${does}`;
      return usageFailure(`"${command}" is a command of Velero's own CLI, not of this one`, `velero ${command} --help`);
    }
  }
  const noun = nounOf(one);
  if (noun === undefined) return undefined;
  if (two === undefined) return usageFailure(`unknown command "${one}"`, `kubectl mkebackup list ${noun.listed}`);
  const meant = nearest(two, ["list", "get", "describe", "logs", "download", "create", "delete"]);
  return usageFailure(
    `unknown command "${one} ${two}"`,
    meant === undefined ? "kubectl mkebackup --help" : `kubectl mkebackup ${one} ${meant}        (did you mean this?)`,
  );
}
