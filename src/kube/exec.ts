// Credential plugins, as client-go runs them: a program of the kubeconfig prints who the client is.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Failure } from "../core/failure.ts";
import type { Connection } from "./connection.ts";
import { readGrant } from "./exec-answer.ts";
import type { ExecEntry } from "./kubeconfig-fields.ts";
import type { Grant, LoginEdge } from "./login.ts";
import { interactiveModeOf } from "./validation.ts";

const group = "client.authentication.k8s.io";
const versions = [`${group}/v1`, `${group}/v1beta1`];

/** Runs the plugin once. Its stderr is the user's; it may ask on the terminal where the kubeconfig allows it. */
export async function runPlugin(exec: ExecEntry, connection: Connection, edge: LoginEdge): Promise<Grant> {
  const { apiVersion = "", command = "" } = exec;
  if (!versions.includes(apiVersion)) {
    throw new Failure("failed", `exec plugin: invalid apiVersion "${apiVersion}"`, {
      next: [`this program and kubectl know ${versions.join(" and ")}: see the documentation of ${command}`],
    });
  }
  const interactive = isInteractive(exec, edge);
  const info = {
    kind: "ExecCredential",
    apiVersion,
    spec: { ...(exec.provideClusterInfo ? { cluster: clusterInfo(connection) } : {}), interactive },
  };
  const variables = (exec.env ?? []).map(({ name = "", value = "" }) => [name, value] as const);
  const env = { ...edge.env, ...Object.fromEntries(variables), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const output = await outputOf(exec, env, interactive, edge);
  return readGrant(output, apiVersion);
}

function isInteractive(exec: ExecEntry, { terminal }: LoginEdge): boolean {
  const mode = interactiveModeOf(exec);
  const isTerminal = terminal !== undefined && mode !== "Never" && terminal.stdin.isTTY === true;
  if (mode === "Always" && !isTerminal)
    throw loginFailure("exec plugin cannot support interactive mode: standard input is not a terminal");
  return isTerminal;
}

/** The cluster, for plugins that want to know it; in the field names of client-go. */
function clusterInfo({ server, cluster }: Connection): object {
  const { "certificate-authority": file, extensions = [] } = cluster;
  const data = file ? readFileSync(file).toString("base64") : cluster["certificate-authority-data"];
  const config = extensions.find(({ name }) => name === `${group}/exec`)?.extension ?? null;
  const said = {
    "tls-server-name": cluster["tls-server-name"],
    "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"],
    "certificate-authority-data": data,
    "proxy-url": cluster["proxy-url"],
    "disable-compression": cluster["disable-compression"],
  };
  return { server, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value)), config };
}

function outputOf(
  exec: ExecEntry,
  env: NodeJS.ProcessEnv,
  interactive: boolean,
  { signal, terminal }: LoginEdge,
): Promise<string> {
  const { command = "", args = [] } = exec;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const input = interactive ? (terminal?.stdin.fd ?? "inherit") : "ignore";
  const child = spawn(command, args, { env, signal, stdio: [input, "pipe", terminal?.stderr.fd ?? "ignore"] });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("error", (cause: NodeJS.ErrnoException) => {
    if (signal.aborted) {
      // Whatever the plugin started may live on; nothing waits for its output any more.
      child.stdout?.destroy();
      reject(signal.reason);
    } else if (cause.code === "ENOENT") reject(notFound(exec, cause));
    else reject(loginFailure(`exec: ${command} could not be started: ${cause.code ?? cause.message}`, [], cause));
  });
  child.on("close", (code, by) => {
    if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
    else if (by !== null) reject(loginFailure(`exec: executable ${command} was ended by ${by}`));
    else reject(loginFailure(`exec: executable ${command} failed with exit code ${code}`));
  });
  return promise;
}

/** The hint comes from the kubeconfig: it may say anything, but must not steer the terminal. */
function notFound({ command = "", installHint = "" }: ExecEntry, cause: unknown): Failure {
  const hint = installHint
    .replaceAll("\t", "    ")
    .replace(/[^\P{C}\n]/gu, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const usual = [`install ${command}, the credential plugin that the kubeconfig names, or put it on PATH`];
  return loginFailure(`exec: executable ${command} not found`, hint.length > 0 ? hint : usual, cause);
}

function loginFailure(why: string, next: readonly string[] = [], cause?: unknown): Failure {
  return new Failure("failed", `getting credentials: ${why}`, {
    heading: "Unable to connect to the server: ",
    next,
    cause,
  });
}
