import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ConnectionFlags } from "../../../src/kube/connection.ts";
import type { Situation } from "./kubeconfig-situations.ts";
import type { Probe } from "./probe.ts";

/** A situation on disk. */
export interface SituationFolder {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: ConnectionFlags;
  /** What a credential plugin wrote of what it was told. */
  told(): unknown;
  /** Puts FOLDER, SERVER and CA_DATA back where a text names them. */
  readable(text: string): string;
  remove(): void;
}

/** Writes a situation's files into a new folder. */
export function layOut({ files, env = {}, flags = {} }: Situation, probe: Probe): SituationFolder {
  const path = mkdtempSync(join(tmpdir(), "situation-"));
  const base64 = (name: keyof Probe["files"]) => Buffer.from(probe.files[name]).toString("base64");
  const fill = (text: string) =>
    text
      .replaceAll("PLAIN_HOST", probe.http.replace("http://", ""))
      .replaceAll("PLAIN", probe.http)
      .replaceAll("SERVER", probe.https)
      .replaceAll("FOLDER", path)
      .replaceAll("CA_DATA", base64("ca.crt"))
      .replaceAll("CERT_DATA", base64("jane.crt"))
      .replaceAll("KEY_DATA", base64("jane.key"));
  const readable = (text: string) =>
    text.replaceAll(path, "FOLDER").replaceAll(probe.https, "SERVER").replaceAll(base64("ca.crt"), "CA_DATA");
  const pki = Object.entries(probe.files).map(([name, text]) => [`pki/${name}`, text] as const);
  for (const [name, text] of [...pki, ...Object.entries(files)]) {
    const file = join(path, name);
    mkdirSync(name.endsWith("/") ? file : dirname(file), { recursive: true });
    // Executable, for those that are plugins.
    if (!name.endsWith("/")) writeFileSync(file, fill(text), { mode: 0o700 });
  }
  const filled = Object.entries(flags).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(fill) : typeof value === "string" ? fill(value) : value,
  ]);
  const variables = Object.entries({ KUBECONFIG: "FOLDER/config", ...env }).filter(([, value]) => value !== undefined);
  return {
    path,
    env: {
      PATH: process.env["PATH"],
      HOME: path,
      ...Object.fromEntries(variables.map(([name, value]) => [name, fill(value ?? "")])),
    },
    flags: Object.fromEntries(filled) as ConnectionFlags,
    told: () => JSON.parse(readable(readFileSync(join(path, "told"), "utf8"))),
    readable,
    remove: () => rmSync(path, { recursive: true }),
  };
}
