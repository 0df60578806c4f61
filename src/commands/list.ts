import { usageFailure } from "../core/failure.ts";
import { nearest } from "../core/nearest.ts";
import { readAhead } from "../core/read-ahead.ts";
import { objectName, type ResourceKind } from "../core/resource.ts";
import type { Cluster, ListQuery } from "../kube/cluster.ts";
import { objectList } from "../output/printer.ts";
import type { Column, ColumnShape } from "../output/table.ts";
import {
  backups,
  deleteRequests,
  downloadRequests,
  restores,
  schedules,
  serverStatusRequests,
  storageLocations,
} from "../velero/kinds.ts";
import { mkeNamespace } from "../velero/namespace.ts";
import { phaseOf } from "../velero/phases.ts";
import { type Context, defineCommand, type Operands, type Values } from "./command.ts";
import { began, byKey, type Listed, type Ordered, orderKeys } from "./list-order.ts";

interface Listing {
  /** How users name it, in every form they are used to. */
  readonly words: readonly string[];
  readonly kinds: readonly ResourceKind<Listed>[];
  /** Loaded for the one kind that is shown. */
  columns(): Promise<readonly Column<never>[]>;
}

const listings: readonly Listing[] = [
  {
    words: ["backups", "backup"],
    kinds: [backups],
    columns: async () => (await import("../output/views/backups.ts")).backupColumns,
  },
  {
    words: ["restores", "restore"],
    kinds: [restores],
    columns: async () => (await import("../output/views/restores.ts")).restoreColumns,
  },
  {
    words: ["schedules", "schedule"],
    kinds: [schedules],
    columns: async () => (await import("../output/views/schedules.ts")).scheduleColumns,
  },
  {
    words: ["locations", "location", "backup-locations", "backupstoragelocations", "bsl"],
    kinds: [storageLocations],
    columns: async () => (await import("../output/views/locations.ts")).locationColumns,
  },
  {
    words: ["requests", "request"],
    kinds: [deleteRequests, downloadRequests, serverStatusRequests],
    columns: async () => (await import("../output/views/requests.ts")).requestColumns,
  },
];

const flags = {
  status: {
    type: "list",
    value: "PHASE",
    describe: "Only these phases: Completed, PartiallyFailed, Failed, InProgress, …",
  },
  since: { type: "duration", value: "DURATION", describe: "Only what began within this time: 24h, 90m" },
  schedule: { type: "text", value: "NAME", describe: "Only what this schedule made" },
  selector: {
    type: "text",
    alias: "l",
    value: "SELECTOR",
    describe: "Only objects with these labels: app=web,tier!=db",
  },
  "sort-by": {
    type: "text",
    choices: ["age", "name", "status", "duration", "items", "errors"],
    value: "KEY",
    describe: "Order: age (newest first; json and yaml by name), name, status, duration, items or errors",
  },
  limit: { type: "number", value: "COUNT", describe: "Only the first COUNT rows" },
  "no-headers": { type: "switch", describe: "No header line" },
  "all-namespaces": { type: "switch", alias: "A", describe: "From all namespaces" },
} as const;

/** What is kept of each object while the pages arrive: no more than the format needs. */
type Found =
  | {
      readonly kept: "rows";
      readonly columns: readonly ColumnShape[];
      readonly rows: readonly string[][];
      readonly headers: boolean;
    }
  | { readonly kept: "names"; readonly names: readonly string[] }
  | { readonly kept: "objects"; readonly objects: readonly Listed[] }
  | { readonly kept: "nothing"; readonly pages: AsyncIterable<readonly Listed[]> };

export const command = defineCommand({
  flags,
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 1,
  examples: [
    ["kubectl mkebackup list", "Backups, newest first"],
    ["kubectl mkebackup list restores", "Restores"],
    ["kubectl mkebackup list --status PartiallyFailed,Failed --since 168h", "What went wrong this week"],
    ["kubectl mkebackup list locations -o wide", "Where backups go, and why a location is unavailable"],
  ],
  async run(args, context): Promise<Found> {
    const listing = listingFor(args.operands[0]);
    const pages = chosen(await open(listing, args, context), listing, args, context);
    const asServed = args["sort-by"] === undefined && args.limit === undefined;
    switch (args.output) {
      case "json":
      case "yaml": {
        if (asServed && args.output === "json") return { kept: "nothing", pages };
        const objects = asServed ? (await Array.fromAsync(pages)).flat() : await inOrder(pages, args, (item) => item);
        return { kept: "objects", objects };
      }
      case "name": {
        const nameOf = (item: Listed) => objectName(kindOf(item), item.metadata.name);
        return { kept: "names", names: await inOrder(pages, args, nameOf) };
      }
      default: {
        // The columns and the kinds of a listing belong together, which its type does not say.
        const own = (await listing.columns()) as readonly Column<Listed>[];
        const columns = args["all-namespaces"] ? [namespaceColumn, ...own] : own;
        const { cellsOf } = await import("../output/table.ts");
        const rows = await inOrder(pages, args, (item) => cellsOf(columns, item, context.screen));
        return { kept: "rows", columns, rows, headers: !args["no-headers"] };
      }
    }
  },
  async text(found, screen) {
    if (found.kept !== "rows" || found.rows.length === 0) return "";
    const { drawTable } = await import("../output/table.ts");
    return drawTable(found.columns, found.rows, screen, { headers: found.headers });
  },
  document: (found) => objectList(found.kept === "objects" ? found.objects : []),
  pages: (found) => (found.kept === "nothing" ? found.pages : undefined),
  names: (found) => (found.kept === "names" ? found.names : []),
});

