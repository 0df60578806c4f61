import { type Cause, groupByCause, skeleton } from "./causes.ts";
import type { Volume } from "./volume-infos.ts";

/** The volumes that did not make it, by the server's message. */
export const failedVolumes = (volumes: readonly Volume[]): Cause[] =>
  byText(
    volumes.filter(({ phase }) => phase === "Failed" || phase === "Canceled"),
    ({ message }) => `pod volume failed: ${oneLine(message ?? "the server gave no reason")}`,
  );

/** The volumes that were left out, by the reason that Velero gives. */
export const skippedVolumes = (volumes: readonly Volume[]): Cause[] =>
  byText(
    volumes.filter(({ skipped }) => skipped),
    ({ skippedReason }) => `skipped: ${oneLine(skippedReason ?? "Velero gave no reason")}`,
  );

const byText = (volumes: readonly Volume[], textOf: (volume: Volume) => string): Cause[] =>
  groupByCause(volumes.map((volume) => ({ text: textOf(volume), place: placeOf(volume) })));

/** shop/web-cd7cd885-4f7wq data: pod and volume, or the claim, or what else names it. */
export function placeOf({ pod, claim, persistentVolume, object, snapshot }: Volume): string {
  if (pod !== undefined) return `${pod.namespace}/${pod.name} ${pod.volume}`.trim();
  return claim === undefined ? (persistentVolume ?? object ?? snapshot ?? "?") : `${claim.namespace}/${claim.name}`;
}

/** Velero writes a failed volume's message into the results too; once is enough. */
export function withoutRepeats(errors: readonly Cause[], volumes: readonly Volume[]): readonly Cause[] {
  const told = volumes.map(({ message }) => skeleton(oneLine(message ?? ""))).filter((message) => message !== "");
  return errors.filter(({ text }) => !told.some((message) => skeleton(text).includes(message)));
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
