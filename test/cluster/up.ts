import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Built, build } from "./build.ts";
import { makeCertificates } from "./certificates.ts";
import { startControlPlane } from "./control-plane.ts";
import { inRun, kubeletFolder, projectFolder, runFolder, type VeleroVersion } from "./layout.ts";
import { readMachine } from "./machine.ts";
import { prepareNetwork } from "./network.ts";
import { startNode } from "./node.ts";
import { isRunning, recordedServices } from "./processes.ts";
import { installPackages } from "./requirements.ts";
import { readState, type State, writeState } from "./state.ts";
import { messageOf, progress, StepFailed, step } from "./step.ts";
import { tearDown } from "./teardown.ts";
import { fillCluster } from "./world.ts";

/**
 * Brings the cluster up with the given Velero, from whatever is there: nothing, a running cluster, one that crashed,
 * one with another Velero. The caller holds the lock.
 */
export async function bringUp(version: VeleroVersion): Promise<void> {
  const existing = await readState();
  if (existing && existing.velero !== version) {
    progress(`switch from Velero ${existing.velero} to ${version}`, "");
    await tearDown();
  }
  try {
    await start(version);
  } catch (error) {
    // What is left of a crashed cluster can be beyond repair: then a fresh one is the repair.
    if (!existing || existing.velero !== version || !(error instanceof StepFailed)) throw error;
    progress("the old cluster cannot be repaired, a fresh one is made", messageOf(error).split("\n")[0] ?? "");
    await tearDown();
    await start(version);
  }
}

async function start(version: VeleroVersion): Promise<void> {
  await refuseForeignKubelet();
  const startedAt = Date.now();
  const alive = await Promise.all((await recordedServices()).map(isRunning));
  await mkdir(inRun("logs"), { recursive: true, mode: 0o755 });
  await installPackages();
  const machineBefore = (await readState())?.machineBefore ?? (await machineWithoutRunFolder());
  const state: State = { velero: version, complete: false, machineBefore };
  await writeState(state);
  const built = await build(version);
  await step({ title: "network", limit: 20 }, prepareNetwork);
  await step({ title: "certificates", limit: 60 }, makeCertificates);
  await startControlPlane(built);
  await startNode(built);
  await fillCluster(built, version, alive.includes(false) ? startedAt : startedAt - 15_000);
  await linkPrograms(built);
  await writeState({ ...state, complete: true });
}

async function machineWithoutRunFolder() {
  const machine = await readMachine();
  return { ...machine, folders: machine.folders.filter((folder) => folder !== runFolder) };
}

/** Two kubelets cannot share a machine, and `down` would take the other one's pods apart. */
async function refuseForeignKubelet(): Promise<void> {
  const foreign = !(await readState()) && existsSync(kubeletFolder) && (await readdir(kubeletFolder)).length > 0;
  if (foreign) {
    throw new Error(
      `${kubeletFolder} holds the data of another Kubernetes node. Use a machine without one, or empty that folder.`,
    );
  }
}

/** A folder for PATH: kubectl, the matching velero, and the plugin as built when it is not packaged yet. */
async function linkPrograms(built: Built): Promise<void> {
  const folder = inRun("bin");
  await mkdir(folder, { recursive: true });
  for (const name of ["kubectl", "velero"]) {
    await rm(join(folder, name), { force: true });
    await symlink(built.program(name), join(folder, name));
  }
  const plugin = join(folder, "kubectl-mkebackup");
  const packaged = join(projectFolder, "dist", "kubectl-mkebackup");
  const unpackaged = join(projectFolder, "dist", "build", "main.js");
  const script = `#!/bin/sh
[ -x '${packaged}' ] && exec '${packaged}' "$@"
exec '${process.execPath}' '${unpackaged}' "$@"
`;
  await writeFile(plugin, script);
  await chmod(plugin, 0o755);
}
