// Shows the program at work in the embedded world: `npm run demo` walks through a disaster and back,
// `npm run demo -- shell` leaves you in a shell on it. Needs no cluster and no kubectl.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import { parse } from "yaml";
import { type Sandbox, startSandbox } from "../test/sandbox/sandbox.ts";
import { root } from "./run.ts";

const program = join(root, "dist", "build", "main.js");
/** Slow enough that a terminal shows the progress of a backup. */
const speed = 0.5;
const earlierBackups = 3;

const print = (text: string) => process.stdout.write(`${text}\n`);
const dim = (text: string) => styleText("dim", text, { stream: process.stdout });
const explain = (sentence: string) => print(`\n${dim(`# ${sentence}`)}`);
const prompt = (command: string) => print(`${dim("$")} ${styleText("bold", command, { stream: process.stdout })}`);

function build(): void {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/build.ts"], { cwd: root, encoding: "utf8" });
  if (status === 0) return;
  process.stderr.write(`${stderr}\nerror: the program could not be built, so there is nothing to show\n`);
  process.exit(1);
}

let inForeground: ChildProcess | undefined;
let toldToStop = false;

/** Runs a program with this terminal; resolves to its exit code. */
function runHere(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", env: { ...process.env, ...env } });
    inForeground = child;
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}

/** Asks the sandbox's API server as its administrator. */
function askApi(
  { kubeconfig, server }: Sandbox,
  method: string,
  path: string,
): Promise<{ code: number; text: string }> {
  interface Kubeconfig {
    clusters: [{ cluster: Record<string, string> }];
    users: [{ user: Record<string, string> }];
  }
  const { clusters, users }: Kubeconfig = parse(readFileSync(kubeconfig, "utf8"));
  const pem = (base64 = "") => Buffer.from(base64, "base64").toString();
  const { user } = users[0];
  const identity = {
    ca: pem(clusters[0].cluster["certificate-authority-data"]),
    cert: pem(user["client-certificate-data"]),
    key: pem(user["client-key-data"]),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${server}${path}`, { method, ...identity }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    sent.on("error", reject).end();
  });
}

const shop = "/api/v1/namespaces/shop";

/** What the pods of the shop print of their volumes: `sha256 …`, one line a volume; fewer while pods are starting. */
async function checksums(sandbox: Sandbox): Promise<string[]> {
  const { text } = await askApi(sandbox, "GET", `${shop}/pods`);
  const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] };
  const logs = await Promise.all(
    items.map(({ metadata }) => askApi(sandbox, "GET", `${shop}/pods/${metadata.name}/log`)),
  );
  return logs.flatMap(({ code, text: log }) => (code === 200 ? [log.trim()] : [])).toSorted();
}

async function whenBothRun(sandbox: Sandbox): Promise<string[]> {
  for (;;) {
    const found = await checksums(sandbox);
    if (found.length === 2) return found;
    await sleep(100);
  }
}

/** A step whose outcome is not the one the story needs. */
class StoryBroken extends Error {}

async function walkThrough(sandbox: Sandbox): Promise<void> {
  const env = { KUBECONFIG: sandbox.kubeconfig };
  const show = async (words: string) => {
    prompt(`kubectl mkebackup ${words}`);
    const code = await runHere(process.execPath, [program, ...words.split(" ")], env);
    if (toldToStop) throw new StoryBroken("it was told to stop");
    if (code !== 0) throw new StoryBroken(`"kubectl mkebackup ${words}" ended with exit code ${code}`);
  };

  explain("Is this cluster's backup worth anything? The answer comes first, problems last.");
  await show("status");
  explain("A backup of the namespace shop, with the data in its volumes.");
  await show("create shop-demo --include-namespaces shop --default-volumes-to-fs-backup");
  explain("It stands beside those taken before.");
  await show("list");

  const before = await whenBothRun(sandbox);
  explain("The files in the shop's two volumes, by their checksums:");
  for (const line of before) print(line);
  explain("Now the disaster (the demo asks the API itself, as kubectl would).");
  prompt("kubectl delete namespace shop");
  await askApi(sandbox, "DELETE", shop);
  while ((await askApi(sandbox, "GET", shop)).code !== 404) await sleep(100);
  print('namespace "shop" deleted');

  explain("Everything comes back from the backup.");
  await show("restore shop-demo --yes");
  explain("The same checksums: the files are byte for byte what they were.");
  const after = await whenBothRun(sandbox);
  for (const line of after) print(line);
  if (after.join() !== before.join()) throw new StoryBroken("the restored files are not those of before");
  explain("And the cluster is where it was.");
  await show("status");
  explain("Try it yourself: npm run demo -- shell");
}

const onWindows = process.platform === "win32";

/** Puts a command into the folder that runs this Node on the program; `script` is for POSIX shells. */
function addCommand(folder: string, name: string, script: string, batch: string): void {
  const file = join(folder, onWindows ? `${name}.cmd` : name);
  writeFileSync(file, onWindows ? `@echo off\r\n${batch}\r\n` : `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

async function openShell(sandbox: Sandbox): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "mkebackup-demo-"));
  try {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    const command = `"${process.execPath}" "${program}"`;
    addCommand(bin, "kubectl-mkebackup", `exec ${command} "$@"`, `${command} %*`);
    print("A cluster with Velero, MinIO and a workload in namespace shop. Try: kubectl mkebackup status");
    if (spawnSync("kubectl", ["version", "--client"], { shell: onWindows }).error !== undefined) {
      print("There is no kubectl here: for this shell, a stand-in knows `kubectl mkebackup …` and nothing else.");
      const onlyThis = "this kubectl is the demo's stand-in: it knows kubectl mkebackup … and nothing else";
      addCommand(
        bin,
        "kubectl",
        `if [ "$1" = mkebackup ]; then shift; exec kubectl-mkebackup "$@"; fi\necho "error: ${onlyThis}" >&2\nexit 1`,
        `if "%1"=="mkebackup" (for /f "tokens=1,*" %%a in ("%*") do kubectl-mkebackup %%b) else (echo error: ${onlyThis} 1>&2 & exit /b 1)`,
      );
    }
    print("Leave with exit; the cluster goes with you.");
    const shell = process.env["SHELL"] ?? (onWindows ? "cmd.exe" : "/bin/sh");
    const path = `${bin}${delimiter}${process.env["PATH"] ?? ""}`;
    return await runHere(shell, [], { KUBECONFIG: sandbox.kubeconfig, PATH: path });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [mode, ...rest] = process.argv.slice(2);
if ((mode !== undefined && mode !== "shell") || rest.length > 0) {
  process.stderr.write("error: npm run demo takes no words but shell: npm run demo -- shell\n");
  process.exit(2);
}
build();
const sandbox = await startSandbox({ backups: earlierBackups, speed: mode === "shell" ? 1 : speed });
// Ctrl-C is for the program that is in the foreground; here it only ends the story, after tidying up.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => {
  toldToStop = true;
  inForeground?.kill("SIGHUP");
});
try {
  if (mode === "shell") process.exitCode = await openShell(sandbox);
  else await walkThrough(sandbox);
} catch (error) {
  if (!(error instanceof StoryBroken)) throw error;
  process.stderr.write(`\nerror: the demo did not end well: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await sandbox.stop();
  if (toldToStop) process.exitCode = 143;
}
