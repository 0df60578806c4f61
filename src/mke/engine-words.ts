import type { BackupConfiguration } from "./configuration.ts";
import { type EngineFound, isUsable, k0rdentNamespace } from "./engine.ts";
import { mkeNamespace } from "./mke-config.ts";

/**
 * What takes backups here: Velero that MKE installs; Velero that somebody installed; MKE itself; nothing, though k0rdent
 * brings a Velero for its own use; nothing.
 */
export type EngineKind = "managed" | "self-installed" | "native" | "foreign" | "none";

/** What MKE declares; undefined where no configuration of MKE's was read. */
export const declaredIn = (configuration: BackupConfiguration | undefined): BackupConfiguration | undefined =>
  configuration?.source.kind === "BackupStorageLocation" ? undefined : configuration;

/** MKE brings Velero up to 4.1.1, whatever the configuration still says. */
export function bringsVelero(version: string | undefined): boolean | undefined {
  const [, ...numbers] = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? "") ?? [];
  const [major, minor, patch = 0] = numbers.map((number) => Number(number ?? 0));
  if (major === undefined || minor === undefined) return undefined;
  return major < 4 || (major === 4 && (minor < 1 || (minor === 1 && patch <= 1)));
}

/** MKE's own backups run by the clock, or have left records. */
export function isNative(found: EngineFound, configuration: BackupConfiguration | undefined): boolean {
  return (found.native?.count ?? 0) > 0 || nativeSchedule(configuration) === true;
}

/** Whether the schedule of MKE's own backups is on; undefined where there is none. */
export function nativeSchedule(configuration: BackupConfiguration | undefined): boolean | undefined {
  const enabled = configuration?.fields.find(({ path }) => path.join(".") === "backup.schedule.enabled")?.value;
  return typeof enabled === "boolean" ? enabled : undefined;
}

export function engineKind(found: EngineFound, configuration: BackupConfiguration | undefined): EngineKind {
  const declared = declaredIn(configuration);
  const usable = found.veleros.filter(isUsable);
  const isDeclared =
    declared?.engine === "velero" && declared.enabled !== false && bringsVelero(declared.mkeVersion) !== false;
  // MKE installs into its own namespace: one elsewhere is somebody's, whatever MKE declares.
  if (isDeclared && (usable.length === 0 || usable.some(({ namespace }) => namespace === mkeNamespace)))
    return "managed";
  if (usable.length > 0) return "self-installed";
  if (isNative(found, declared)) return "native";
  return found.veleros.some(({ namespace, server }) => namespace === k0rdentNamespace && server !== undefined)
    ? "foreign"
    : "none";
}

/** Sentences: what takes backups here, what else there is, and what this program can and cannot do with it. */
export function engineSentences(found: EngineFound, configuration: BackupConfiguration | undefined): string[] {
  const declared = declaredIn(configuration);
  const mke = declared?.mkeVersion === undefined ? "MKE" : `MKE ${declared.mkeVersion}`;
  const usable = found.veleros.filter(isUsable).map(({ namespace }) => namespace);
  const idle = found.veleros.some(
    ({ namespace, locations }) => namespace === k0rdentNamespace && locations.length === 0,
  );
  const native = isNative(found, declared);
  const works = "This program works with Velero's backups: objects and volumes, not etcd and not MKE's own state.";
  const kind = engineKind(found, configuration);
  const first = {
    managed: [
      usable.length > 0
        ? `Velero, which ${mke} installs and keeps as configured.`
        : `Velero, which ${mke} declares, though none with a server and a location is there.`,
      works,
    ],
    "self-installed": [`Velero in ${usable.join(" and ")}, which MKE does not manage.`, works],
    native: [`${mke} itself: backups of etcd and of its configuration.`, "No Velero for this program to work with."],
    foreign: ["Nothing: k0rdent's Velero has no place to keep backups.", "No Velero for this program to work with."],
    none: ["Nothing that this program knows.", "No Velero for this program to work with."],
  }[kind];
  return [
    ...first,
    ...(native && kind !== "native" ? [`${mke} takes backups of its own besides.`] : []),
    ...(native || bringsVelero(declared?.mkeVersion) === false
      ? ["An archive of mkectl backup is restored by mkectl restore of the same version alone."]
      : []),
    ...(idle && kind !== "foreign" ? [`The Velero in ${k0rdentNamespace} is k0rdent's own, without a location.`] : []),
  ];
}
