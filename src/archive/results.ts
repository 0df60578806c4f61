import type { Archive } from "./archive.ts";
import { type Cause, groupByCause, type Told } from "./causes.ts";
import { readJson } from "./json-file.ts";

/** The results file of a backup or restore: sentences by where they belong. Lists may be null. */
export interface Results {
  readonly warnings?: ResultGroups | null;
  readonly errors?: ResultGroups | null;
}

interface ResultGroups {
  readonly velero?: readonly string[] | null;
  readonly cluster?: readonly string[] | null;
  readonly namespaces?: Readonly<Record<string, readonly string[] | null>> | null;
}

export interface GroupedResults {
  readonly errors: readonly Cause[];
  readonly warnings: readonly Cause[];
  /** Warnings that nearly every restore has and nobody needs to act on. */
  readonly benign: number;
}

/** Objects that every cluster re-creates or updates by itself: that theirs differ from the backup's is no news. */
const benignPatterns = [
  /kube-root-ca\.crt/,
  /openshift-service-ca\.crt/,
  /could not restore, (Lease|leases)\b/,
  /could not restore, (CustomResourceDefinition|customresourcedefinitions\.apiextensions\.k8s\.io)\b/,
  /could not restore, (Endpoints|endpoints|EndpointSlice|endpointslices\.discovery\.k8s\.io)\b/,
  /could not restore, (ControllerRevision|controllerrevisions\.apps)\b/,
  /could not restore, (APIService|apiservices\.apiregistration\.k8s\.io)\b/,
  /volumegroupsnapshotcontents/i,
];

export const isBenign = (warning: string): boolean => benignPatterns.some((pattern) => pattern.test(warning));

/** The results of a finished backup or restore, grouped by cause. Throws when the file cannot be had in any way. */
export async function readResults(archive: Archive, type: "backup" | "restore", name: string): Promise<GroupedResults> {
  const document = await readJson(archive, { kind: type === "backup" ? "BackupResults" : "RestoreResults", name });
  return groupResults((document ?? {}) as Results);
}

/** Groups what a results file says by cause, most frequent first, and counts the benign warnings instead of keeping them. */
export function groupResults(results: Results): GroupedResults {
  const warnings = sentences(results.warnings);
  const telling = warnings.filter(({ text }) => !isBenign(text));
  return {
    errors: byCause(sentences(results.errors)),
    warnings: byCause(telling),
    benign: warnings.length - telling.length,
  };
}

interface Sentence {
  readonly text: string;
  readonly namespace: string;
}

function sentences(groups: ResultGroups | null | undefined): Sentence[] {
  const own = (list: readonly string[] | null | undefined, namespace: string) =>
    (list ?? []).map((text) => ({ text, namespace }));
  const inNamespaces = Object.entries(groups?.namespaces ?? {}).flatMap(([namespace, list]) => own(list, namespace));
  return [...own(groups?.velero, ""), ...own(groups?.cluster, ""), ...inNamespaces];
}

const byCause = (all: readonly Sentence[]): Cause[] => groupByCause(all.map(split));

/** Takes the object's name out of a sentence, so that the same cause reads the same for every object. */
function split({ text, namespace }: Sentence): Told {
  const inNamespace = (name: string) => (namespace === "" || name.includes("/") ? name : `${namespace}/${name}`);
  // Velero's backup log: " resource: /pods name: /web message: /Error … error: /…"
  // and any part that the log line does not have is left out.
  const logged = /^\s*(?:resource: \/(\S*) ?)?(?:name: \/(\S*) ?)?(?:message: \/(.*?))?(?: ?error: \/(.*))?$/s.exec(
    text.trim(),
  );
  if (logged?.[0] && (logged[3] ?? logged[4]) !== undefined) {
    const [, , name = "", message = "", error = ""] = logged;
    return {
      text: oneLine([message, error].filter((part) => part.trim() !== "").join(": ")),
      place: name === "" ? namespace : inNamespace(name),
    };
  }
  // Velero's restore: could not restore, ConfigMap "settings" already exists. Warning: the in-cluster version is different …
  const existing = /^could not restore, ([\w.]+)[: ]"?([\w.-]+)"? already exists\.(.*)$/s.exec(text);
  if (existing)
    return {
      text: `${existing[1]} exists and differs from the backup's: left as it is`,
      place: inNamespace(existing[2] ?? ""),
    };
  return { text: oneLine(text), place: namespace };
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
