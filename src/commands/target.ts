import { usageFailure } from "../core/failure.ts";

const types = {
  backup: "backup",
  backups: "backup",
  restore: "restore",
  restores: "restore",
  schedule: "schedule",
  schedules: "schedule",
  location: "location",
  locations: "location",
  "backup-location": "location",
  backupstoragelocation: "location",
  backupstoragelocations: "location",
  bsl: "location",
} as const;

export type TargetType = (typeof types)[keyof typeof types];

export interface Target<Known extends TargetType = TargetType> {
  readonly type: Known;
  readonly name: string;
}

/** TYPE/NAME as kubectl has it (restore/x, backups.velero.io/x), of the types a verb knows; a bare name is a backup. */
export function readTarget<Known extends TargetType>(word: string, known: readonly Known[]): Target<Known> {
  const [first = "", ...rest] = word.split("/");
  const meant = rest.length === 0 ? "backup" : typeNamed(typeName(first));
  const type = known.find((one) => one === meant);
  if (rest.length === 0 && type !== undefined) return { type, name: first };
  const name = rest.join("/");
  if (type === undefined) {
    const forms = known.map((one) => `${one}/NAME`);
    const last = forms.pop() ?? "";
    throw usageFailure(
      `"${first}" in ${word} is no type that this verb knows`,
      forms.length === 0 ? last : `${forms.join(", ")} or ${last}`,
    );
  }
  if (name === "" || name.includes("/")) throw usageFailure(`"${word}" names nothing`, `${type}/NAME`);
  return { type, name };
}

const typeNamed = (text: string): TargetType | undefined =>
  Object.hasOwn(types, text) ? types[text as keyof typeof types] : undefined;

const typeName = (text: string): string => text.toLowerCase().replace(/\.velero\.io$/, "");
