// Measures the packed program against the Velero CLI, on the same machine and cluster, in the same minute.
import { execFile } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { clusterEnvironment } from "../test/cluster/cli.ts";
import { cacheFolder } from "../test/cluster/layout.ts";
import { withLock } from "../test/cluster/lock.ts";
import { workloadNamespace } from "../test/cluster/manifests.ts";
import { makeSecondLocation, type SecondLocation } from "../test/cluster/second-location.ts";
import { type Api, openApi } from "../test/scenarios/api.ts";
import { benchNamespace, makeBackups, makeNamespace, removeNamespace, touchBackup } from "./bench/backups.ts";
import { type Comparison, compare, type Meter, openMeter } from "./bench/measure.ts";
import { farHeading, farLine, heading, rowLine } from "./bench/report.ts";
import { delayMs, type FarCommand, farRuns } from "./bench/round-trips.ts";
import { curlThroughPortForward, putTarball } from "./bench/stored-runs.ts";
import { root, runNode } from "./run.ts";

const usage = `Usage: npm run bench -- [--runs N] [--as-is]

Measures dist/kubectl-mkebackup against the Velero CLI: wall-clock and processor time, peak memory. Needs Go, and for
all but --version and --help the test cluster (npm run cluster -- up). At the end, what a far API server would cost:
how many requests commands make one after the other.

  --runs N  medians of N runs of each, in turns: 15 or more (21 when nothing is said)
  --as-is   measure the binary in dist as it is, instead of packing it first
`;

const sizes = [2, 2000, 10_000];
const downloadBytes = 1e9;
const downloadRuns = 3;
const packedBinary = join(root, "dist", "kubectl-mkebackup");
const interrupt = new AbortController();
const { signal } = interrupt;
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => interrupt.abort(new Error("interrupted")));

interface Bench {
  readonly meter: Meter;
  readonly ours: string;
  readonly velero: string;
  readonly runs: number;
}

async function main(words: string[]): Promise<number> {
  const options = readOptions(words);
  if (options === undefined) return say(usage, 2);
  const variables = await clusterEnvironment();
  const env = { ...process.env, ...variables };
  const velero = findVelero(env.PATH);
  if (velero === undefined) {
    return say("There is no Velero CLI to measure against: npm run cluster -- up builds it, or put one on PATH.\n", 1);
  }
  const packed = options.asIs ? 0 : await runNode(["scripts/package.ts"]);
  if (packed !== 0) return packed;
  if (!existsSync(packedBinary)) return say("There is no dist/kubectl-mkebackup: npm run package makes it.\n", 1);
  const folder = join(cacheFolder, "bench");
  const meter = await openMeter(folder, env, signal);
  const [binary, veleroBinary] = [await install(packedBinary, folder), await install(velero, folder)];
  const bench = { meter, ours: binary, velero: veleroBinary, runs: options.runs };

  process.stdout.write(`${await facts(bench)}\nMedians of ${options.runs} runs of each, in turns.\n\n${heading()}\n`);
  await measure(bench, {
    what: "--version",
    ours: [binary, "--version"],
    theirs: [veleroBinary, "version", "--client-only"],
  });
  await measure(bench, { what: "--help", ours: [binary, "--help"], theirs: [veleroBinary, "--help"] });
  if (variables === undefined) return say("\nThe rest needs the test cluster: npm run cluster -- up\n", 1);
  // Nobody may stop Velero or load the cluster meanwhile.
  await withLock("bench", async () => {
    const api = openApi(variables.KUBECONFIG);
    await measureOnCluster(bench, api);
    const location = await makeSecondLocation(api, `bench-${Date.now().toString(36)}`);
    try {
      const backup = location.name;
      await location.backUp(backup, workloadNamespace);
      await measureFiles(bench, location, backup);
      await measureFarAway(bench, backup, variables.KUBECONFIG, env);
      await measureDownload(bench, api, { location, backup, env });
    } finally {
      await location.remove();
    }
  });
  return 0;
}

async function measureOnCluster(bench: Bench, api: Api): Promise<void> {
  const { ours, velero } = bench;
  await measure(bench, {
    what: "status (velero: backup get)",
    ours: [ours, "status", "-n", "mke"],
    theirs: [velero, "backup", "get", "-n", "mke"],
    // A degraded cluster is an answer too; at one that does not answer, velero's run ends the measuring.
    verdicts: [0, 1, 3],
  });
  await measure(bench, {
    what: "a name at TAB (backup get)",
    ours: [ours, "__complete", "restore", "-n", "mke", ""],
    theirs: [velero, "backup", "get", "-n", "mke"],
  });
  try {
    await makeNamespace(api, signal);
    let made = 0;
    for (const count of sizes) {
      await makeBackups(api, made, count, signal);
      made = count;
      // A cluster that takes backups changes all the time; from one that has not changed for minutes, API servers read
      // every page but the first from etcd.
      await touchBackup(api);
      await measure(bench, {
        what: `list, ${count.toLocaleString("en")} backups`,
        ours: [ours, "list", "-n", benchNamespace],
        theirs: [velero, "backup", "get", "-n", benchNamespace],
      });
    }
  } finally {
    process.stderr.write(`Removing the namespace ${benchNamespace} …\n`);
    await removeNamespace(api);
  }
}

