import { globalFlags } from "../../src/cli/global-flags.ts";
import type { Flag, Flags } from "../../src/commands/command.ts";
import { commandTable } from "../../src/commands/index.ts";

/** The reference of all verbs as Markdown, made of what --help is made of. */
export async function commandReference(): Promise<string> {
  const parts = [
    "# Commands",
    "This page is generated from the commands themselves (`npm run docs`); `kubectl mkebackup COMMAND --help` shows the same.",
    [
      "| command | what it does |",
      "|---|---|",
      ...commandTable.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${summary} |`),
    ].join("\n"),
  ];
  for (const { name, usage, summary, load } of commandTable) {
    const { command } = await load();
    const examples = command.examples.map(([line, what]) => `# ${what}\n${line}`).join("\n\n");
    const output: Flag = {
      type: "text",
      alias: "o",
      value: "FORMAT",
      describe: `Output format: ${command.outputs.join(", ")}`,
    };
    parts.push(
      `## ${name}`,
      `${summary}.`,
      `\`\`\`\nkubectl mkebackup ${usage} [flags]\n\`\`\``,
      `\`\`\`sh\n${examples}\n\`\`\``,
      flagTable("output" in command.flags ? command.flags : { ...command.flags, output }),
    );
  }
  parts.push("## Flags of every command", flagTable(globalFlags));
  return `${parts.join("\n\n")}\n`;
}

function flagTable(flags: Flags): string {
  const rows = Object.entries(flags).map(
    ([name, flag]) => `| ${synopsis(name, flag)} | ${flag.describe.replaceAll("|", "\\|")} |`,
  );
  return ["| flag | meaning |", "|---|---|", ...rows].join("\n");
}

function synopsis(name: string, { alias, value }: Flag): string {
  const long = `\`--${name}${value === undefined ? "" : ` ${value.replaceAll("|", "\\|")}`}\``;
  return alias === undefined ? long : `\`-${alias}\`, ${long}`;
}
