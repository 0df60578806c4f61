import { compareText } from "../core/order.ts";
import { type KubeObject, namespaces, type ResourceKind } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { ServedKind } from "../kube/discovery.ts";
import type { NameAndAge } from "../kube/names.ts";
import { ageOf } from "../output/units.ts";
import { backups, restores, schedules, storageLocations } from "../velero/kinds.ts";
import { findVeleroNamespace } from "../velero/namespace.ts";
import { phaseOf } from "../velero/phases.ts";
import type { BackupStorageLocation, Schedule } from "../velero/types.ts";

/** One word that can be typed, and what is to be known about it. */
export interface Suggestion {
  readonly value: string;
  readonly note?: string;
}

/** What the cluster can be asked the names of. */
export type NameSource =
  | "namespaces"
  | "kinds"
  | "cluster kinds"
  | "namespaced kinds"
  | "backups"
  | "restores"
  | "schedules"
  | "locations";

export interface Question {
  /** The namespace that the user named; the one that Velero works in is found when left out. */
  readonly namespace: string | undefined;
  /** The backup that a restore names: its namespaces may be gone from the cluster. */
  readonly backup: string | undefined;
  readonly now: Date;
  /** Ends the asking. */
  readonly signal: AbortSignal;
}

type Run = KubeObject & { readonly status?: { readonly phase?: string; readonly startTimestamp?: string } };

/** The names that the cluster has, runs newest first. Throws what the cluster answers when that is nothing at all. */
export async function liveNames(cluster: Cluster, source: NameSource, question: Question): Promise<Suggestion[]> {
  const { now, signal } = question;
  switch (source) {
    case "namespaces":
      return namespaceNames(cluster, question);
    case "kinds":
      return kindNames(await cluster.kinds(signal));
    case "cluster kinds":
      return kindNames((await cluster.kinds(signal)).filter(({ namespaced }) => !namespaced));
    case "namespaced kinds":
      return kindNames((await cluster.kinds(signal)).filter(({ namespaced }) => namespaced));
    default: {
      const { name } = await findVeleroNamespace(cluster, question.namespace);
      return veleroNames(cluster, source, name, { now, signal });
    }
  }
}

/** Those of the cluster, and those that the backup says it was to take. */
async function namespaceNames(cluster: Cluster, { namespace, backup, signal }: Question): Promise<Suggestion[]> {
  const taken = async (name: string) => {
    const velero = await findVeleroNamespace(cluster, namespace);
    return (await cluster.get(backups, { namespace: velero.name, name }, signal)).spec?.includedNamespaces ?? [];
  };
  const [present, inBackup] = await Promise.all([
    cluster.names(namespaces, { signal }),
    backup === undefined ? [] : taken(backup).catch(() => []),
  ]);
  const names = present.map(({ name }) => name);
  const gone = inBackup.filter((name) => name !== "*" && !names.includes(name));
  return [...gone.map((name) => ({ value: name, note: "in the backup alone" })), ...names.map((value) => ({ value }))];
}

async function veleroNames(
  cluster: Cluster,
  source: "backups" | "restores" | "schedules" | "locations",
  namespace: string,
  { now, signal }: Pick<Question, "now" | "signal">,
): Promise<Suggestion[]> {
  const query = { namespace, signal };
  if (source === "schedules") return (await cluster.list(schedules, query)).map(scheduleName);
  if (source === "locations") return (await cluster.list(storageLocations, query)).map(locationName);
  return runNames(cluster, source === "backups" ? backups : restores, query, now);
}

/** Objects from which on a list is read by names alone: more would keep the shell waiting. */
const many = 500;

/** With phases, unless there are too many to read them all. */
async function runNames(
  cluster: Cluster,
  kind: ResourceKind<Run>,
  query: { namespace: string; signal: AbortSignal },
  now: Date,
): Promise<Suggestion[]> {
  const runs = await firstPage(cluster, kind, query);
  if (runs.length >= many) {
    const names = await cluster.names(kind, query).catch(() => []);
    if (names.length > runs.length)
      return names.toSorted(newestFirst).map(({ name, age }) => ({ value: name, note: age }));
  }
  return runs
    .toSorted((a, b) => compareText(began(b), began(a)))
    .map((run) => ({ value: run.metadata.name, note: `${phaseOf(run)}, ${ageOf(began(run) || undefined, now)}` }));
}

const began = ({ metadata, status }: Run): string => status?.startTimestamp ?? metadata.creationTimestamp ?? "";

const scheduleName = (schedule: Schedule): Suggestion => ({
  value: schedule.metadata.name,
  note: `${schedule.spec?.paused ? "paused" : phaseOf(schedule)}, ${schedule.spec?.schedule ?? "-"}`,
});

const locationName = (location: BackupStorageLocation): Suggestion => ({
  value: location.metadata.name,
  note: `${location.status?.phase ?? "not checked yet"}${location.spec?.default ? ", default" : ""}`,
});

async function firstPage<T extends KubeObject>(
  cluster: Cluster,
  kind: ResourceKind<T>,
  query: { namespace: string; signal: AbortSignal },
): Promise<T[]> {
  for await (const page of cluster.pages(kind, query)) return page;
  return [];
}

const seconds: Readonly<Record<string, number>> = { y: 365 * 86_400, d: 86_400, h: 3600, m: 60, s: 1 };
const secondsOf = (age: string): number =>
  [...age.matchAll(/(\d+)([ydhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (seconds[unit ?? ""] ?? 0),
    0,
  );

/** As far as an age of one or two units tells; the names of schedules' backups end in their time. */
const newestFirst = (a: NameAndAge, b: NameAndAge): number =>
  secondsOf(a.age) - secondsOf(b.age) || compareText(b.name, a.name);

/** What Velero can take: `deployments.apps`, `pods`. */
function kindNames(kinds: readonly ServedKind[]): Suggestion[] {
  return kinds
    .filter(({ verbs }) => verbs.includes("list") && verbs.includes("create"))
    .map(({ plural, group, kind }) => ({ value: group === "" ? plural : `${plural}.${group}`, note: kind }));
}
