/** The phases in which a Backup or Restore stays for good, and what each means for the work. */
export const finishedPhases = {
  Completed: "succeeded",
  PartiallyFailed: "incomplete",
  Failed: "failed",
  FailedValidation: "failed",
} as const;

export type FinishedPhase = keyof typeof finishedPhases;
export type Outcome = (typeof finishedPhases)[FinishedPhase];

interface Phased {
  readonly status?: { readonly phase?: string } | undefined;
}

/** The server never writes New: an empty phase means that it has not looked yet. */
export const phaseOf = ({ status }: Phased): string => status?.phase || "New";

export function isFinishedPhase(phase: string): phase is FinishedPhase {
  return Object.hasOwn(finishedPhases, phase);
}

/** Unknown phases of newer servers count as running. */
export const isFinished = (object: Phased): boolean => isFinishedPhase(phaseOf(object));

/** What became of the work; undefined while it runs. */
export function outcomeOf(object: Phased): Outcome | undefined {
  const phase = phaseOf(object);
  return isFinishedPhase(phase) ? finishedPhases[phase] : undefined;
}

/** A backup that a restore can rely on at least in part. */
export const isUsable = (object: Phased): boolean => ["succeeded", "incomplete"].includes(outcomeOf(object) ?? "");

/** Work that the server has begun and not ended; queued or new work has not begun. */
export const isRunning = (object: Phased): boolean =>
  !isFinished(object) && !["New", "Queued", "ReadyToStart", "Deleting"].includes(phaseOf(object));
