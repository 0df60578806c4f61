import { validationGoesStaleAfter } from "../../velero/server.ts";
import { storageCause } from "../../velero/storage-cause.ts";
import { isAvailable, unavailableReason } from "../../velero/storage-location.ts";
import type { ProofStep, StorageProof } from "../../velero/storage-proof.ts";
import type { BackupStorageLocation } from "../../velero/types.ts";
import { paintStatus, type Screen } from "../screen.ts";
import { type Column, table } from "../table.ts";
import { visible, wrapHard } from "../text.ts";
import { ageOf } from "../units.ts";

const widestLine = 100;

/** The proof of a location's storage: the answer, each step, what Velero says of it, and what is wrong. */
export function storageCheckText(location: BackupStorageLocation, proof: StorageProof, screen: Screen): string {
  const width = screen.wide ? Number.POSITIVE_INFINITY : Math.min(screen.width, widestLine);
  const failed = proof.steps.filter(({ status }) => status === "fail");
  return [
    headline(proof, failed, screen, width),
    table(
      columns,
      proof.steps.map((step) => withAge(step, proof, screen)),
      screen,
    ),
    paragraph(velerosView(location, proof, screen.now), width),
    failed.map((step, at) => problem(step, at, screen, width)).join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const words = { ok: "OK", fail: "FAIL", skipped: "-" } as const;

const columns: readonly Column<ProofStep>[] = [
  { header: "STEP", cell: ({ name }) => name },
  { header: "STATUS", cell: ({ status }) => words[status], status: true },
  { header: "TIME", cell: ({ milliseconds }) => timeText(milliseconds), align: "right" },
  {
    header: "DETAIL",
    cell: ({ detail, status }) => (status === "skipped" ? `skipped: ${detail}` : detail),
    cut: "end",
  },
];

/** People read ages. */
function withAge(step: ProofStep, { latestBackup }: StorageProof, { now }: Screen): ProofStep {
  if (step.name !== "latest" || latestBackup?.modified === undefined) return step;
  const { name, modified, of } = latestBackup;
  return { ...step, detail: `${name}, written ${ageOf(modified, now)} ago, of ${of}` };
}

function timeText(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined) return undefined;
  if (milliseconds < 1) return "<1ms";
  return milliseconds < 1000 ? `${Math.round(milliseconds)}ms` : `${(milliseconds / 1000).toFixed(1)}s`;
}

function headline(proof: StorageProof, failed: readonly ProofStep[], { paint }: Screen, width: number): string {
  const word = failed.length === 0 ? "OK" : "FAIL";
  const [first] = failed;
  const wrote = proof.readOnly === undefined ? "" : ", nothing was written";
  const took = ` (${timeText(proof.milliseconds)}${wrote})`;
  const sentence =
    first === undefined
      ? `Location ${proof.location} works from here${took}`
      : `Location ${proof.location} fails at ${first.name}: ${first.detail}${took}`;
  return wrapHard(visible(sentence), width - word.length - 2)
    .map((line, at) => `${at === 0 ? paintStatus(paint, word) : " ".repeat(word.length)}  ${paint.strong(line)}`)
    .join("\n");
}

function velerosView(location: BackupStorageLocation, { passed }: StorageProof, now: Date): string {
  const { phase, lastValidationTime, message = "" } = location.status ?? {};
  if (!phase) return "Velero's view: it has not looked at this location yet.";
  const looked = lastValidationTime === undefined ? "" : `, looked ${ageOf(lastValidationTime, now)} ago`;
  const reason = isAvailable(location) ? "" : `: ${storageCause(message)?.sentence ?? unavailableReason(location)}`;
  const age = lastValidationTime === undefined ? 0 : now.getTime() - Date.parse(lastValidationTime);
  if (age > validationGoesStaleAfter)
    return `Velero's view: ${phase}${looked}${reason}. It should look each minute: the server may not run (kubectl mkebackup status).`;
  const differs =
    passed === isAvailable(location)
      ? ""
      : passed
        ? " It is the server that cannot use it: it may be placed, or configured, differently than this machine."
        : " It is from here that it does not work, or something changed since.";
  return `Velero's view: ${phase}${looked}${reason}.${differs}`;
}

/** A text over several lines, those after the first set in. */
const paragraph = (text: string, width: number): string =>
  wrapHard(visible(text), width - 2)
    .map((line, at) => (at === 0 ? line : `  ${line}`))
    .join("\n");

function problem(step: ProofStep, at: number, { paint }: Screen, width: number): string {
  const { name, detail, message, hint, next } = step;
  const indent = " ".repeat(9);
  const lines = (text: string, room: number) => wrapHard(visible(text), Math.max(width - room, 20));
  return [
    ...lines(`${name}: ${detail}`, 9).map((line, index) =>
      index === 0 ? `${at + 1}  ${paintStatus(paint, "FAIL")}  ${line}` : `${indent}${line}`,
    ),
    ...(message === undefined || detail.includes(message) ? [] : lines(message, 9).map((line) => `${indent}${line}`)),
    ...(hint === undefined
      ? []
      : lines(`${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`, 9).map((line) => `${indent}${line}`)),
    ...(next === undefined ? [] : [`${indent}${paint.dim("next")}  ${visible(next)}`]),
  ].join("\n");
}
