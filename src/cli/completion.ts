import type { Flag, Flags, Values } from "../commands/command.ts";
import { commandTable } from "../commands/index.ts";
import { liveNames, type NameSource, type Suggestion } from "../commands/live-names.ts";
import { readTarget } from "../commands/target.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { Kubeconfig } from "../kube/kubeconfig.ts";
import { readLine, type TypedLine, takesValue } from "./completion-line.ts";
import { phasesOf, sourceOf, targetTypes } from "./completion-values.ts";
import { globalFlags } from "./global-flags.ts";
import { inOurWords } from "./words.ts";

type Closable = Cluster & { close?(): void };

/** What completion may reach; every part is asked only when a word needs it. */
export interface Reach {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  now(): Date;
  connect(globals: Values<typeof globalFlags>): Promise<Closable>;
  kubeconfig(flag: string | undefined): Promise<Kubeconfig>;
}

/** Bits of cobra's completion protocol, which kubectl speaks. */
export const directives = { noSpace: 2, noFiles: 4, keepOrder: 32 } as const;

export interface Completion {
  readonly suggestions: readonly Suggestion[];
  /** The sum of the directives; 0 = complete file names. */
  readonly directive: number;
}

/** More would take a shell longer to draw than a person to type one letter. The first are the newest. */
const most = 500;

/** What the last of the words can become. Throws what the cluster or the kubeconfig answers instead of names. */
export async function complete(words: readonly string[], reach: Reach): Promise<Completion> {
  const line = await readLine(words);
  const { wanted } = line;
  switch (wanted.as) {
    case "verb":
      return offer(
        wanted.typed,
        commandTable.map(({ name, summary }) => ({ value: name, note: summary })),
      );
    case "flag":
      return offer(wanted.typed, flagNames(line, wanted.typed.startsWith("--")));
    case "value":
      return values(line, wanted, reach);
    default:
      return operands(line, wanted, reach);
  }
}

/** The suggestions that begin as typed, each behind what stands before it in the same word. */
function offer(typed: string, suggestions: readonly Suggestion[], directive = 0, lead = ""): Completion {
  const fitting = suggestions.filter(({ value }) => value.startsWith(typed) && !/\p{Cc}/u.test(value));
  const shown = fitting.slice(0, most);
  // A shell writes what all that it is told have in common: that must not shut out those it is not told.
  const common = commonBeginning(shown);
  const other = fitting.slice(most).find(({ value }) => !value.startsWith(common));
  return {
    suggestions: [...shown, ...(other === undefined ? [] : [other])].map((one) => ({
      ...one,
      value: lead + one.value,
    })),
    directive: directives.noFiles | directive,
  };
}