type Arguments = Values<typeof flags> & Operands;

/** Where the objects come from, page by page. The first page is on its way when this returns. */
interface Source {
  readonly namespace: string | undefined;
  readonly pages: AsyncIterable<readonly Listed[]>;
}

async function open({ kinds }: Listing, args: Arguments, context: Context): Promise<Source> {
  const cluster = await context.cluster();
  const labelSelector = labelSelectorOf(args);
  const read = (namespace: string | undefined, signal: AbortSignal) =>
    pagesOf(cluster, kinds, { labelSelector, namespace, signal });
  if (args["all-namespaces"]) return { namespace: undefined, pages: read(undefined, context.signal) };
  // The namespace that is most likely Velero's is read beside finding out whether it is: one round trip instead of two.
  const wrong = new AbortController();
  const guess =
    context.namedNamespace === undefined
      ? read(mkeNamespace, AbortSignal.any([context.signal, wrong.signal]))
      : undefined;
  const { name } = await context.velero();
  if (guess !== undefined && name === mkeNamespace) return { namespace: name, pages: guess };
  wrong.abort();
  return { namespace: name, pages: read(name, context.signal) };
}

/** The pages of one kind after the other; all kinds are asked at once. */
function pagesOf(
  cluster: Cluster,
  kinds: readonly ResourceKind<Listed>[],
  query: ListQuery,
): AsyncIterable<readonly Listed[]> {
  const asked = kinds.map((kind) => readAhead(cluster.pages(kind, query)));
  return {
    async *[Symbol.asyncIterator]() {
      for (const pages of asked) yield* pages;
    },
  };
}

/** What the flags ask for, page by page; says so on the screen when that is nothing. */
async function* chosen(
  { namespace, pages }: Source,
  { words }: Listing,
  args: Arguments,
  context: Context,
): AsyncGenerator<readonly Listed[]> {
  const now = context.now();
  let found = false;
  for await (const page of pages) {
    const kept = page.filter((item) => matches(item, args, now));
    found ||= kept.length > 0;
    if (kept.length > 0) yield kept;
  }
  if (found) return;
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  const narrowed = args.status ?? args.since ?? args.schedule ?? args.selector;
  context.tell(`No ${words[0]}${narrowed === undefined ? "" : " like that"}${where}.`);
}

/** Keeps what `keep` makes of each object, and the objects no longer than that takes. */
async function inOrder<T>(
  pages: AsyncIterable<readonly Listed[]>,
  { "sort-by": sortBy = "age", limit }: Arguments,
  keep: (item: Listed) => T,
): Promise<T[]> {
  const kept: (Ordered & { readonly value: T })[] = [];
  for await (const page of pages) {
    for (const item of page) kept.push({ key: orderKeys[sortBy](item), name: item.metadata.name, value: keep(item) });
  }
  return kept
    .sort(byKey)
    .slice(0, limit ?? kept.length)
    .map(({ value }) => value);
}

const namespaceColumn: Column<Listed> = { header: "NAMESPACE", cell: ({ metadata }) => metadata.namespace };

function listingFor(word = "backups"): Listing {
  const wanted = word.toLowerCase().replace(/\.velero\.io$/, "");
  const found = listings.find(({ words }) => words.includes(wanted));
  if (found === undefined) {
    const meant = nearest(
      wanted,
      listings.flatMap(({ words }) => words),
    );
    const next = meant ?? listings.map(({ words }) => words[0]).join("|");
    throw usageFailure(`"${word}" cannot be listed`, `kubectl mkebackup list ${next}`);
  }
  return found;
}

function kindOf(item: Listed): ResourceKind {
  const known = listings.flatMap(({ kinds }) => kinds).find(({ kind }) => kind === item.kind);
  return known ?? backups;
}

function labelSelectorOf({ selector, schedule }: Values<typeof flags>): string | undefined {
  const parts = [selector, schedule === undefined ? undefined : `velero.io/schedule-name=${schedule}`].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? undefined : parts.join(",");
}

function matches(item: Listed, { status, since }: Values<typeof flags>, now: Date): boolean {
  const inPhase = status === undefined || status.some((phase) => phase.toLowerCase() === phaseOf(item).toLowerCase());
  return inPhase && (since === undefined || now.getTime() - began(item) <= since);
}
