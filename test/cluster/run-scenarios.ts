import { spawn } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { clusterEnvironment } from "./cli.ts";
import { ask, run } from "./command.ts";
import { kubeconfigFile, projectFolder, type VeleroVersion, veleroVersions } from "./layout.ts";
import { withLock } from "./lock.ts";
import { workload, workloadNamespace } from "./manifests.ts";
import { missingRequirement } from "./requirements.ts";
import { messageOf } from "./step.ts";
import { tearDown } from "./teardown.ts";
import { bringUp } from "./up.ts";

const usage = `Usage: npm run test:cluster -- [--velero 1.18|1.13] [--keep] [--yes] [FILE...]

Runs the scenarios on a real cluster: on one made for each Velero version, or on the one whose kubeconfig the variable
MKEBACKUP_TEST_KUBECONFIG names.

  --velero VERSION  only with this Velero
  --keep            leave the cluster up at the end
  --yes             do not ask before writing to the cluster of MKEBACKUP_TEST_KUBECONFIG
  FILE              only these test files
`;

interface Options {
  files: string[];
  keep: boolean;
  yes: boolean;
  versions: readonly VeleroVersion[];
}

/** Runs the scenarios on real clusters and returns the worst exit code. */
export async function testCluster(words: string[]): Promise<number> {
  const options = parse(words);
  if (!options) return complain(usage, 2);
  try {
    const brought = process.env["MKEBACKUP_TEST_KUBECONFIG"];
    const reason = brought ? undefined : await missingRequirement();
    if (reason) return complain(`${reason}\n`, 1);
    const packaged = await packageProgram();
    if (packaged !== 0) return packaged;
    if (brought) return await testBrought(brought, options);
    return await withLock("test:cluster", () => testVersions(options));
  } catch (error) {
    return complain(`${messageOf(error)}\n`, 1);
  }
}

function parse(words: string[]): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: { velero: { type: "string" }, keep: { type: "boolean" }, yes: { type: "boolean" } },
    });
    const versions = veleroVersions.filter((version) => values.velero === undefined || values.velero === version);
    const standard = ["test/scenarios/*.test.ts", "test/cluster/*.test.ts"].flatMap((pattern) =>
      globSync(pattern, { cwd: projectFolder }).toSorted(),
    );
    const files = positionals.length > 0 ? positionals : standard;
    if (versions.length === 0) return undefined;
    return { files, versions, keep: values.keep ?? false, yes: values.yes ?? false };
  } catch {
    return undefined;
  }
}

/** One cluster after the other. Ctrl-C ends the tests, and the cluster is still taken down. */
async function testVersions(options: Options): Promise<number> {
  let worst = 0;
  let interrupted = false;
  const remember = () => {
    interrupted = true;
  };
  process.on("SIGINT", remember).on("SIGTERM", remember);
  try {
    for (const version of options.versions) {
      if (interrupted) break;
      worst = Math.max(worst, await testVersion(version, options.files));
    }
  } catch (error) {
    worst = complain(`${messageOf(error)}\n`, Math.max(worst, 1));
  } finally {
    if (!options.keep) {
      const left = await tearDown();
      if (left.length > 0) worst = complain(`Left behind:\n  ${left.join("\n  ")}\n`, Math.max(worst, 1));
    }
    process.off("SIGINT", remember).off("SIGTERM", remember);
  }
  return interrupted ? 130 : worst;
}

async function testVersion(version: VeleroVersion, files: string[]): Promise<number> {
  process.stderr.write(`Velero ${version}\n`);
  await bringUp(version);
  const variables = await clusterEnvironment();
  const code = await runTests(files, {
    ...variables,
    MKEBACKUP_WORLD_KUBECONFIG: kubeconfigFile,
    MKEBACKUP_WORLD_VELERO: version,
  });
  process.stderr.write(`Velero ${version}: ${code === 0 ? "all scenarios pass" : `exit code ${code}`}\n`);
  return code;
}

async function testBrought(kubeconfig: string, options: Options): Promise<number> {
  const view = ["config", "view", "--minify", "-o", "jsonpath={.current-context} at {.clusters[0].cluster.server}"];
  const target = await run("kubectl", ["--kubeconfig", kubeconfig, ...view]);
  process.stderr.write(
    `The scenarios write to the cluster of ${kubeconfig}: ${target}.\n` +
      "They delete the namespace shop, stop Velero and MinIO for a while, and lose what MinIO holds.\n",
  );
  if (!options.yes) {
    if (!process.stdin.isTTY) return complain("Say --yes to run them without being asked.\n", 2);
    const questions = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await questions.question("Run them there? [y/N] ");
    questions.close();
    if (!/^y(es)?$/i.test(answer.trim())) return complain("Nothing was done.\n", 1);
  }
  await bringWorkload(kubeconfig);
  const server = [
    "get",
    "deployment",
    "velero",
    "-n",
    "mke",
    "-o",
    "jsonpath={.spec.template.spec.containers[0].image}",
  ];
  const image = (await ask("kubectl", ["--kubeconfig", kubeconfig, ...server])) ?? "";
  return runTests(options.files, {
    PATH: `${join(projectFolder, "dist")}:${process.env["PATH"]}`,
    MKEBACKUP_WORLD_KUBECONFIG: kubeconfig,
    MKEBACKUP_WORLD_VELERO: /:v?(\d+\.\d+)/.exec(image)?.[1] ?? options.versions[0],
  });
}

/** The sample workload is made where it is missing, of an image that any cluster can pull. */
async function bringWorkload(kubeconfig: string): Promise<void> {
  const kubectl = ["--kubeconfig", kubeconfig];
  if (await ask("kubectl", [...kubectl, "get", "namespace", workloadNamespace])) return;
  const image = process.env["MKEBACKUP_TEST_IMAGE"] ?? "busybox:stable";
  const items = workload({ image, bytes: 1024 * 1024 });
  await run("kubectl", [...kubectl, "apply", "-f", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  });
}

const runTests = (files: string[], env: NodeJS.ProcessEnv): Promise<number> =>
  inProject(process.execPath, ["--test", "--test-concurrency=1", "--test-timeout=300000", ...files], {
    ...env,
    MKEBACKUP_TEST_WORLD: "cluster",
  });

/** Packages the program when it is missing or older than its sources. */
async function packageProgram(): Promise<number> {
  const binary = join(projectFolder, "dist", "kubectl-mkebackup");
  const sources = globSync("src/**/*.ts", { cwd: projectFolder }).map((file) => join(projectFolder, file));
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(binary) && statSync(binary).mtimeMs > newest) return 0;
  const script = existsSync(join(projectFolder, "scripts", "package.ts")) ? "scripts/package.ts" : "scripts/build.ts";
  return inProject(process.execPath, [script], {});
}

/** Runs a program in the project's folder, on this terminal, to its end. */
function inProject(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { cwd: projectFolder, stdio: "inherit", env: { ...process.env, ...env } });
  // Ctrl-C reaches the child by itself: it stands in the same terminal.
  const pass = () => child.kill("SIGTERM");
  process.on("SIGTERM", pass);
  child.on("error", reject);
  child.on("exit", (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  return promise.finally(() => process.off("SIGTERM", pass));
}

function complain(text: string, exitCode: number): number {
  process.stderr.write(text);
  return exitCode;
}
