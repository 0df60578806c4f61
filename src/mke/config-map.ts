import { hasReason, sentenceOf } from "../core/failure.ts";
import { compareText } from "../core/order.ts";
import { type ConfigMap, configMaps } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { Problem, Source } from "./configuration.ts";
import { candidatesIn, parseDocuments } from "./document.ts";
import { sectionOf } from "./interpret.ts";
import { isMapping, lookUp } from "./keys.ts";
import { mkeNamespace, readable } from "./mke-config.ts";

const namespaces = [mkeNamespace, "mke-system", "blueprint-system", "boundless-system", "k0rdent"];
const names = ["mke-config", "mke4-config", "mkeconfig", "mke", "mke-configuration", "mke-operator-config"];
const keys = ["mke4.yaml", "mke.yaml", "mke4.yml", "mke.yml", "config.yaml", "config", "mke-config.yaml", "spec"];

export interface ConfigMapFound {
  readonly configuration: { readonly source: Source; readonly document: unknown } | undefined;
  /** Values that should have been a configuration, but are not YAML. */
  readonly problems: readonly Problem[];
}

/** Finds the ConfigMap that holds MKE's configuration. One that is missing, forbidden or about something else is passed over. */
export async function findConfigMap(cluster: Cluster, signal?: AbortSignal): Promise<ConfigMapFound> {
  const lists = await Promise.all(namespaces.map((namespace) => configMapsIn(cluster, namespace, signal)));
  const problems: Problem[] = [];
  for (const candidate of lists.flatMap((list) => list.toSorted(byRank)).flatMap(valuesOf)) {
    try {
      const document = await configurationIn(candidate);
      if (document !== undefined) return { configuration: { source: candidate.source, document }, problems };
    } catch (error) {
      // Broken YAML under a name of MKE's is worth a word; anybody else's is not.
      if (!hasReason(error, "NotYaml")) throw error;
      if (candidate.named) problems.push({ level: "problem", reason: "Unreadable", message: sentenceOf(error) });
    }
  }
  return { configuration: undefined, problems };
}

/** One list a namespace costs less than a request for each possible name, which only helps where listing is forbidden. */
async function configMapsIn(cluster: Cluster, namespace: string, signal?: AbortSignal): Promise<readonly ConfigMap[]> {
  const { value, refusal } = await readable(cluster.list(configMaps, { namespace, signal }));
  if (refusal === undefined || namespace !== mkeNamespace) return value ?? [];
  const gets = names.map((name) => readable(cluster.get(configMaps, { namespace, name }, signal)));
  return (await Promise.all(gets)).map((got) => got.value).filter((found) => found !== undefined);
}

interface Candidate {
  readonly source: Source & { readonly kind: "ConfigMap" };
  readonly text: string;
  /** Whether the ConfigMap has one of the names that an MKE configuration would have. */
  readonly named: boolean;
}

function valuesOf({ metadata, data = {} }: ConfigMap): Candidate[] {
  const named = names.includes(metadata.name);
  return Object.entries(data)
    .toSorted(([a], [b]) => rank(keys, a) - rank(keys, b))
    .map(([key, text]) => ({
      source: { kind: "ConfigMap", namespace: metadata.namespace ?? mkeNamespace, name: metadata.name, key } as const,
      text,
      named,
    }))
    .filter(({ text: value }) => looksLikeConfiguration(value, named));
}

/** Spares the parser the dashboards and scripts that fill most ConfigMaps. */
const looksLikeConfiguration = (text: string, named: boolean): boolean =>
  /storage[_-]?provider/i.test(text) || (/backup/i.test(text) && (named || /kind\W+MkeConfig/.test(text)));

async function configurationIn({ text, source, named }: Candidate): Promise<unknown> {
  const documents = await parseDocuments(text, `ConfigMap ${source.namespace}/${source.name}, key ${source.key},`);
  const [document] = candidatesIn(documents, (each) => isMapping(each) && sectionOf(each) !== undefined);
  if (!isMapping(document)) return undefined;
  const kind = document["kind"];
  if (kind !== undefined && kind !== "MkeConfig") return undefined;
  const section = sectionOf(document);
  const isMkes = named || kind === "MkeConfig" || lookUp(section, "storage_provider") !== undefined;
  return isMkes && isMapping(section) ? document : undefined;
}

const rank = (order: readonly string[], word: string): number => (order.indexOf(word) + 1 || order.length + 1) - 1;

const byRank = (a: ConfigMap, b: ConfigMap): number =>
  rank(names, a.metadata.name) - rank(names, b.metadata.name) || compareText(a.metadata.name, b.metadata.name);
