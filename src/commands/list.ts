import { usageFailure } from "../core/failure.ts";
import { nearest } from "../core/nearest.ts";
import { type KubeObject, objectName, type ResourceKind } from "../core/resource.ts";
import { objectList } from "../output/printer.ts";
import type { Column } from "../output/table.ts";
import { backupColumns } from "../output/views/backups.ts";
import { locationColumns } from "../output/views/locations.ts";
import { requestColumns } from "../output/views/requests.ts";
import { restoreColumns } from "../output/views/restores.ts";
import { scheduleColumns } from "../output/views/schedules.ts";
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
import { type Context, defineCommand, type Values } from "./command.ts";

/** What the screens of list have in common. */
type Listed = KubeObject & { readonly status?: { readonly phase?: string; readonly startTimestamp?: string } };

interface Listing {
  /** How users name it, in every form they are used to. */
  readonly words: readonly string[];
  readonly kinds: readonly ResourceKind<Listed>[];
  readonly columns: readonly Column<Listed>[];
}

const listings: readonly Listing[] = [
  { words: ["backups", "backup"], kinds: [backups], columns: backupColumns as readonly Column<Listed>[] },
  { words: ["restores", "restore"], kinds: [restores], columns: restoreColumns as readonly Column<Listed>[] },
  { words: ["schedules", "schedule"], kinds: [schedules], columns: scheduleColumns as readonly Column<Listed>[] },
  {
    words: ["locations", "location", "backup-locations", "backupstoragelocations", "bsl"],
    kinds: [storageLocations],
    columns: locationColumns as readonly Column<Listed>[],
  },
  {
    words: ["requests", "request"],
    kinds: [
      deleteRequests as ResourceKind<Listed>,
      downloadRequests as ResourceKind<Listed>,
      serverStatusRequests as ResourceKind<Listed>,
    ],
    columns: requestColumns as readonly Column<Listed>[],
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
    default: "age",
    value: "KEY",
    describe: "Order: age (newest first), name, status, duration, items or errors",
  },
  limit: { type: "number", value: "COUNT", describe: "Only the first COUNT rows" },
  "no-headers": { type: "switch", describe: "No header line" },
  "all-namespaces": { type: "switch", alias: "A", describe: "From all namespaces" },
} as const;

interface Found {
  readonly items: readonly Listed[];
  readonly columns: readonly Column<Listed>[];
  readonly headers: boolean;
}

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
    const cluster = await context.cluster();
    const query = { labelSelector: labelSelector(args), signal: context.signal };
    const read = (where: string | undefined) =>
      Promise.all(listing.kinds.map((kind) => cluster.list(kind, { ...query, namespace: where })));
    const { namespace, lists } = args["all-namespaces"]
      ? { namespace: undefined, lists: await read(undefined) }
      : await readInVeleroNamespace(context, read);
    const kept = lists.flat().filter((item) => matches(item, args, context.now()));
    const items = kept.toSorted(orders[args["sort-by"]]).slice(0, args.limit ?? kept.length);
    if (items.length === 0) {
      const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
      const narrowed = args.status ?? args.since ?? args.schedule ?? args.selector;
      context.tell(`No ${listing.words[0]}${narrowed === undefined ? "" : " like that"}${where}.`);
    }
    const columns = args["all-namespaces"] ? [namespaceColumn, ...listing.columns] : listing.columns;
    return { items, columns, headers: !args["no-headers"] };
  },
  async text({ items, columns, headers }, screen) {
    if (items.length === 0) return "";
    const { table } = await import("../output/table.ts");
    return table(columns, items, screen, { headers });
  },
  document: ({ items }) => objectList(items),
  names: ({ items }) => items.map((item) => objectName(kindOf(item), item.metadata.name)),
});

/** Reads the namespace that is most likely Velero's beside finding out whether it is: one round trip instead of two. */
async function readInVeleroNamespace<T>(context: Context, read: (namespace: string) => Promise<T>) {
  const guess = context.namedNamespace === undefined ? read(mkeNamespace) : undefined;
  // Without Velero there, how that ended is of no interest.
  guess?.catch(() => undefined);
  const { name } = await context.velero();
  return { namespace: name, lists: await (guess !== undefined && name === mkeNamespace ? guess : read(name)) };
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

function labelSelector({ selector, schedule }: Values<typeof flags>): string | undefined {
  const parts = [selector, schedule === undefined ? undefined : `velero.io/schedule-name=${schedule}`].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? undefined : parts.join(",");
}

const began = ({ metadata, status }: Listed): number =>
  Date.parse(status?.startTimestamp ?? metadata.creationTimestamp ?? "") || 0;

function matches(item: Listed, { status, since }: Values<typeof flags>, now: Date): boolean {
  const inPhase = status === undefined || status.some((phase) => phase.toLowerCase() === phaseOf(item).toLowerCase());
  return inPhase && (since === undefined || now.getTime() - began(item) <= since);
}

interface Measured {
  readonly status?: {
    readonly completionTimestamp?: string;
    readonly errors?: number;
    readonly progress?: { totalItems?: number };
  };
}

const took = (item: Listed): number =>
  Date.parse((item as Measured).status?.completionTimestamp ?? "") - began(item) || 0;
const byName = (a: Listed, b: Listed) => a.metadata.name.localeCompare(b.metadata.name);

const orders: Record<(typeof flags)["sort-by"]["choices"][number], (a: Listed, b: Listed) => number> = {
  age: (a, b) => began(b) - began(a) || byName(a, b),
  name: byName,
  status: (a, b) => phaseOf(a).localeCompare(phaseOf(b)) || byName(a, b),
  duration: (a, b) => took(b) - took(a) || byName(a, b),
  items: (a, b) =>
    ((b as Measured).status?.progress?.totalItems ?? 0) - ((a as Measured).status?.progress?.totalItems ?? 0) ||
    byName(a, b),
  errors: (a, b) => ((b as Measured).status?.errors ?? 0) - ((a as Measured).status?.errors ?? 0) || byName(a, b),
};
