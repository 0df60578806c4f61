import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { inRun, kubeconfigFile, projectFolder, runFolder, type VeleroVersion, veleroVersions } from "./layout.ts";
import { lockHolder, withLock } from "./lock.ts";
import { isRunning, recordedServices } from "./processes.ts";
import { missingRequirement } from "./requirements.ts";
import { readState } from "./state.ts";
import { messageOf } from "./step.ts";
import { tearDown } from "./teardown.ts";
import { bringUp } from "./up.ts";

const usage = `Usage: npm run cluster -- COMMAND

A one-node Kubernetes with MinIO and Velero as MKE 4 runs them, on this machine. Needs Linux, root and Go.

Commands:
  up [--velero 1.18|1.13]  start it, or repair or switch the one that runs (1.18 when nothing is said)
  down                     stop it and remove all of it but the cache of built programs
  status                   say what runs
  env                      print the lines that point a shell at it: eval "$(npm run --silent cluster -- env)"
  shell                    start a shell that is pointed at it
`;

/** Runs one cluster command and returns its exit code. */
export async function clusterCommand(words: string[]): Promise<number> {
  // A reader that has seen enough (`status | head -1`) is no error.
  process.stdout.on("error", () => {});
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: { velero: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help) return print(usage, 0);
    const verb = positionals[0];
    if (positionals.length !== 1 || (values.velero !== undefined && verb !== "up")) return refuse(usage);
    const version = veleroVersions.find((known) => known === (values.velero ?? "1.18"));
    if (!version)
      return refuse(`There is no Velero ${values.velero} here; choose one of ${veleroVersions.join(", ")}.\n`);
    return await runVerb(verb, version);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return error instanceof TypeError && "code" in error ? 2 : 1;
  }
}

async function runVerb(verb: string | undefined, version: VeleroVersion): Promise<number> {
  switch (verb) {
    case "up":
      return up(version);
    case "down":
      return down();
    case "status":
      return status();
    case "env":
      return env();
    case "shell":
      return shell();
    default:
      return refuse(usage);
  }
}

async function up(version: VeleroVersion): Promise<number> {
  const reason = await missingRequirement();
  if (reason) return print(`${reason}\n`, 1);
  const started = performance.now();
  await withLock(`up --velero ${version}`, () => bringUp(version));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  return print(`The cluster is up with Velero ${version} (${seconds} s). A shell on it: npm run cluster -- shell\n`, 0);
}

async function down(): Promise<number> {
  const reason = await missingRequirement();
  if (reason) return print(`${reason}\n`, 1);
  if (!existsSync(runFolder)) return print("The cluster is not up.\n", 0);
  const left = await withLock("down", tearDown);
  if (left.length === 0) return print("The cluster is gone.\n", 0);
  return print(`These were not there before the cluster and could not be removed:\n  ${left.join("\n  ")}\n`, 1);
}

async function status(): Promise<number> {
  const holder = await lockHolder();
  if (holder) process.stdout.write(`In use by: ${holder}\n`);
  const state = await readState();
  if (!state) {
    process.stdout.write("The cluster is not up.\n");
    return 1;
  }
  const services = await recordedServices();
  const alive = await Promise.all(services.map(isRunning));
  const dead = services.filter((_, index) => !alive[index]);
  const healthy = state.complete && services.length > 0 && dead.length === 0;
  const verdict = healthy ? "up" : "not complete: npm run cluster -- up repairs it";
  process.stdout.write(`Cluster:    ${verdict}\nVelero:     ${state.velero}\nKubeconfig: ${kubeconfigFile}\n`);
  process.stdout.write(`Logs:       ${inRun("logs")}\n`);
  for (const [index, name] of services.entries()) {
    process.stdout.write(`  ${name.padEnd(26)}${alive[index] ? "running" : "dead"}\n`);
  }
  return healthy ? 0 : 1;
}

/** The variables a process needs to work on the cluster; undefined when it is not up. */
export async function clusterEnvironment(): Promise<{ KUBECONFIG: string; PATH: string } | undefined> {
  if (!(await readState())?.complete) return undefined;
  const folders = [join(projectFolder, "dist"), inRun("bin"), ...(process.env["PATH"] ?? "").split(":")];
  return { KUBECONFIG: kubeconfigFile, PATH: [...new Set(folders)].join(":") };
}

async function env(): Promise<number> {
  const variables = await clusterEnvironment();
  if (!variables) return print("The cluster is not up. Start it: npm run cluster -- up\n", 1);
  for (const [name, value] of Object.entries(variables)) {
    process.stdout.write(`export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
  }
  return 0;
}

async function shell(): Promise<number> {
  const variables = await clusterEnvironment();
  if (!variables) return print("The cluster is not up. Start it: npm run cluster -- up\n", 1);
  const child = spawn(process.env["SHELL"] || "/bin/sh", [], {
    env: { ...process.env, ...variables },
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

function refuse(text: string): number {
  return print(text, 2);
}

function print(text: string, exitCode: number): number {
  process.stderr.write(text);
  return exitCode;
}
