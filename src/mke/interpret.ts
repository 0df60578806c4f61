import { Failure } from "../core/failure.ts";
import {
  type BackupConfiguration,
  type ConfiguredField,
  type Engine,
  type Problem,
  type Provider,
  type Source,
  sourceName,
  valueAt,
} from "./configuration.ts";
import { backupSection } from "./fields.ts";
import { isMapping, lookUp, type Mapping, shapeOf } from "./keys.ts";
import { readGroup } from "./read-section.ts";

/**
 * What a parsed MKE configuration says about backups: a whole MkeConfig, the flat file of early releases, or the backup
 * section alone. Throws a failure when the document is no MKE configuration; a wrong value only becomes a problem.
 */
export function interpret(document: unknown, source: Source): BackupConfiguration {
  const whole = configurationMap(document, source);
  const section = sectionOf(whole);
  const engine = engineOf(section);
  const type = String(lookUp(lookUp(section, "storage_provider"), "type") ?? "").toLowerCase();
  const provider = engine === "velero" ? providerNamed(type) : undefined;
  const { fields, problems } = readGroup(backupSection, section, ["backup"], {
    provider,
    defaults: engine === "velero",
  });
  const enabled = engine === "velero" ? valueAt(fields, "enabled") : undefined;
  return {
    source,
    mkeVersion: versionOf(whole),
    engine,
    enabled: typeof enabled === "boolean" ? enabled : undefined,
    provider,
    backup: nested(fields),
    fields,
    problems: [...problems, ...doubts(fields, provider)],
  };
}

/** spec.version of a configuration, v4.1.0. */
export function versionOf(document: unknown): string | undefined {
  const version = lookUp(lookUp(document, "spec"), "version") ?? lookUp(document, "version");
  return typeof version === "string" || typeof version === "number" ? String(version) : undefined;
}

/** The backup section, wherever a release has put it; undefined when there is none. */
export function sectionOf(document: Mapping): unknown {
  const found = lookUp(lookUp(document, "spec"), "backup") ?? lookUp(document, "backup");
  if (found !== undefined) return found;
  const isSection = ["storage_provider", "scheduled_backup"].some((key) => lookUp(document, key) !== undefined);
  return isSection ? document : undefined;
}

function configurationMap(document: unknown, source: Source): Mapping {
  if (!isMapping(document)) {
    throw new Failure("failed", `${sourceName(source)} holds no MKE configuration: it is ${shapeOf(document)}`, {
      next: ["an MKE configuration begins like this: kind: MkeConfig"],
    });
  }
  const kind = document["kind"];
  if (typeof kind === "string" && !/^Mke(Child)?Config$/i.test(kind)) {
    throw new Failure("failed", `${sourceName(source)} holds no MKE configuration: its kind is ${kind}`, {
      next: ["an MKE configuration begins like this: kind: MkeConfig"],
    });
  }
  return document;
}

/** The keys tell: 4.2 uses `backup.schedule` for MKE's own backups, which are none of Velero's. */
function engineOf(section: unknown): Engine {
  const has = (key: string) => lookUp(section, key) !== undefined;
  if (has("storage_provider")) return "velero";
  if (has("schedule")) return "native";
  return has("enabled") || has("scheduled_backup") ? "velero" : "none";
}

function providerNamed(type: string): Provider | undefined {
  if (type === "" || type === "incluster") return "InCluster";
  return type === "external" ? "External" : undefined;
}

/** What is legible but does not work. */
function doubts(fields: readonly ConfiguredField[], provider: Provider | undefined): Problem[] {
  const missing = ["bucket", "region"]
    .filter((key) => provider === "External" && valueAt(fields, "storage_provider", "external_options", key) === "")
    .map((key): Problem => {
      const path = `backup.storage_provider.external_options.${key}`;
      return { level: "problem", reason: "MissingValue", path, message: `${path} is empty; External backups need it` };
    });
  if (valueAt(fields, "scheduled_backup", "enabled") !== true) return missing;
  const path = "backup.scheduled_backup.enabled";
  const message = `${path} has no effect that MKE documents: a Schedule of Velero's own does it`;
  return [...missing, { level: "note", reason: "Unsupported", path, message }];
}

/** The fields as the section they stand for, in MKE's spelling. */
export function nested(fields: readonly ConfiguredField[]): Record<string, unknown> {
  const section: Record<string, unknown> = {};
  for (const { path, value } of fields) {
    const [last, ...groups] = path.slice(1).toReversed();
    if (last !== undefined) levelAt(section, groups.toReversed())[last] = value;
  }
  return section;
}

function levelAt(section: Record<string, unknown>, groups: readonly string[]): Record<string, unknown> {
  let level = section;
  for (const key of groups) {
    const inner = isMapping(level[key]) ? level[key] : {};
    level[key] = inner;
    level = inner;
  }
  return level;
}
