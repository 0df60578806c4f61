import { setTimeout as sleep } from "node:timers/promises";
import type { Args, Command, Context, Flags, OutputFormat, Values } from "../commands/command.ts";
import type { Failure } from "../core/failure.ts";
import { version } from "../core/version.ts";
import { visibleLines, visiblePainted } from "../core/visible.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { OpenClusterOptions } from "../kube/http-cluster.ts";
import type { Kubeconfig } from "../kube/kubeconfig.ts";
import { print } from "../output/printer.ts";
import { openProgress } from "../output/progress.ts";
import { colours, noColours, type Screen, wantsColours } from "../output/screen.ts";
import { confirm } from "./confirm.ts";
import type { globalFlags } from "./global-flags.ts";
import { noteLog, requestLog } from "./request-log.ts";

/** The process as commands may see it. */
export interface Edge {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Runs one command: gives it what it may reach, prints its document, and returns what its verdict finds wrong. */
export async function runCommand(
  command: Command,
  args: Args<Flags> & { readonly output: OutputFormat },
  globals: Values<typeof globalFlags>,
  edge: Edge,
): Promise<Failure | undefined> {
  // A verb with an --output of its own has no other format.
  const format = "output" in command.flags ? "table" : args.output;
  const { context, close } = openContext(format, globals, edge);
  const pause = command.repeatEvery?.(args);
  try {
    for (;;) {
      const result = await command.run(args, context).finally(() => context.progress.end());
      for await (const bytes of command.bytes?.(result) ?? []) await write(edge.stdout, bytes);
      context.progress.end();
      const document = print(command, result, format, { ...context.screen, now: context.now() });
      let clear = pause !== undefined && edge.stdout.isTTY ? "\x1b[H\x1b[2J" : "";
      for await (const text of document) {
        await write(edge.stdout, clear + text);
        clear = "";
      }
      if (pause === undefined) return command.verdict?.(result);
      await sleep(pause, undefined, { signal: edge.signal });
    }
  } finally {
    await close();
  }
}

function openContext(
  format: OutputFormat,
  globals: Values<typeof globalFlags>,
  edge: Edge,
): { context: Context; close(): Promise<void> } {
  const { env, stderr, stdout, signal } = edge;
  const now = () => new Date();
  const paintOn = (stream: NodeJS.WriteStream) => (wantsColours(globals.color, stream, env) ? colours : noColours);
  const screen: Screen = {
    width: stdout.columns || 80,
    isTerminal: stdout.isTTY === true,
    wide: format === "wide",
    paint: paintOn(stdout),
    now: now(),
  };
  const errors = paintOn(stderr);
  const level = globals["log-level"] ?? env["MKEBACKUP_LOG"];
  const noteTo = noteLog(level, stderr);
  const namedNamespace = globals.namespace ?? (env["MKEBACKUP_NAMESPACE"] || undefined);
  const cluster = once(async () => {
    const onWarning = (sentence: string) => stderr.write(`${errors.warn("Warning:")} ${visibleLines(sentence)}\n`);
    const log = requestLog(level, stderr);
    return connect(globals, { env, signal, terminal: edge, onWarning, log });
  });
  const store = once(async () => {
    const { openObjectStore } = await import("../object-store/open.ts");
    const { routeTo } = await import("../kube/route.ts");
    const log = requestLog(level, stderr);
    return openObjectStore(await cluster(), {
      namespace: async () => (await context.velero()).name,
      route: (server, tls) => routeTo({ server, tls }, { env, log }),
    });
  });
  const context: Context = {
    cluster,
    velero: once(async () => {
      const { findVeleroNamespace } = await import("../velero/namespace.ts");
      return findVeleroNamespace(await cluster(), namedNamespace);
    }),
    namedNamespace,
    store,
    insecureSkipTlsVerify: globals["insecure-skip-tls-verify"] === true,
    progress: openProgress(stderr, { animate: isLively(edge), now }),
    confirm: (question) => confirm(question, { input: edge.stdin, output: stderr }, signal),
    tell: (sentence) => stderr.write(`${visiblePainted(sentence)}\n`),
    note: (sentence) => noteTo?.(sentence),
    screen,
    env,
    signal,
    now,
  };
  const close = async () => {
    await store.made?.then((opened) => opened.close()).catch(() => undefined);
    await cluster.made?.then((opened) => opened.close()).catch(() => undefined);
  };
  return { context, close };
}

/** Whether a line may be rewritten. A terminal that does not know its width says 0, in which ora looks for the line for ever. */
const isLively = ({ stderr, env }: Edge): boolean =>
  stderr.isTTY === true && stderr.columns > 0 && env["TERM"] !== "dumb" && !env["CI"];

/** The cluster that the connection flags, the environment and the kubeconfig mean; the first request connects. */
export async function connect(
  globals: Values<typeof globalFlags>,
  told: Pick<OpenClusterOptions, "env" | "signal" | "terminal" | "onWarning" | "log">,
): Promise<Cluster & { close(): Promise<void> }> {
  const { openCluster } = await import("../kube/http-cluster.ts");
  return openCluster({
    flags: { ...globals, requestTimeout: globals["request-timeout"] },
    userAgent: `kubectl-mkebackup/${version} (${process.platform}/${process.arch})`,
    ...told,
  });
}

/** What the kubeconfig files hold, for those who only want its names. */
export async function kubeconfig(flag: string | undefined, env: NodeJS.ProcessEnv): Promise<Kubeconfig> {
  const { readKubeconfig } = await import("../kube/kubeconfig.ts");
  return readKubeconfig(flag, env);
}

/** Makes a slow thing on its first call, and only once. */
function once<T>(make: () => Promise<T>): (() => Promise<T>) & { made?: Promise<T> } {
  const get: (() => Promise<T>) & { made?: Promise<T> } = () => (get.made ??= make());
  return get;
}

/** Writes and waits until a slow reader took it: what is left in the buffer at exit would be lost. */
async function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  if (text.length === 0) return;
  await new Promise<void>((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())));
}