function commonBeginning(suggestions: readonly Suggestion[]): string {
  const [first = "", ...rest] = suggestions.map(({ value }) => value);
  let length = first.length;
  for (const value of rest) while (!value.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

const words = (values: readonly string[]): Suggestion[] => values.map((value) => ({ value }));

/** Those not given yet, or that may be repeated. */
function flagNames({ flags, given, command, operands }: TypedLine, onlyLong: boolean): Suggestion[] {
  const repeatable: readonly string[] = ["list", "map", "count"];
  return Object.entries(flags)
    .filter(([name, { type }]) => !given.has(name) || repeatable.includes(type))
    .filter(([name]) => !(name in (command?.flags ?? {})) || (command?.takes?.(name, operands) ?? true))
    .flatMap(([name, { alias, describe }]) => [
      { value: `--${name}`, note: describe },
      ...(alias === undefined || onlyLong ? [] : [{ value: `-${alias}`, note: describe }]),
    ]);
}

async function values(
  line: TypedLine,
  { flag: name, typed, lead }: { flag: string; typed: string; lead: string },
  reach: Reach,
): Promise<Completion> {
  const flag = line.flags[name];
  if (!takesValue(flag)) return offer(typed, words(["true", "false"]), 0, lead);
  if (flag?.type === "text" && flag.choices !== undefined) return offer(typed, words(flag.choices), 0, lead);
  // A table is what comes without -o.
  const formats = line.command?.outputs.filter((format) => format !== "table") ?? [];
  if (name === "output" && !(name in (line.command?.flags ?? {}))) return offer(typed, words(formats), 0, lead);
  const source = sourceOf(name, flag);
  if (source === undefined) return offer(typed, []);
  if (source === "files") return { suggestions: [], directive: 0 };
  if (flag?.type !== "list") return offer(typed, await namesFrom(source, line, reach), 0, lead);
  const comma = typed.lastIndexOf(",") + 1;
  const taken = [...(line.given.get(name) ?? []), typed.slice(0, comma)].flatMap((list) => list.split(","));
  const left = (await namesFrom(source, line, reach)).filter(({ value }) => !taken.includes(value));
  return offer(typed.slice(comma), left, source === "mappings" ? directives.noSpace : 0, lead + typed.slice(0, comma));
}

type Source = Exclude<ReturnType<typeof sourceOf>, "files" | undefined>;

async function namesFrom(source: Source, line: TypedLine, reach: Reach): Promise<readonly Suggestion[]> {
  if (source === "phases") return words(phasesOf(line.operands[0]));
  if (source === "rules") {
    const { ruleNames } = await import("../commands/rule-names.ts");
    return ruleNames();
  }
  if (source === "contexts" || source === "clusters" || source === "users") {
    const config = await reach.kubeconfig(line.given.get("kubeconfig")?.at(-1));
    return words([...config[source].keys()]);
  }
  if (source !== "mappings") return live(source, line, reach);
  return (await live("namespaces", line, reach)).map(({ value }) => ({ value: `${value}:` }));
}

async function live(
  source: NameSource,
  { given, command, entry, operands: [operand] }: TypedLine,
  reach: Reach,
): Promise<Suggestion[]> {
  const globals = globalsOf(given, command?.flags);
  let cluster: Closable | undefined;
  try {
    cluster = await reach.connect(globals);
    const backup = / BACKUP\b/.test(entry?.usage ?? "") ? operand : undefined;
    const namespace = globals.namespace ?? (reach.env["MKEBACKUP_NAMESPACE"] || undefined);
    return await liveNames(cluster, source, { namespace, backup, now: reach.now(), signal: reach.signal });
  } catch {
    // Nobody can be told in the middle of a line: a cluster that does not answer has no names.
    return [];
  } finally {
    cluster?.close?.();
  }
}

/** The connection that the flags on the line mean. How long a request may take is not the user's to say here. */
function globalsOf(given: TypedLine["given"], own: Flags = {}): Values<typeof globalFlags> {
  const read = ([name, { type }]: [string, Flag]) => {
    const typed = name in own ? undefined : given.get(name);
    if (typed === undefined || type === "duration") return [name, undefined];
    // The two that are global are taken whole.
    if (type === "list") return [name, typed];
    return [name, type === "switch" ? typed.at(-1) !== "false" : typed.at(-1)];
  };
  return Object.fromEntries(Object.entries(globalFlags).map(read)) as Values<typeof globalFlags>;
}

async function operands(
  line: TypedLine,
  { typed, type }: { typed: string; type: string | undefined },
  reach: Reach,
): Promise<Completion> {
  const { entry, command, verb = "" } = line;
  if (entry === undefined || command === undefined) return offer(typed, neighboursWords(verb));
  if (line.operands.length >= command.mostOperands) return offer(typed, []);
  const usage = entry.usage.slice(entry.name.length).trim();
  if (/^BACKUP|^KIND/.test(usage)) return objects(line, typed, usage, reach);
  if (usage.startsWith("TYPE/NAME")) return targets(line, typed, type, reach);
  const place = usage.split(" ")[line.operands.length] ?? "";
  // A new one has a name that nobody knows.
  if (place === "[LOCATION]" && line.operands[0] !== "create")
    return offer(typed, await live("locations", line, reach), directives.keepOrder);
  const alternatives = /^\[?([a-z][\w-]*(?:\|[\w-]+)*)\]?$/.exec(place)?.[1] ?? "";
  return offer(typed, words(alternatives.split("|").filter((word) => word !== "")));
}

/** What a verb takes that is about the objects in backups: BACKUP [BACKUP|live] [KIND[/NAME]]. */
async function objects(line: TypedLine, typed: string, usage: string, reach: Reach): Promise<Completion> {
  const places = usage.split(" ");
  const place = places[line.operands.length] ?? "";
  // A word that may be left out may be the next one already.
  const alternatives = place.includes("live") ? `${place} ${places[line.operands.length + 1] ?? ""}` : place;
  const [names, kinds] = await Promise.all([
    alternatives.includes("BACKUP") ? live("backups", line, reach) : [],
    alternatives.includes("KIND") ? live("kinds", line, reach) : [],
  ]);
  const isObject = usage === "KIND/NAME";
  const words = isObject ? kinds.map((kind) => ({ ...kind, value: `${kind.value}/` })) : kinds;
  const others = names.filter(({ value }) => !line.operands.includes(value));
  const now = place.includes("live") ? [{ value: "live", note: "the cluster as it is now" }] : [];
  return offer(typed, [...now, ...others, ...words], isObject ? directives.noSpace : directives.keepOrder);
}

/** The second words that make a verb of a neighbour's first one: `backup create`. */
function neighboursWords(first: string): Suggestion[] {
  return ["create", "delete", "describe", "download", "get", "list", "logs"].flatMap((value) => {
    const [verb = "", target = ""] = inOurWords([first, value, "NAME"]);
    const type = target.includes("/") ? typeOf(target) : undefined;
    // A schedule has no log.
    if (type !== undefined && !targetTypes(verb).some((known) => known === type)) return [];
    const summary = verb === first ? undefined : commandTable.find(({ name }) => name === verb)?.summary;
    return summary === undefined ? [] : [{ value, note: summary }];
  });
}

const plurals = { backup: "backups", restore: "restores", schedule: "schedules", location: "locations" } as const;

/** TYPE/NAME, or the bare name of a backup; the type alone first, with nothing behind its slash. */
async function targets(line: TypedLine, typed: string, type: string | undefined, reach: Reach): Promise<Completion> {
  const types = targetTypes(line.entry?.name ?? "");
  const slash = typed.indexOf("/") + 1;
  const [lead, begun] = type === undefined ? [typed.slice(0, slash), typed.slice(slash)] : ["", typed];
  const wanted = types.find((known) => known === (type ?? typeOf(lead)));
  if (wanted === undefined) return offer(typed, []);
  const taken = line.operands.map((word) => `${typeOf(word)}/${word.slice(word.indexOf("/") + 1)}`);
  const names = (await live(plurals[wanted], line, reach)).filter(({ value }) => !taken.includes(`${wanted}/${value}`));
  if (lead !== "" || type !== undefined) return offer(begun, names, directives.keepOrder, lead);
  const begins = types
    .map((known) => ({ value: `${known}/`, note: `one of the ${plurals[known]}` }))
    .filter(({ value }) => value.startsWith(typed));
  return offer(typed, [...begins, ...names], directives.keepOrder | (begins.length > 0 ? directives.noSpace : 0));
}

const targetable = ["backup", "restore", "schedule", "location"] as const;

/** The type that a word like restores.velero.io/x has; undefined for one that is none. */
function typeOf(word: string): string | undefined {
  try {
    return readTarget(word.endsWith("/") ? `${word}name` : word, targetable).type;
  } catch {
    return undefined;
  }
}
