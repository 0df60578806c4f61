import {
  type BackupConfiguration,
  type ConfiguredField,
  type Problem,
  type Provider,
  type Source,
  sourceName,
} from "../../mke/configuration.ts";
import { fieldAt } from "../../mke/fields.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { cells, cutMiddle, visible, wrap } from "../text.ts";
import { wrappedTable } from "../wrapped-table.ts";

interface Row {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
  /** What of the origin is left to say where the meaning stands beside it. */
  readonly shortOrigin?: string;
  readonly meaning: string;
}

/** From this width on a field's meaning stands beside it. */
const roomForMeaning = 100;
/** What is longer than this is cut where meanings are shown, so that they keep their room. */
const [longestName, longestValue] = [32, 24];

/** The answer, the backup section as a tree, then what to know and to correct. */
export function configurationView(configuration: BackupConfiguration, screen: Screen): string {
  const { problems } = configuration;
  const rows = treeOf(configuration);
  const explanation = wrap(explanationOf(configuration), Math.min(screen.width, 100)).join("\n");
  const sections = [
    headline(configuration, screen),
    explanation,
    rows.length === 0 ? "" : drawn(rows, screen),
    problems.map((problem) => drawnProblem(problem, screen)).join("\n"),
    next(configuration).join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** Why MKE does not manage Velero, where it does not. */
function explanationOf({ engine, fields }: BackupConfiguration): string {
  if (engine === "velero") return "";
  const apart = "MKE does not look after a Velero in this cluster.";
  if (engine === "native") {
    return `backup.schedule is MKE's own backup, which mkectl backup and mkectl restore handle. ${apart}`;
  }
  return fields.length === 0
    ? `The configuration has no backup section: MKE 4.1.2 and later bring no Velero. ${apart}`
    : `The backup section has none of the keys by which MKE manages Velero. ${apart}`;
}

function headline(configuration: BackupConfiguration, screen: Screen): string {
  const answer = answerOf(configuration);
  const { source, mkeVersion } = configuration;
  const version = mkeVersion === undefined ? "" : ` · MKE ${visible(mkeVersion)}`;
  const from = visible(sourceName(source));
  const start = Math.max(39, answer.length + 3);
  const room = screen.width - start;
  if (screen.wide || cells(from) + cells(version) <= room)
    return `${screen.paint.strong(answer.padEnd(start))}${from}${version}`;
  return `${screen.paint.strong(answer)}\n${cutMiddle(from, screen.width - cells(version))}${version}`;
}

function answerOf({ engine, enabled, provider, source }: BackupConfiguration): string {
  if (engine !== "velero") return "Velero is not managed by MKE";
  if (source.kind === "BackupStorageLocation") return `${provider} backups, as their location tells`;
  if (enabled === false) return "Backups are off";
  if (enabled === undefined) return "backup.enabled is neither true nor false";
  return provider === undefined ? "Backups are on, their provider is not known" : `${provider} backups are on`;
}

/** A line for each key of the section, indented as in its YAML. */
function treeOf({ fields, source, provider }: BackupConfiguration): Row[] {
  const rows: Row[] = [];
  const unused = unusedGroup(fields, source, provider);
  const lastOption = fields.findLastIndex(({ path, known }) => path[1] === "storage_provider" && known);
  let open: readonly string[] = [];
  for (const [at, field] of fields.entries()) {
    const groups = field.path.slice(0, -1);
    const differs = groups.findIndex((key, depth) => key !== open[depth]);
    for (let depth = differs === -1 ? groups.length : differs; depth < groups.length; depth++) {
      rows.push({ name: indented(groups[depth] ?? "", depth), value: "", origin: "", meaning: "" });
    }
    open = groups;
    rows.push({
      name: indented(field.path.at(-1) ?? "", groups.length),
      value: field.value === "" && field.origin === "set" ? '""' : written(field.value),
      origin: originOf(field, source),
      ...(field.origin === "default" ? { shortOrigin: "default" } : {}),
      meaning: field.known ? (fieldAt(field.path)?.meaning ?? "") : "No release of MKE is known to read it",
    });
    if (at === lastOption && unused !== undefined) {
      rows.push({
        name: indented(unused, 2),
        value: "-",
        origin: `not used with ${provider}`,
        shortOrigin: "not used",
        meaning: `Of no effect with ${provider}`,
      });
    }
  }
  return rows;
}

/** The options that a declared provider leaves aside, when none of them is set. */
function unusedGroup(
  fields: readonly ConfiguredField[],
  source: Source,
  provider: Provider | undefined,
): string | undefined {
  if (provider === undefined || source.kind === "BackupStorageLocation") return undefined;
  const unused = provider === "InCluster" ? "external_options" : "in_cluster_options";
  return fields.some(({ path }) => path.includes(unused)) ? undefined : unused;
}

const indented = (key: string, depth: number): string => `${"  ".repeat(depth)}${visible(key)}`;

function written(value: unknown): string {
  if (value === undefined || value === null || value === "") return "-";
  return typeof value === "object" ? JSON.stringify(value) : visible(String(value));
}

function originOf({ path, origin, known, used }: ConfiguredField, source: Source): string {
  const from = { MkeConfig: "MkeConfig", ConfigMap: "ConfigMap", File: "file", BackupStorageLocation: "location" };
  if (origin === "derived") return "from the location";
  if (origin === "default") {
    const until = fieldAt(path)?.until;
    return until === undefined ? "default" : `default until ${until}`;
  }
  if (!known) return `${from[source.kind]}, not known`;
  return used ? from[source.kind] : `${from[source.kind]}, not used`;
}

const columns: readonly Column<Row>[] = [
  { header: "FIELD", cell: ({ name }) => name, cut: "middle" },
  { header: "VALUE", cell: ({ value }) => value, cut: "middle" },
  { header: "FROM", cell: ({ origin }) => origin },
];
const meaning: Column<Row> = { header: "MEANING", cell: (row) => row.meaning };

function drawn(rows: readonly Row[], screen: Screen): string {
  if (!screen.wide && screen.width < roomForMeaning) return table(columns, rows, screen, { headers: false });
  const short = rows.map((row) => ({ ...row, origin: row.shortOrigin ?? row.origin }));
  if (screen.wide) return table([...columns, meaning], short, screen, { headers: false });
  return wrappedTable(
    short.map(({ name, value, origin, meaning: text }) => [
      cutMiddle(name, longestName),
      cutMiddle(value, longestValue),
      origin,
      text,
    ]),
    screen.width,
  );
}

function drawnProblem({ level, message }: Problem, { paint, width, wide }: Screen): string {
  const [word, painted] = level === "problem" ? ["WARN", paintStatus(paint, "WARN")] : ["NOTE", "NOTE"];
  const indent = " ".repeat(word.length + 2);
  const lines = wrap(visible(message), wide ? Number.POSITIVE_INFINITY : width - indent.length);
  return `${painted}  ${lines.join(`\n${indent}`)}`;
}

function next({ engine, problems, source }: BackupConfiguration): string[] {
  if (engine !== "velero") return ["next  kubectl mkebackup status"];
  if (!problems.some(({ level, path }) => level === "problem" && path !== undefined)) return [];
  const file = source.kind === "File" && source.path !== "-" ? source.path : "mke4.yaml";
  const fetch = source.kind === "File" ? [] : ["next  mkectl config get > mke4.yaml        (then correct it)"];
  const first = fetch.length === 0 ? "next" : "    ";
  return [...fetch, `${first}  mkectl apply -f ${visible(file)}        (once it is corrected)`];
}
