/** Where a configuration was read. */
export type Source =
  | { readonly kind: "MkeConfig"; readonly namespace: string; readonly name: string }
  | { readonly kind: "ConfigMap"; readonly namespace: string; readonly name: string; readonly key: string }
  | { readonly kind: "File"; readonly path: string }
  | { readonly kind: "BackupStorageLocation"; readonly namespace: string; readonly name: string };

/**
 * What MKE backs up with: Velero, which it installs and keeps as configured (up to 4.1.1); its own backup of etcd and
 * configuration (from 4.2); or nothing it declares.
 */
export type Engine = "velero" | "native" | "none";

/** MinIO in the cluster, or the user's own bucket. */
export type Provider = "InCluster" | "External";

/** Keys from the outermost: backup, storage_provider, type. Known ones in MKE's spelling, whatever the document's was. */
export type Path = readonly string[];

export interface ConfiguredField {
  readonly path: Path;
  /** Booleans and choices as MKE writes them; a value that is none of MKE's stays as it was given. */
  readonly value: unknown;
  readonly origin: "set" | "default" | "derived";
  /** False for a key that no release of MKE is known to read. */
  readonly known: boolean;
  /** False for an option of the provider that is not in use. */
  readonly used: boolean;
}

export interface Problem {
  /** A note tells what is worth knowing; a problem is something to correct. */
  readonly level: "problem" | "note";
  readonly reason:
    | "InvalidValue"
    | "MissingValue"
    | "GivenTwice"
    | "UnknownKey"
    | "Unsupported"
    | "FileMissing"
    | "SeveralSources"
    | "Unreadable"
    | "NotFound";
  /** The field in question, dotted. */
  readonly path?: string;
  readonly message: string;
}

/** Another source that says something else. */
export interface Conflict {
  readonly source: Source;
  readonly fields: readonly { readonly path: string; readonly value: unknown; readonly other: unknown }[];
}

/** The backup section in effect. */
export interface BackupConfiguration {
  readonly source: Source;
  readonly mkeVersion: string | undefined;
  readonly engine: Engine;
  /** Whether MKE runs Velero; undefined when it does not manage it, or does not say so legibly. */
  readonly enabled: boolean | undefined;
  readonly provider: Provider | undefined;
  /** In MKE's own keys, defaults filled in. */
  readonly backup: Readonly<Record<string, unknown>>;
  /** The same, field by field, in the order of MKE's own file. */
  readonly fields: readonly ConfiguredField[];
  readonly problems: readonly Problem[];
  readonly conflict?: Conflict;
}

export const dotted = (path: Path): string => path.join(".");

/** MkeConfig mke/mke; a file by its path. */
export function sourceName(source: Source): string {
  if (source.kind === "File") return source.path === "-" ? "standard input" : source.path;
  const key = source.kind === "ConfigMap" ? ` (${source.key})` : "";
  return `${source.kind} ${source.namespace}/${source.name}${key}`;
}

export function valueAt(fields: readonly ConfiguredField[], ...path: string[]): unknown {
  return fields.find((field) => dotted(field.path) === dotted(["backup", ...path]))?.value;
}