/** What needs files from the store, which the Velero CLI must be able to reach by itself. */
async function measureFiles(bench: Bench, { publish }: SecondLocation, name: string): Promise<void> {
  const { ours, velero } = bench;
  await publish(true);
  await measure(bench, {
    what: "describe --details",
    ours: [ours, "describe", name, "--details", "-n", "mke"],
    theirs: [velero, "backup", "describe", name, "--details", "-n", "mke"],
  });
  await measure(bench, {
    what: "logs",
    ours: [ours, "logs", name, "-n", "mke"],
    theirs: [velero, "backup", "logs", name, "-n", "mke"],
  });
  await publish(false);
}

/** The same gigabyte through the API server, by this program and by `kubectl port-forward` with curl. */
async function measureDownload(
  bench: Bench,
  api: Api,
  { location, backup, env }: { location: SecondLocation; backup: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mkebackup-bench-"));
  const file = join(folder, "data.tar.gz");
  try {
    const bytes = await putTarball(location, backup, downloadBytes);
    const rates: { ours: number[]; curl: number[]; peakMiB: number[] } = { ours: [], curl: [], peakMiB: [] };
    for (let run = 0; run < downloadRuns; run++) {
      const cost = await bench.meter.cost([bench.ours, "download", backup, "-o", file, "--force", "-n", "mke"]);
      rates.ours.push(bytes / 1e3 / cost.wallMs);
      rates.peakMiB.push(cost.peakMiB);
      rates.curl.push(bytes / 1e6 / (await curlThroughPortForward(api, backup, { env, file })));
    }
    const best = { ours: Math.max(...rates.ours), curl: Math.max(...rates.curl) };
    process.stdout.write(
      `\n${(bytes / 1e9).toFixed(2)} GB through the API server, best of ${downloadRuns}: download ${best.ours.toFixed(0)} MB/s ` +
        `(peak ${Math.max(...rates.peakMiB).toFixed(0)} MiB), kubectl port-forward with curl ${best.curl.toFixed(0)} MB/s, ` +
        `ratio ${(best.ours / best.curl).toFixed(2)}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureFarAway(
  { ours, velero }: Bench,
  name: string,
  kubeconfig: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  process.stdout.write(`\n${farHeading(delayMs)}\n`);
  const commands: FarCommand[] = [
    { what: "list", command: [ours, "list"] },
    { what: "status", command: [ours, "status"], verdicts: [0, 3] },
    { what: "create, up to the request", command: [ours, "create", "--dry-run=server"] },
    { what: "describe", command: [ours, "describe", name] },
    { what: "logs", command: [ours, "logs", name] },
    { what: "velero backup get", command: [velero, "backup", "get", "-n", "mke"] },
  ];
  for await (const run of farRuns(commands, { kubeconfig, env, signal })) process.stdout.write(`${farLine(run)}\n`);
}

async function measure({ meter, runs }: Bench, comparison: Comparison): Promise<void> {
  const costs = await compare(meter, comparison, runs);
  process.stdout.write(`${rowLine({ what: comparison.what, ...costs })}\n`);
}

/** On PATH, which starts with the cluster's own programs when it is up; else one that a cluster left in the cache. */
function findVelero(path = ""): string | undefined {
  const onPath = path.split(delimiter).map((folder) => join(folder, "velero"));
  const cached = globSync(join(cacheFolder, "bin", "velero-*", "velero"));
  return [...onPath, ...cached].find((file) => existsSync(file));
}

/**
 * Copies a program as an installer does. How the linker or the packer wrote a file decides in how large pieces Linux maps
 * it, and with that 20 MiB of its peak memory.
 */
async function install(file: string, folder: string): Promise<string> {
  const installed = join(folder, basename(file));
  await rm(installed, { force: true });
  await copyFile(file, installed);
  return installed;
}

async function facts({ ours: binary, velero }: Bench): Promise<string> {
  const output = async (file: string, ...args: string[]) =>
    (await promisify(execFile)(file, args, { signal })).stdout.trim();
  const [client, version] = [await output(velero, "version", "--client-only"), await output(binary, "version")];
  const processors = cpus();
  return [
    `Machine    ${processors[0]?.model.trim() || "unknown processor"}, ${processors.length} cores`,
    `Ours       ${version.replace(/^Client:\s*/, "")}, ${(statSync(binary).size / 1e6).toFixed(1)} MB`,
    `Velero     ${/Version: (\S+)/.exec(client)?.[1] ?? client}, ${(statSync(velero).size / 1e6).toFixed(1)} MB`,
  ].join("\n");
}

function readOptions(words: string[]): { runs: number; asIs: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: words,
      options: { runs: { type: "string", default: "21" }, "as-is": { type: "boolean", default: false } },
    });
    const runs = Number(values.runs);
    return Number.isInteger(runs) && runs >= 15 ? { runs, asIs: values["as-is"] } : undefined;
  } catch {
    return undefined;
  }
}

function say(text: string, exitCode: number): number {
  process.stderr.write(text);
  return exitCode;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const reason = signal.aborted ? signal.reason : error;
  process.exitCode = say(`${reason instanceof Error ? reason.message : String(reason)}\n`, signal.aborted ? 130 : 1);
}
