import { readFile, rename, writeFile } from "node:fs/promises";
import { inRun, type VeleroVersion } from "./layout.ts";
import type { Machine } from "./machine.ts";

/** What must be known about a cluster that another process started. */
export interface State {
  velero: VeleroVersion;
  /** False while `up` works; a cluster whose start-up was cut short stays so. */
  complete: boolean;
  /** The machine as it was before the cluster: what `down` leads back to. */
  machineBefore: Machine;
}

const file = inRun("state.json");

/** The state of the cluster on this machine; undefined when there is none. */
export async function readState(): Promise<State | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Written aside and renamed: a crash must not leave half a state. */
export async function writeState(state: State): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(state, undefined, 2));
  await rename(`${file}.new`, file);
}
