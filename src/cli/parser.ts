import { Parser } from "yargs/helpers";
import type { Command, Flag, Flags, Operands, OutputFormat, Values } from "../commands/command.ts";
import { type CommandEntry, commandTable } from "../commands/index.ts";
import { durationProblem, parseGoDuration } from "../core/duration.ts";
import { type Failure, usageFailure } from "../core/failure.ts";
import { nearest } from "../core/nearest.ts";
import { globalFlags } from "./global-flags.ts";
import { commandHelp, commonFlags, programName, rootHelp } from "./help.ts";
import { inOurWords, neighboursFailure, neighboursFlags, splitShort, verbPosition, withNames } from "./words.ts";

export interface ParsedCommand {
  readonly entry: CommandEntry;
  readonly command: Command;
  readonly args: Values<Flags> & Operands;
  readonly globals: Values<typeof globalFlags>;
}

/** Words to one command, or to a text to print (help). Only the command's own file is loaded. Throws usage failures. */
export async function parse(
  typed: readonly string[],
  width: number,
): Promise<ParsedCommand | { readonly help: string }> {
  const argv = inOurWords(typed);
  const at = verbPosition(argv);
  const verb = at === undefined ? undefined : argv[at];
  if (verb === undefined) {
    const { help } = readWords(argv, globalFlags, programName);
    if (help === true) return { help: rootHelp(width) };
    throw usageFailure("no command given", `${programName} --help`);
  }
  const entry = commandTable.find(({ name }) => name === verb);
  if (entry === undefined) {
    throw neighboursFailure(typed) ?? unknownCommand(verb);
  }
  const { command } = await entry.load();
  // A verb's own flag hides the global one of that name (version --server).
  const output: Flag = { type: "text", alias: "o", describe: "" };
  const own: Flags = { output, ...neighboursFlags(entry.name), ...command.flags };
  const words = withoutVerb(inOurWords(typed, own));
  const raw = readWords(words, { ...globalFlags, ...own }, `${programName} ${entry.name}`);
  if (raw["help"] === true) return { help: commandHelp(entry, command, width) };
  return { entry, command, ...readValues(command, withNames(raw, entry.name), entry) };
}

function withoutVerb(argv: readonly string[]): string[] {
  const at = verbPosition(argv);
  return argv.filter((_, index) => index !== at);
}

function readWords(words: readonly string[], flags: Flags, name: string): Record<string, unknown> {
  const known: Flags = { ...flags, ...commonFlags };
  const fail = (message: string) => parseFailure(message, `${name} --help`);
  const { argv, error } = Parser.detailed(
    words.flatMap((word) => splitShort(word, flags)),
    { ...typesOf(known), configuration },
  );
  const unknown = Object.keys(argv).find((key) => key !== "_" && !Object.hasOwn(known, key));
  if (unknown !== undefined) throw unknownFlag(unknown, `${name} --help`, flags);
  if (error !== null) throw fail(error.message);
  return argv;
}

const configuration = {
  "camel-case-expansion": false,
  "dot-notation": false,
  "greedy-arrays": false,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "boolean-negation": false,
  "strip-aliased": true,
};

/** The flags in the parser's words. */
function typesOf(flags: Flags): Parameters<typeof Parser.detailed>[1] {
  const named = (...types: Flag["type"][]) =>
    Object.entries(flags)
      .filter(([, { type }]) => types.includes(type))
      .map(([name]) => name);
  const alias = Object.entries(flags).flatMap(([name, flag]) => (flag.alias === undefined ? [] : [[name, flag.alias]]));
  const single = named("text", "number", "duration");
  const several = named("list", "map");
  return {
    alias: Object.fromEntries(alias),
    boolean: named("switch"),
    count: named("count"),
    array: several,
    string: [...single, ...several],
    narg: Object.fromEntries([...single, ...several].map((name) => [name, 1])),
  };
}

function readValues(command: Command, raw: Record<string, unknown>, entry: CommandEntry) {
  const operands = (raw["_"] as (string | number)[]).map(String);
  if (operands.length > command.mostOperands) {
    const extra = operands.slice(command.mostOperands).join(" ");
    throw usageFailure(`too many words: "${extra}"`, `usage: ${programName} ${entry.usage}`);
  }
  return {
    args: {
      operands,
      output: formatOf(command, raw["output"]),
      ...valuesOf(command.flags, raw),
    } as ParsedCommand["args"],
    globals: valuesOf(globalFlags, withoutHidden(command, raw)) as Values<typeof globalFlags>,
  };
}

