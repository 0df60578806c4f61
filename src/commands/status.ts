import { Failure } from "../core/failure.ts";
import { waitUntil } from "../core/wait.ts";
import { statusDocument } from "../health/document.ts";
import { checkEstablished } from "../health/established.ts";
import { gather } from "../health/gather.ts";
import { reportOn, type StatusReport } from "../health/report.ts";
import { type Context, defineCommand, type Operands, type OutputFormat, type Values } from "./command.ts";

const flags = {
  verbose: {
    type: "count",
    alias: "v",
    describe: "More of everything: each pod, plugins, whole messages, ten backups",
  },
  watch: { type: "switch", alias: "w", describe: "Look again every two seconds, until Ctrl-C" },
  wait: { type: "switch", describe: "Wait until nothing fails any more, then show the status" },
  timeout: { type: "duration", value: "DURATION", describe: "With --wait: give up after this long (exit code 124)" },
} as const;

/** Milliseconds each probe may take; they run side by side. */
const probeLimit = 5000;
const pause = 2000;

interface Shown {
  readonly report: StatusReport;
  readonly verbose: boolean;
  /** Set when waiting for health ended without it. */
  readonly timedOut?: Failure;
}

export const command = defineCommand({
  flags,
  outputs: ["table", "wide", "json", "yaml"],
  mostOperands: 0,
  examples: [
    ["kubectl mkebackup status", "Whether backups work: exit code 0 = healthy, 3 = something fails"],
    ["kubectl mkebackup status -v", "With each pod, the plugins and the server's whole messages"],
    ["kubectl mkebackup status --wait --timeout 5m", "Wait for a cluster to become healthy, for five minutes"],
    ["kubectl mkebackup status --watch", "Keep looking"],
  ],
  async run(args, context): Promise<Shown> {
    const verbose = args.verbose > 0;
    if (!args.wait) return { verbose, report: await look(args, context, { askServer: !args.watch }) };
    let last: StatusReport | undefined;
    try {
      const report = await waitUntil(() => lookWhileWaiting(args, context), {
        until: ({ verdict }) => verdict === "Healthy",
        onLook: (seen) => {
          const failures = failuresOf(seen);
          if (failures !== "" && failures !== failuresOf(last)) context.tell(`Waiting: ${failures}`);
          last = seen;
        },
        onTrouble: (sentence) => context.tell(`Waiting: ${sentence}`),
        every: () => pause,
        limit: args.timeout,
        signal: context.signal,
        what: "backups to be healthy",
      });
      return { verbose, report };
    } catch (error) {
      if (last === undefined || !(error instanceof Failure) || error.kind !== "timeout") throw error;
      return { verbose, report: last, timedOut: error };
    }
  },
  async text({ report, verbose }, screen) {
    const { statusScreen } = await import("../output/views/status.ts");
    return statusScreen(report, screen, { verbose });
  },
  document: ({ report }) => statusDocument(report),
  verdict({ report, timedOut }) {
    if (timedOut !== undefined) return timedOut;
    // The screen has said it all.
    return report.verdict === "Degraded" ? new Failure("incomplete", "") : undefined;
  },
  repeatEvery: ({ watch }) => (watch ? pause : undefined),
});

/** One report. Throws when no status can be established at all. */
async function look(
  { verbose, watch, wait, output }: Values<typeof flags> & Operands,
  context: Context,
  { askServer }: { askServer: boolean },
): Promise<StatusReport> {
  const started = context.now();
  const cluster = await context.cluster();
  const velero = await context.velero();
  const asked = gather(cluster, {
    namespace: velero.name,
    named: velero.locations === undefined,
    // What was seen while looking for the namespace is old at the second look.
    locations: watch || wait ? undefined : velero.locations,
    signal: context.signal,
    now: context.now(),
    limit: probeLimit,
    askServer,
  });
  // What draws the screen is loaded while the cluster answers.
  const [facts] = await Promise.all([asked, isScreen(output) ? import("../output/views/status.ts") : undefined]);
  checkEstablished(facts);
  const took = context.now().getTime() - started.getTime();
  return reportOn(facts, { context: cluster.context, took, mostBackups: verbose > 0 ? 10 : 5 });
}

/** Asks the server itself only once everything else is well: each question leaves an object behind for minutes. */
async function lookWhileWaiting(args: Values<typeof flags> & Operands, context: Context): Promise<StatusReport> {
  const seen = await look(args, context, { askServer: false });
  return seen.verdict === "Healthy" ? look(args, context, { askServer: true }) : seen;
}

const isScreen = (output: OutputFormat): boolean => output === "table" || output === "wide";

const failuresOf = (report: StatusReport | undefined): string =>
  (report?.problems ?? [])
    .filter(({ severity }) => severity === "fail")
    .map(({ title }) => title)
    .join("; ");
