import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { inRun, logFile } from "./layout.ts";
import { messageOf, step, until } from "./step.ts";

export interface Service {
  name: string;
  program: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  /** True once the service does its work. */
  ready: () => Promise<boolean>;
  /** Seconds until it must be ready. */
  limit?: number;
}

/** A process is known by its id and the moment it started: ids are used again. */
interface Recorded {
  pid: number;
  startTime: string;
}

const folder = inRun("processes");
const recordOf = (name: string): string => `${folder}/${name}.json`;

/** Starts a service in the background and waits until it is ready. One that runs and is ready is left alone. */
export async function ensureService(service: Service): Promise<void> {
  const log = logFile(service.name);
  await step({ title: service.name, limit: service.limit ?? 60, log }, async (signal) => {
    if ((await isRunning(service.name)) && (await service.ready())) return;
    await stopService(service.name);
    const started = await start(service, log);
    await until(signal, async () => {
      if (!(await isAlive(started))) throw new Error(`${service.name} ended right after its start`);
      return service.ready();
    });
  });
}

export async function isRunning(name: string): Promise<boolean> {
  const recorded = await readRecord(name);
  return recorded !== undefined && (await isAlive(recorded));
}

/** Names of the services that were started and not stopped, whether they live or not. */
export async function recordedServices(): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.map((file) => file.replace(/\.json$/, ""));
}

/** Ends a service: politely first, by force after the given time. */
export async function stopService(name: string, politeMs = 5000): Promise<void> {
  const recorded = await readRecord(name);
  if (recorded && (await isAlive(recorded))) {
    kill(recorded.pid, "SIGTERM");
    const deadline = Date.now() + politeMs;
    while ((await isAlive(recorded)) && Date.now() < deadline) await sleep(50);
    if (await isAlive(recorded)) kill(recorded.pid, "SIGKILL");
    while (await isAlive(recorded)) await sleep(20);
  }
  await rm(recordOf(name), { force: true });
}

async function start(service: Service, log: string): Promise<Recorded> {
  await mkdir(folder, { recursive: true });
  mkdirSync(inRun("logs"), { recursive: true });
  const output = openSync(log, "a");
  const env = { PATH: process.env["PATH"], HOME: inRun(), ...service.env };
  const child = spawn(service.program, service.args, {
    cwd: inRun(),
    env,
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const pid = await new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`${service.program} does not start: ${messageOf(error)}`)));
    child.on("spawn", () => resolve(child.pid ?? 0));
  });
  child.unref();
  const recorded = { pid, startTime: (await startTimeOf(pid)) ?? "ended" };
  await writeFile(recordOf(service.name), JSON.stringify(recorded));
  return recorded;
}

async function readRecord(name: string): Promise<Recorded | undefined> {
  try {
    return JSON.parse(await readFile(recordOf(name), "utf8"));
  } catch {
    return undefined;
  }
}

const isAlive = async ({ pid, startTime }: Recorded): Promise<boolean> => (await startTimeOf(pid)) === startTime;

/** The kernel's start time of a process in clock ticks; undefined for one that is gone or a zombie. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The program's name stands in parentheses and may hold spaces: count the fields after it.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

/** Sends a signal; a process that is gone already is no error. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