/** A value that belongs to the verb's own flag must not be taken for the global one. */
function withoutHidden(command: Command, raw: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !(name in command.flags)));
}

function valuesOf(flags: Flags, raw: Record<string, unknown>): Values<Flags> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, readValue(name, flag, raw[name])]),
  ) as Values<Flags>;
}

function readValue(name: string, flag: Flag, given: unknown): Values<Flags>[string] {
  // A flag that was given twice holds a list; the last one counts, as in kubectl.
  const last = Array.isArray(given) && flag.type !== "list" && flag.type !== "map" ? given.at(-1) : given;
  switch (flag.type) {
    case "switch":
      return last as boolean | undefined;
    case "count":
      return (last as number | undefined) ?? 0;
    case "list":
      if (given === undefined || flag.whole) return given as string[] | undefined;
      return (given as string[]).flatMap((value) => value.split(",")).filter((value) => value !== "");
    case "map":
      return given === undefined ? undefined : readMap(name, given as string[]);
    case "number":
      return last === undefined ? undefined : readNumber(name, String(last));
    case "duration":
      return last === undefined ? undefined : readDuration(name, String(last));
    default:
      return last === undefined ? flag.default : readText(name, flag.choices, String(last));
  }
}

function readText(name: string, choices: readonly string[] | undefined, text: string): string {
  if (choices === undefined || choices.includes(text)) return text;
  throw usageFailure(
    `--${name}: "${text}" is none of ${choices.join(", ")}`,
    ...meantValue(`--${name}`, text, choices),
  );
}

function meantValue(flag: string, text: string, choices: readonly string[]): string[] {
  const meant = nearest(text, choices);
  return meant === undefined ? [] : [`${flag} ${meant}        (did you mean this?)`];
}

function readNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw usageFailure(`--${name}: "${text}" is not a whole number`);
  return Number(text);
}

function readDuration(name: string, text: string): number {
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : parseGoDuration(text);
  if (milliseconds === undefined)
    throw usageFailure(`--${name}: "${text}" is not a duration`, durationProblem(text) ?? "");
  return milliseconds;
}

function readMap(name: string, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given
      .flatMap((value) => value.split(","))
      .map((pair) => {
        const at = pair.indexOf("=");
        if (at < 1) throw usageFailure(`--${name}: cannot read "${pair}"`, "write it as key=value");
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
  );
}

function formatOf(command: Command, given: unknown): OutputFormat {
  if ("output" in command.flags) return "table";
  const wanted = String((Array.isArray(given) ? given.at(-1) : given) ?? "table");
  const known = command.outputs.find((format) => format === wanted);
  if (known === undefined) {
    const allowed = command.outputs.filter((format) => format !== "table").toSorted();
    throw usageFailure(
      `unable to match a printer suitable for the output format "${wanted}", allowed formats are: ${allowed.join(",")}`,
      ...meantValue("-o", wanted, allowed),
    );
  }
  return known;
}

function unknownCommand(verb: string): Failure {
  const names = commandTable.map(({ name }) => name);
  const meant = nearest(verb, names);
  const next =
    meant === undefined ? `commands: ${names.join(", ")}` : `${programName} ${meant}        (did you mean this?)`;
  return usageFailure(`unknown command "${verb}"`, next);
}

function unknownFlag(name: string, help: string, flags: Flags): Failure {
  const meant = name.length === 1 ? undefined : nearest(name, Object.keys(flags));
  const hint = meant === undefined ? help : `--${meant}        (did you mean this?)`;
  return usageFailure(`unknown flag: ${name.length === 1 ? "-" : "--"}${name}`, hint);
}

function parseFailure(message: string, help: string): Failure {
  const missing = /^Not enough arguments following: (.+)$/.exec(message)?.[1];
  if (missing !== undefined)
    return usageFailure(`flag needs an argument: ${missing.length === 1 ? "-" : "--"}${missing}`, help);
  return usageFailure(message.split("\n")[0] ?? message, help);
}
