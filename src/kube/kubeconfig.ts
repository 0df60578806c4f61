import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, resolve } from "node:path";
import { parse } from "yaml";
import { Failure } from "../core/failure.ts";

/** The entry of a kubeconfig's `clusters`; file paths are absolute. */
export interface ClusterEntry {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly "proxy-url"?: string;
}

/** The entry of a kubeconfig's `users`; file paths are absolute. */
export interface UserEntry {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly "as-uid"?: string;
  readonly "as-groups"?: readonly string[];
  readonly "as-user-extra"?: Readonly<Record<string, readonly string[]>>;
  readonly exec?: Readonly<Record<string, unknown>>;
  readonly "auth-provider"?: Readonly<Record<string, unknown>>;
}

interface ContextEntry {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** Several kubeconfig files read as one, by client-go's rules. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
}

const pathFields = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/** The files to read: --kubeconfig alone, else every entry of KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFiles(
  flag: string | undefined,
  env: NodeJS.ProcessEnv,
): { files: string[]; mustExist: boolean } {
  if (flag !== undefined) return { files: [resolve(flag)], mustExist: true };
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  if (listed.length > 0) return { files: [...new Set(listed)], mustExist: false };
  return { files: [resolve(env["HOME"] ?? homedir(), ".kube", "config")], mustExist: false };
}

/** Reads and merges the files: the first to set a name, or the current context, wins; missing files are skipped. */
export function readKubeconfig(flag: string | undefined, env: NodeJS.ProcessEnv): Kubeconfig {
  const merged = {
    currentContext: "",
    contexts: new Map<string, ContextEntry>(),
    clusters: new Map<string, ClusterEntry>(),
    users: new Map<string, UserEntry>(),
  };
  const { files, mustExist } = kubeconfigFiles(flag, env);
  for (const file of files) {
    if (!existsSync(file)) {
      if (mustExist) throw new Failure("failed", `the kubeconfig file ${file} does not exist`);
      continue;
    }
    const document = readDocument(file);
    merged.currentContext ||= typeof document["current-context"] === "string" ? document["current-context"] : "";
    addMissing(merged.contexts, document["contexts"], "context", file);
    addMissing(merged.clusters, document["clusters"], "cluster", file);
    addMissing(merged.users, document["users"], "user", file);
  }
  return merged;
}

function readDocument(file: string): Record<string, unknown> {
  try {
    const document: unknown = parse(readFileSync(file, "utf8"));
    if (document === null || document === undefined) return {};
    if (typeof document === "object" && !Array.isArray(document)) return document as Record<string, unknown>;
    throw new Error("it holds no map of contexts, clusters and users");
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new Failure("failed", `cannot read the kubeconfig file ${file}: ${why}`, { cause });
  }
}

function addMissing<T>(into: Map<string, T>, list: unknown, key: string, file: string): void {
  if (!Array.isArray(list)) return;
  for (const item of list as Record<string, unknown>[]) {
    const name = item?.["name"];
    if (typeof name !== "string" || into.has(name)) continue;
    const entry: Record<string, unknown> = { ...((item[key] as object | null) ?? {}) };
    for (const field of pathFields) {
      const value = entry[field];
      if (typeof value === "string" && value !== "") entry[field] = resolve(dirname(file), value);
    }
    const exec = entry["exec"] as { command?: unknown } | undefined;
    // A bare name is looked up on PATH; one with a folder in it belongs to the file it stands in.
    if (typeof exec?.command === "string" && /[/\\]/.test(exec.command)) {
      entry["exec"] = { ...exec, command: resolve(dirname(file), exec.command) };
    }
    into.set(name, entry as T);
  }
}
