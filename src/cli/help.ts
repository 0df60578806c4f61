import type { Command, Flag, Flags } from "../commands/command.ts";
import { type CommandEntry, commandTable } from "../commands/index.ts";
import { wrap } from "../output/text.ts";
import { globalFlags } from "./global-flags.ts";

export const programName = "kubectl mkebackup";

/** What `--help` without a verb shows: from the table alone, no verb is loaded. */
export function rootHelp(width: number): string {
  const names = Math.max(...commandTable.map(({ name }) => name.length));
  const commands = commandTable.map(({ name, summary }) => entry(`  ${name.padEnd(names)}   `, summary, width));
  return paragraphs([
    `Back up and restore an MKE 4 cluster, and say whether that would work.`,
    `Usage:\n  ${programName} COMMAND [flags]`,
    `Commands:\n${commands.join("\n")}`,
    flagList("Global flags:", { ...globalFlags, ...commonFlags }, width),
    `Use "${programName} COMMAND --help" for a command's flags and examples.`,
  ]);
}

/** What `VERB --help` shows. */
export function commandHelp({ usage, summary }: CommandEntry, command: Command, width: number): string {
  const output: Flag = {
    type: "text",
    alias: "o",
    value: "FORMAT",
    describe: `Output format: ${command.outputs.join(", ")}`,
  };
  // A verb's own --output is no format.
  const own = Object.entries<Flag>("output" in command.flags ? command.flags : { ...command.flags, output });
  const groups = Map.groupBy(own, ([, flag]) => flag.group ?? "Flags:");
  const grouped = [...groups].toSorted(([a], [b]) => Number(a === "Flags:") - Number(b === "Flags:"));
  const examples = command.examples.map(([line, what]) => `  # ${what}\n  ${line}`);
  return paragraphs([
    `${summary}.`,
    `Usage:\n  ${wrap(`${programName} ${usage} [flags]`, width - 6).join("\n      ")}`,
    `Examples:\n${examples.join("\n\n")}`,
    ...grouped.map(([title, flags]) => flagList(title, Object.fromEntries(flags), width)),
    wrap(`Flags of every command (how to reach the cluster, colours, logs): ${programName} --help`, width).join("\n"),
  ]);
}

export const commonFlags = {
  help: { type: "switch", alias: "h", describe: "Show this help" },
} as const satisfies Flags;

const paragraphs = (parts: readonly string[]): string => `${parts.join("\n\n")}\n`;

function flagList(title: string, flags: Flags, width: number): string {
  const rows = Object.entries(flags).map(([name, flag]) => [synopsis(name, flag), flag.describe] as const);
  const column = Math.min(Math.max(...rows.map(([left]) => left.length)), 34) + 3;
  return `${title}\n${rows.map(([left, right]) => entry(left.padEnd(column), right, width, column)).join("\n")}`;
}

/** `  -l, --selector SELECTOR` */
function synopsis(name: string, flag: Flag): string {
  const short = flag.alias === undefined ? "    " : `-${flag.alias}, `;
  return `  ${short}--${name}${flag.value === undefined ? "" : ` ${flag.value}`}`;
}

function entry(left: string, text: string, width: number, column = left.length): string {
  const lines = wrap(text, Math.max(width - column, 30));
  const indent = " ".repeat(column);
  const [first = "", ...rest] = left.length > column ? ["", ...lines] : lines;
  return [`${left}${first}`.trimEnd(), ...rest.map((line) => indent + line)].join("\n");
}
