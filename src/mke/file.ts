import { access } from "node:fs/promises";
import { Failure } from "../core/failure.ts";
import { contentOf } from "../core/input-file.ts";
import { type BackupConfiguration, type Problem, sourceName, valueAt } from "./configuration.ts";
import { candidatesIn, parseDocuments } from "./document.ts";
import { interpret, sectionOf } from "./interpret.ts";
import { isMapping } from "./keys.ts";

/** Reads an mke4.yaml, "-" from standard input. Throws failures: no such file, broken YAML, no MKE configuration. */
export async function readConfigurationFile(path: string): Promise<BackupConfiguration> {
  const source = { kind: "File", path } as const;
  const name = sourceName(source);
  const documents = await parseDocuments(await contentOf(path), name);
  const candidates = candidatesIn(documents, (document) => isMapping(document) && sectionOf(document) !== undefined);
  if (candidates.length === 0) {
    throw new Failure("failed", `${name} is empty`, {
      next: ["kubectl mkebackup config        (what the cluster holds)"],
    });
  }
  const configuration = interpret(candidates[0], source);
  const problems = [
    ...configuration.problems,
    ...severalIn(name, candidates),
    ...(await credentialsFile(configuration)),
  ];
  return { ...configuration, problems };
}

function severalIn(name: string, candidates: readonly unknown[]): Problem[] {
  if (candidates.length < 2) return [];
  const message = `${name} holds ${candidates.length} MKE configurations; the first one is shown`;
  return [{ level: "note", reason: "SeveralSources", message }];
}

/** mkectl reads the credentials where it runs, so a missing file only matters when that is here. */
async function credentialsFile({ fields, provider }: BackupConfiguration): Promise<Problem[]> {
  const keys = ["storage_provider", "external_options", "credentials_file_path"];
  const path = valueAt(fields, ...keys);
  if (provider !== "External" || typeof path !== "string" || path === "") return [];
  try {
    await access(path);
    return [];
  } catch {
    const at = ["backup", ...keys].join(".");
    const message = `${at} is no file on this machine; mkectl needs it where it runs`;
    return [{ level: "note", reason: "FileMissing", path: at, message }];
  }
}
