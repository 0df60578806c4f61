import { usageFailure } from "../core/failure.ts";

const types = {
  backup: "backup",
  backups: "backup",
  restore: "restore",
  restores: "restore",
  schedule: "schedule",
  schedules: "schedule",
} as const;

export interface Target {
  readonly type: "backup" | "restore" | "schedule";
  readonly name: string;
}

/** TYPE/NAME as kubectl has it (restore/x, backups.velero.io/x); a bare name is a backup. */
export function readTarget(word: string): Target {
  const [first = "", ...rest] = word.split("/");
  if (rest.length === 0) return { type: "backup", name: first };
  const type = Object.hasOwn(types, typeName(first)) ? types[typeName(first) as keyof typeof types] : undefined;
  const name = rest.join("/");
  if (type === undefined)
    throw usageFailure(
      `"${first}" in ${word} is no type that this verb knows`,
      "backup/NAME, restore/NAME or schedule/NAME",
    );
  if (name === "" || name.includes("/")) throw usageFailure(`"${word}" names nothing`, `${type}/NAME`);
  return { type, name };
}

const typeName = (text: string): string => text.toLowerCase().replace(/\.velero\.io$/, "");
