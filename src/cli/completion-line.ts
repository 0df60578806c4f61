import type { Command, Flag, Flags } from "../commands/command.ts";
import { type CommandEntry, commandTable } from "../commands/index.ts";
import { globalFlags } from "./global-flags.ts";
import { commonFlags } from "./help.ts";
import { inOurWords, splitShort, verbPosition } from "./words.ts";

/** A command line up to the cursor, in this program's words. */
export interface TypedLine {
  /** The verb as typed; undefined while none is. */
  readonly verb: string | undefined;
  readonly entry: CommandEntry | undefined;
  readonly command: Command | undefined;
  /** Every flag that may stand here. */
  readonly flags: Flags;
  /** The flags that stand before the cursor, with their values; a switch has the value "true". */
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  readonly wanted: Wanted;
}

/** What the word at the cursor is going to be. `typed` is what stands of it already. */
export type Wanted =
  | { readonly as: "verb"; readonly typed: string }
  | { readonly as: "flag"; readonly typed: string }
  /** `lead` stands before the value in the same word and has to be repeated: `-o` of `-ojson`. */
  | { readonly as: "value"; readonly flag: string; readonly typed: string; readonly lead: string }
  /** `type` is what a neighbour's word has said: restore, in `restore delete NAME`. */
  | { readonly as: "operand"; readonly typed: string; readonly type: string | undefined };

/** Stands for the word at the cursor while the line is put into our words; no shell can send it. */
const cursor = "\0";

/** Reads the words up to the cursor, the last of which is being typed. Unlike the parser, it takes half a line. */
export async function readLine(words: readonly string[]): Promise<TypedLine> {
  const [before, typed] = [words.slice(0, -1), words.at(-1) ?? ""];
  const isFlag = typed.startsWith("-") && !before.includes("--");
  const line = inOurWords([...before, isFlag ? `-${cursor}` : cursor]);
  const at = line.findIndex((word) => word.endsWith(cursor));
  const type = /^(\w+)\//.exec(line[at] ?? "")?.[1];
  const known = line.slice(0, at);
  const position = verbPosition(known);
  const verb = position === undefined ? undefined : known[position];
  const entry = commandTable.find(({ name }) => name === verb);
  const command = entry === undefined ? undefined : (await entry.load()).command;
  const output: Flag = { type: "text", alias: "o", value: "FORMAT", describe: outputText(command) };
  // A verb's own flag hides the global one of that name, as in the parser.
  const flags: Flags = { ...(command === undefined ? {} : { output }), ...command?.flags, ...others(command) };
  const scanned = scan(
    known.filter((_, index) => index !== position),
    flags,
  );
  const wanted = wantedAt(typed, { flags, pending: scanned.pending, isFlag, hasVerb: verb !== undefined, type });
  return { verb, entry, command, flags, given: scanned.given, operands: scanned.operands, wanted };
}

const outputText = (command: Command | undefined): string => `Output format: ${command?.outputs.join(", ")}`;

const others = (command: Command | undefined): Flags =>
  Object.fromEntries(
    Object.entries({ ...globalFlags, ...commonFlags }).filter(([name]) => !(name in (command?.flags ?? {}))),
  );

interface Place {
  readonly flags: Flags;
  /** The flag whose value comes next. */
  readonly pending: string | undefined;
  readonly isFlag: boolean;
  readonly hasVerb: boolean;
  readonly type: string | undefined;
}

function wantedAt(typed: string, { flags, pending, isFlag, hasVerb, type }: Place): Wanted {
  if (pending !== undefined) return { as: "value", flag: pending, typed, lead: "" };
  if (!isFlag) return hasVerb ? { as: "operand", typed, type } : { as: "verb", typed };
  const [, name, value] = /^--?([^=]+)=(.*)$/s.exec(typed) ?? [];
  const flag = name === undefined ? undefined : flagNamed(name, flags);
  // What follows "=" is a word of its own for shells: the values come without the flag.
  if (flag !== undefined) return { as: "value", flag, typed: value ?? "", lead: "" };
  const [short, glued] = splitShort(typed, flags);
  const letter = glued === undefined ? undefined : flagNamed((short ?? "").slice(1), flags);
  if (letter !== undefined) return { as: "value", flag: letter, typed: glued ?? "", lead: short ?? "" };
  return { as: "flag", typed };
}

/** The long name of a flag that is typed by its long or its short name. */
function flagNamed(word: string, flags: Flags): string | undefined {
  if (word.length > 1) return Object.hasOwn(flags, word) ? word : undefined;
  return Object.entries(flags).find(([, { alias }]) => alias === word)?.[0];
}

export const takesValue = (flag: Flag | undefined): boolean =>
  flag !== undefined && flag.type !== "switch" && flag.type !== "count";

/** Sorts words into flags, their values and operands; words it does not know are passed over. */
function scan(words: readonly string[], flags: Flags) {
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  let [pending, isOver]: [string | undefined, boolean] = [undefined, false];
  const note = (name: string, value: string) => given.set(name, [...(given.get(name) ?? []), value]);
  for (const word of words.flatMap((one) => splitShort(one, flags))) {
    if (pending !== undefined) {
      note(pending, word);
      pending = undefined;
    } else if (isOver || !word.startsWith("-") || word === "-") operands.push(word);
    else if (word === "--") isOver = true;
    else pending = readFlag(word, flags, note);
  }
  return { given, operands, pending };
}

/** Notes one word's flags; returns the one whose value is the next word. */
function readFlag(word: string, flags: Flags, note: (name: string, value: string) => void): string | undefined {
  const [, dashes = "", names = "", value] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  // Short switches may stand together: -yw.
  for (const typed of dashes === "-" ? names : [names]) {
    const name = flagNamed(typed, flags);
    if (name === undefined) continue;
    if (value === undefined && takesValue(flags[name])) return name;
    note(name, value ?? "true");
  }
  return undefined;
}
