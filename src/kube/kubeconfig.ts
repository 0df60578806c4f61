import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, resolve } from "node:path";
import { Failure } from "../core/failure.ts";
import {
  type ClusterEntry,
  type ContextEntry,
  entryFields,
  entryOf,
  isMap,
  type UserEntry,
} from "./kubeconfig-fields.ts";
import { parsePlainYaml } from "./plain-yaml.ts";

/** Several kubeconfig files read as one, by client-go's rules. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  /** The file that each user stands in. */
  readonly userFiles: ReadonlyMap<string, string>;
  /** The files that KUBECONFIG names, when none of them is there. */
  readonly missing: readonly string[];
}

/** The files to read: --kubeconfig alone, else every entry of KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFiles(
  flag: string | undefined,
  env: NodeJS.ProcessEnv,
): { files: string[]; mustExist: boolean } {
  if (flag) return { files: [resolve(flag)], mustExist: true };
  if (env["KUBECONFIG"]) {
    const listed = env["KUBECONFIG"].split(delimiter).filter((file) => file !== "");
    return { files: [...new Set(listed)], mustExist: false };
  }
  return { files: [resolve(env["HOME"] ?? homedir(), ".kube", "config")], mustExist: false };
}

/** Reads and merges the files: the first to set a name, or the current context, wins; missing files are skipped. */
export async function readKubeconfig(flag: string | undefined, env: NodeJS.ProcessEnv): Promise<Kubeconfig> {
  const merged = {
    currentContext: "",
    contexts: new Map<string, ContextEntry>(),
    clusters: new Map<string, ClusterEntry>(),
    users: new Map<string, UserEntry>(),
    userFiles: new Map<string, string>(),
  };
  const { files, mustExist } = kubeconfigFiles(flag, env);
  let read = 0;
  for (const file of files) {
    const config = await readFile(file);
    if (config === undefined && mustExist) throw new Failure("failed", `the kubeconfig file ${file} does not exist`);
    if (config === undefined) continue;
    read++;
    merged.currentContext ||= config.currentContext;
    addMissing(merged.contexts, config.contexts);
    addMissing(merged.clusters, config.clusters);
    addMissing(merged.users, config.users);
    addMissing(merged.userFiles, new Map([...config.users.keys()].map((name) => [name, file])));
  }
  return { ...merged, missing: read === 0 && env["KUBECONFIG"] ? files : [] };
}

function addMissing<T>(into: Map<string, T>, entries: ReadonlyMap<string, T>): void {
  for (const [name, entry] of entries) if (!into.has(name)) into.set(name, entry);
}

type FileContent = Pick<Kubeconfig, "currentContext" | "contexts" | "clusters" | "users">;

/** Undefined when the file does not exist. */
async function readFile(file: string): Promise<FileContent | undefined> {
  try {
    const document = await parseKubeconfig(readFileSync(file, "utf8"));
    const { kind = "Config", apiVersion = "v1", "current-context": current } = document;
    if (kind !== "Config" || apiVersion !== "v1")
      throw new Error(`it is a ${kind} of ${apiVersion}, not a Config of v1`);
    if (current !== undefined && current !== null && typeof current !== "string")
      throw new Error("current-context has to be text: put it in quotes");
    return {
      currentContext: current ?? "",
      contexts: entriesOf<ContextEntry>(document["contexts"], "context", file),
      clusters: entriesOf<ClusterEntry>(document["clusters"], "cluster", file),
      users: entriesOf<UserEntry>(document["users"], "user", file),
    };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    const why = code === "EISDIR" ? "it is a folder" : code === "EACCES" ? "permission denied" : message.split("\n")[0];
    throw new Failure("failed", `cannot read the kubeconfig file ${file}: ${why}`, { cause });
  }
}

/** Loads the whole of YAML only for what machines do not write. */
async function parseKubeconfig(text: string): Promise<Record<string, unknown>> {
  const plain = parsePlainYaml(text);
  if (isMap(plain)) return plain;
  const { parseFullYaml } = await import("./full-yaml.ts");
  const document = parseFullYaml(text);
  if (document === null || document === undefined) return {};
  if (isMap(document)) return document;
  throw new Error("it holds no map of contexts, clusters and users");
}

function entriesOf<T>(list: unknown, key: keyof typeof entryFields, file: string): Map<string, T> {
  const entries = new Map<string, T>();
  if (list === undefined || list === null) return entries;
  if (!Array.isArray(list)) throw new Error(`${key}s has to be a list`);
  for (const item of list as unknown[]) {
    if (!isMap(item)) throw new Error(`${key}s holds something that is no map`);
    const name = item["name"] ?? "";
    if (typeof name !== "string") throw new Error(`the name of a ${key} has to be text: put it in quotes`);
    if (entries.has(name)) throw new Error(`it has two ${key}s named "${name}"`);
    const body = item[key] ?? {};
    if (!isMap(body)) throw new Error(`${key} "${name}" has to be a map`);
    entries.set(name, entryOf(entryFields[key], body, { entry: `${key} "${name}"`, file }) as T);
  }
  return entries;
}
