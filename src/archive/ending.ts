import { sentenceOf } from "../core/failure.ts";
import type { FinishedRun } from "../velero/follow.ts";
import { phaseOf } from "../velero/phases.ts";
import type { Backup, Restore, VolumeTransfer } from "../velero/types.ts";
import type { Archive } from "./archive.ts";
import { type Cause, readResults } from "./results.ts";

/** How a run ended, with everything that explains it. */
export interface Ending<T extends Backup | Restore = Backup | Restore> {
  readonly object: T;
  /** Undefined when the user may not list them. */
  readonly volumes: readonly VolumeTransfer[] | undefined;
  readonly errors: readonly Cause[];
  readonly warnings: readonly Cause[];
  /** Warnings that are counted and not listed. */
  readonly benign: number;
  /** Why the results file could not be read, when it was needed. */
  readonly unread?: string;
}

/** Reads what explains the end of a run. A results file that cannot be had is said, never thrown: the run's phase is known already. */
export async function readEnding<T extends Backup | Restore>(
  { object, volumes }: FinishedRun<T>,
  kind: "Backup" | "Restore",
  { archive, signal }: { archive: Archive; signal: AbortSignal },
): Promise<Ending<T>> {
  const failedVolumes = groupFailedVolumes(volumes ?? []);
  const { warnings = 0, errors = 0 } = object.status ?? {};
  const ending = { object, volumes, errors: failedVolumes, warnings: [], benign: 0 };
  if (warnings + errors === 0 || phaseOf(object) === "FailedValidation") return ending;
  try {
    const results = await readResults(archive, kind === "Backup" ? "backup" : "restore", object.metadata.name);
    return { ...ending, ...results, errors: [...failedVolumes, ...withoutRepeats(results.errors, volumes ?? [])] };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ...ending, unread: sentenceOf(error) };
  }
}

/** The volumes that did not make it, by the server's message. */
function groupFailedVolumes(volumes: readonly VolumeTransfer[]): Cause[] {
  const failed = volumes.filter((volume) => ["Failed", "Canceled"].includes(phaseOf(volume)));
  const byMessage = Map.groupBy(failed, (volume) => volume.status?.message ?? "the server gave no reason");
  return [...byMessage].map(([message, group]) => ({
    text: `pod volume failed: ${message.replace(/\s+/g, " ").trim()}`,
    count: group.length,
    places: group.map(placeOf),
  }));
}

/** shop/web-cd7cd885-4f7wq data: pod and volume, or the claim. */
function placeOf({ metadata, spec }: VolumeTransfer): string {
  if (spec?.pod?.name !== undefined) return `${spec.pod.namespace ?? ""}/${spec.pod.name} ${spec.volume ?? ""}`.trim();
  const claim = spec?.sourcePVC ?? spec?.targetVolume?.pvc;
  return claim === undefined
    ? metadata.name
    : `${spec?.sourceNamespace ?? spec?.targetVolume?.namespace ?? ""}/${claim}`;
}

/** Velero writes a failed volume's message into the results too; once is enough. */
function withoutRepeats(errors: readonly Cause[], volumes: readonly VolumeTransfer[]): readonly Cause[] {
  const told = volumes
    .map(({ status }) => status?.message?.replace(/\s+/g, " ").trim() ?? "")
    .filter((message) => message !== "");
  return errors.filter(({ text }) => !told.some((message) => text.includes(message)));
}
