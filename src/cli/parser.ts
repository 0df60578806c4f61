import yargs, { type Argv } from "yargs";
import type { Command, Flag, Flags, Operands, OutputFormat, Values } from "../commands/command.ts";
import { type CommandEntry, commandTable } from "../commands/index.ts";
import { durationProblem, parseGoDuration } from "../core/duration.ts";
import { Failure, usageFailure } from "../core/failure.ts";
import { globalFlags } from "./global-flags.ts";
import { commandHelp, commonFlags, programName, rootHelp } from "./help.ts";

export interface ParsedCommand {
  readonly entry: CommandEntry;
  readonly command: Command;
  readonly args: Values<Flags> & Operands;
  readonly globals: Values<typeof globalFlags>;
}

/** Words to one command, or to a text to print (help). Only the command's own file is loaded. Throws usage failures. */
export async function parse(
  argv: readonly string[],
  width: number,
): Promise<ParsedCommand | { readonly help: string }> {
  let found: { entry: CommandEntry; command: Command } | undefined;
  const help = () => `${programName}${found === undefined ? "" : ` ${found.entry.name}`} --help`;
  const parser = rootParser((message) => parseFailure(message, help()));
  for (const entry of commandTable) {
    parser.command(`${entry.name} [operands..]`, false, async (sub: Argv) => {
      const { command } = await entry.load();
      found = { entry, command };
      sub.positional("operands", { type: "string", array: true });
      return flagsInto(sub, { ...command.flags, output: { type: "text", alias: "o", describe: "" } });
    });
  }
  const raw: Record<string, unknown> = await parser.parseAsync([...argv]).catch((error: Error) => {
    // Some complaints of the parser take this way instead of its fail handler.
    throw error.name === "YError" ? parseFailure(error.message, help()) : error;
  });
  if (raw["help"] === true)
    return { help: found === undefined ? rootHelp(width) : commandHelp(found.entry, found.command, width) };
  if (found === undefined) throw noCommand(raw);
  return { ...found, ...readValues(found.command, raw, found.entry) };
}

function rootParser(failure: (message: string) => Failure): Argv {
  const parser = yargs()
    .scriptName(programName)
    .locale("en")
    .parserConfiguration({
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "boolean-negation": false,
      "strip-aliased": true,
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw error instanceof Failure ? error : failure(message ?? error?.message ?? "");
    })
    .version(false)
    .help(false)
    .strictOptions();
  return flagsInto(parser, { ...globalFlags, ...commonFlags });
}

function flagsInto(parser: Argv, flags: Flags): Argv {
  for (const [name, flag] of Object.entries(flags)) {
    parser.option(name, { ...(flag.alias === undefined ? {} : { alias: flag.alias }), ...yargsType(flag) });
  }
  return parser;
}

function yargsType(flag: Flag): object {
  switch (flag.type) {
    case "switch":
      return { type: "boolean" };
    case "count":
      return { type: "count" };
    case "list":
    case "map":
      return { type: "array", string: true, requiresArg: true };
    default:
      return { type: "string", requiresArg: true };
  }
}

function readValues(command: Command, raw: Record<string, unknown>, entry: CommandEntry) {
  const operands = (raw["operands"] as string[] | undefined) ?? [];
  if (operands.length > command.mostOperands) {
    const extra = operands.slice(command.mostOperands).join(" ");
    throw usageFailure(`too many words: "${extra}"`, `usage: ${programName} ${entry.usage}`);
  }
  return {
    args: { ...valuesOf(command.flags, raw), operands, output: outputOf(command, raw["output"]) },
    globals: valuesOf(globalFlags, raw) as Values<typeof globalFlags>,
  };
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
      return given === undefined
        ? undefined
        : (given as string[]).flatMap((value) => value.split(",")).filter((value) => value !== "");
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
  if (choices !== undefined && !choices.includes(text))
    throw usageFailure(`--${name}: "${text}" is none of ${choices.join(", ")}`);
  return text;
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

function outputOf(command: Command, given: unknown): OutputFormat {
  const wanted = String((Array.isArray(given) ? given.at(-1) : given) ?? "table");
  const known = command.outputs.find((format) => format === wanted);
  if (known === undefined) {
    const allowed = command.outputs.filter((format) => format !== "table").toSorted();
    throw usageFailure(
      `unable to match a printer suitable for the output format "${wanted}", allowed formats are: ${allowed.join(",")}`,
    );
  }
  return known;
}

function parseFailure(message: string, help: string): Failure {
  const unknown = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(", ")[0];
  if (unknown !== undefined) {
    return usageFailure(`unknown flag: ${unknown.length === 1 ? "-" : "--"}${unknown}`, help);
  }
  const missing = /^Not enough arguments following: (.+)$/.exec(message)?.[1];
  if (missing !== undefined)
    return usageFailure(`flag needs an argument: ${missing.length === 1 ? "-" : "--"}${missing}`, help);
  return usageFailure(message.split("\n")[0] ?? message, help);
}

function noCommand(raw: Record<string, unknown>): Failure {
  const [word] = (raw["_"] as (string | number)[] | undefined) ?? [];
  if (word === undefined) return usageFailure("no command given", `${programName} --help`);
  return usageFailure(`unknown command "${word}"`, `commands: ${commandTable.map(({ name }) => name).join(", ")}`);
}
