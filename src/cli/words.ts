import type { Flag, Flags } from "../commands/command.ts";
import { globalFlags } from "./global-flags.ts";

/** Where the verb stands: the first word that is neither a flag nor the value of a global one. */
export function verbPosition(argv: readonly string[], from = 0): number | undefined {
  for (let at = from; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (!word.startsWith("-") || word === "-") return at;
    if (takesNextWord(word)) at += 1;
  }
  return undefined;
}

/** `--context prod` takes the next word, `--context=prod` and `-nmke` do not. */
function takesNextWord(word: string): boolean {
  const name = /^--?([^=]+)$/.exec(word)?.[1];
  if (name === undefined) return false;
  const flag = Object.entries<Flag>(globalFlags).find(([long, { alias }]) => name === long || name === alias)?.[1];
  return flag !== undefined && flag.type !== "switch";
}

/** `-ojson`, `-nvelero`, `-lapp=web`: a value that stands against its short flag, as kubectl takes it. */
export function splitShort(word: string, flags: Flags): string[] {
  const [, letter, value] = /^-([A-Za-z])([^=].*)$/.exec(word) ?? [];
  const flag = Object.values(flags).find(({ alias }) => letter !== undefined && alias === letter);
  const takesValue = flag !== undefined && flag.type !== "switch" && flag.type !== "count";
  return takesValue && value !== undefined ? [`-${letter}`, value] : [word];
}

/** Kinds as the first word, in the order of words that Velero and mkectl have: `schedule get`, `backup delete x`. */
const kinds: Readonly<Record<string, { readonly listed: string; readonly target: string | undefined }>> = {
  backup: { listed: "backups", target: "backup" },
  schedule: { listed: "schedules", target: "schedule" },
  location: { listed: "locations", target: undefined },
  "backup-location": { listed: "locations", target: undefined },
};

/** What users of kubectl, Velero and mkectl type, in this program's words. Anything else stays as it is. */
export function inOurWords(argv: readonly string[]): string[] {
  const first = verbPosition(argv);
  if (first === undefined) return [...argv];
  const second = verbPosition(argv, first + 1);
  const [verb, next] = [argv[first] ?? "", second === undefined ? undefined : argv[second]];
  const rest = argv.filter((_, at) => at !== first);
  const deeper = argv.filter((_, at) => at !== first && at !== second);
  if (verb === "help") return [...rest, "--help"];
  if (verb === "get") return ["list", ...rest];
  const kind = kinds[verb.replace(/s$/, "")];
  if (kind !== undefined && next !== undefined) {
    if (next === "list" || next === "get") return ["list", kind.listed, ...deeper];
    if (next === "create" && verb.startsWith("backup") && kind.target === "backup") return ["create", ...deeper];
    if (next === "delete" && kind.target !== undefined) return ["delete", ...typed(kind.target, deeper)];
  }
  if (verb === "restore" && next === "delete" && deeper.length > 0) return ["delete", ...typed("restore", deeper)];
  if (verb === "restore" && next === "create" && deeper.length > 0) return ["restore", ...deeper];
  return [...argv];
}

/** Velero's `restore delete a b` names restores alone; this program says restore/a. */
function typed(type: string, words: readonly string[]): string[] {
  return words.map((word, at) => {
    const isValue = at > 0 && takesNextWord(words[at - 1] ?? "");
    return word.startsWith("-") || word.includes("/") || isValue ? word : `${type}/${word}`;
  });
}
