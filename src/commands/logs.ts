import type { LogLine } from "../archive/log-lines.ts";
import { LogSieve } from "../archive/log-query.ts";
import type { Failure } from "../core/failure.ts";
import { usageFailure } from "../core/failure.ts";
import { redacted } from "../core/redacted.ts";
import { visible } from "../core/visible.ts";
import type { Screen } from "../output/screen.ts";
import { grouped } from "../output/units.ts";
import { logView } from "../output/views/log.ts";
import { defineCommand, defineFlags, type OutputFormat } from "./command.ts";
import { readPattern, readSince } from "./log-flags.ts";
import { openRunLog, type RunLog } from "./run-log.ts";
import { readTarget } from "./target.ts";

interface Logs extends RunLog {
  readonly sieve: LogSieve;
  readonly isRaw: boolean;
  /** Says on stderr what the lines themselves do not. */
  tellEnd(): void;
}

const flags = defineFlags({
  level: {
    type: "text",
    choices: ["error", "warning", "warn", "info", "debug"],
    describe: "only lines of this level and worse",
  },
  since: {
    type: "text",
    value: "DURATION",
    describe: "only lines of the last DURATION (10m), or since a time (2026-11-24T07:00:00Z)",
  },
  grep: {
    type: "text",
    value: "REGEXP",
    describe: "only lines that match; the line is matched as it is stored, with all its fields",
  },
  follow: { type: "switch", alias: "f", describe: "show new lines until the run ends, and exit as it ends" },
  raw: { type: "switch", describe: "the lines as they are stored" },
});

export const command = defineCommand({
  flags,
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup logs nightly-20261124020000 --level warning", "What went wrong in a backup"],
    [
      "kubectl mkebackup logs restore/nightly-20261124071500 --grep persistentvolumeclaims",
      "What a restore did to volumes",
    ],
    ["kubectl mkebackup logs nightly-20261124020000 -f", "Watch a backup that runs"],
  ],
  async run(args, context): Promise<Logs> {
    const word = args.operands[0];
    if (word === undefined)
      throw usageFailure("say whose log to show", "kubectl mkebackup logs backup/NAME, or restore/NAME");
    const target = readTarget(word, ["backup", "restore"]);
    const since = args.since === undefined ? undefined : readSince(args.since, context.now());
    const grep = args.grep === undefined ? undefined : readPattern(args.grep);
    const isRaw = args.raw === true;
    if (isRaw && args.output !== "table")
      throw usageFailure(`--raw and -o ${args.output} exclude each other`, "--raw prints the lines as they are stored");
    const source = await openRunLog(context, target, { follow: args.follow === true });
    const sieve = new LogSieve({ level: args.level, since, grep });
    return {
      ...source,
      sieve,
      isRaw,
      tellEnd: () => (source.verdict() === undefined ? tellEnd(sieve, since, context.tell) : undefined),
    };
  },
  text: () => "",
  document: () => ({}),
  stream,
  verdict: ({ verdict }): Failure | undefined => verdict(),
});

async function* stream({ batches, sieve, isRaw, tellEnd }: Logs, format: OutputFormat, screen: Screen) {
  const print = await printerOf(format, isRaw, screen);
  for await (const batch of batches) {
    let text = "";
    for (const stored of batch) {
      const line = sieve.take(redacted(stored));
      if (line !== undefined) text += print(line);
    }
    if (text !== "") yield text;
  }
  tellEnd();
}

async function printerOf(format: OutputFormat, isRaw: boolean, screen: Screen): Promise<(line: LogLine) => string> {
  // A terminal is not to obey what somebody wrote into a log.
  if (isRaw) return ({ raw }) => `${screen.isTerminal ? visible(raw) : raw}\n`;
  if (format === "json") return (line) => `${JSON.stringify(documentOf(line))}\n`;
  if (format === "yaml") {
    const { stringify } = await import("../output/yaml.ts");
    return (line) => stringify([documentOf(line)]);
  }
  return logView(screen);
}

const documentOf = ({ raw, time, level, message, fields }: LogLine): object =>
  message === undefined ? { message: raw } : { time, level, message, ...Object.fromEntries(fields) };

function tellEnd({ isFiltering, shown, total, last }: LogSieve, since: Date | undefined, tell: (text: string) => void) {
  if (total === 0) tell("There are no lines.");
  else if (isFiltering) {
    const older = since !== undefined && last !== undefined && Date.parse(last) < since.getTime();
    const count = shown === 0 ? "None" : grouped(shown);
    tell(`${count} of ${grouped(total)} ${total === 1 ? "line" : "lines"}${older ? `; the last is of ${last}` : ""}`);
  }
}
