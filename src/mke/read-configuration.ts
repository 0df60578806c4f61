import { Failure, hasReason, sentenceOf } from "../core/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import { defaultLocation } from "../velero/storage-location.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import { findConfigMap } from "./config-map.ts";
import {
  type BackupConfiguration,
  type ConfiguredField,
  type Conflict,
  dotted,
  type Problem,
  sourceName,
} from "./configuration.ts";
import { derivedFrom } from "./derived.ts";
import { interpret } from "./interpret.ts";
import { findMkeConfig, type MkeConfigFound } from "./mke-config.ts";

export interface ReadOptions {
  /** The locations in Velero's namespace; asked for only when there is no configuration to read. */
  locations(): Promise<readonly BackupStorageLocation[]>;
  readonly signal?: AbortSignal;
}

/**
 * The backup section in effect: of the ConfigMap, else of the MkeConfig, else what Velero's location tells.
 * Sources that are missing or forbidden are passed over; throws when none is left.
 */
export async function readConfiguration(cluster: Cluster, options: ReadOptions): Promise<BackupConfiguration> {
  const [configMap, mkeConfig] = await Promise.all([
    findConfigMap(cluster, options.signal),
    findMkeConfig(cluster, options.signal),
  ]);
  const declared = fromMkeConfig(mkeConfig);
  if (configMap.configuration !== undefined) {
    const { document, source } = configMap.configuration;
    return compared(withProblems(interpret(document, source), configMap.problems), declared);
  }
  const found = declared ?? (await fromLocations(options, mkeConfig.refusal));
  return withProblems(found, configMap.problems);
}

function fromMkeConfig({ object, others }: MkeConfigFound): BackupConfiguration | undefined {
  if (object === undefined) return undefined;
  const { namespace = "", name } = object.metadata;
  const configuration = interpret(object, { kind: "MkeConfig", namespace, name });
  if (others.length === 0) return configuration;
  const message = `this cluster holds other MkeConfig objects, which are not shown: ${others.join(", ")}`;
  return withProblems(configuration, [{ level: "note", reason: "SeveralSources", message }]);
}

async function fromLocations({ locations }: ReadOptions, refusal: string | undefined): Promise<BackupConfiguration> {
  const missing = refusal === undefined ? "no MKE configuration found" : `no MKE configuration readable: ${refusal}`;
  let known: readonly BackupStorageLocation[];
  try {
    known = await locations();
  } catch (error) {
    const isAnswer = ["NotFound", "NoSuchKind", "Forbidden"].some((reason) => hasReason(error, reason));
    if (!isAnswer && !(error instanceof Failure && error.kind === "failed" && error.reason === undefined)) throw error;
    throw notFound(`${missing}; ${error instanceof Failure ? error.message : sentenceOf(error)}`, error);
  }
  const location = defaultLocation(known) ?? known[0];
  if (location === undefined) throw notFound(`${missing}, and no BackupStorageLocation to tell what it says`);
  return withProblems(derivedFrom(location), [
    {
      level: "note",
      reason: refusal === undefined ? "NotFound" : "Unreadable",
      message: `${missing}, so only what ${sourceName(derivedFrom(location).source)} tells is shown`,
    },
  ]);
}

const notFound = (message: string, cause?: unknown): Failure =>
  new Failure("failed", message, {
    next: ["kubectl mkebackup config --config mke4.yaml        (a file that mkectl applied)"],
    cause,
  });

const withProblems = (configuration: BackupConfiguration, more: readonly Problem[]): BackupConfiguration => ({
  ...configuration,
  problems: [...configuration.problems, ...more],
});

/** Names what the second source says differently, in fields that matter. */
function compared(shown: BackupConfiguration, other: BackupConfiguration | undefined): BackupConfiguration {
  if (other === undefined) return shown;
  const mkeVersion = shown.mkeVersion ?? other.mkeVersion;
  // With another provider every option differs, which says nothing more.
  const withOptions = shown.provider === other.provider;
  const ours = effective(shown.fields, withOptions);
  const theirs = effective(other.fields, withOptions);
  const fields = [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((path) => JSON.stringify(ours.get(path)) !== JSON.stringify(theirs.get(path)))
    .map((path) => ({ path, value: ours.get(path), other: theirs.get(path) }));
  const conflict: Conflict = { source: other.source, fields };
  return { ...shown, mkeVersion, ...(fields.length === 0 ? {} : { conflict }) };
}

const effective = (fields: readonly ConfiguredField[], withOptions: boolean): ReadonlyMap<string, unknown> =>
  new Map(
    fields
      .filter(({ used, path }) => used && (withOptions || !path.some((key) => key.endsWith("_options"))))
      .map(({ path, value }) => [dotted(path), value]),
  );
