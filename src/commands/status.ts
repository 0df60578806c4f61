import { Failure } from "../core/failure.ts";
import { waitUntil } from "../core/wait.ts";
import { statusDocument } from "../health/document.ts";
import type { StatusReport } from "../health/report.ts";
import { type Context, defineCommand, type Operands, type Values } from "./command.ts";
import { ageFlag, reportOnHealth } from "./health-report.ts";

const flags = {
  verbose: {
    type: "count",
    alias: "v",
    describe: "More of everything: each pod, plugins, whole messages, ten backups",
  },
  watch: { type: "switch", alias: "w", describe: "Look again every two seconds, until Ctrl-C" },
  wait: { type: "switch", describe: "Wait until nothing fails any more, then show the status" },
  ...ageFlag,
  timeout: { type: "duration", value: "DURATION", describe: "With --wait: give up after this long (exit code 124)" },
} as const;

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
    if (!args.wait) return { verbose, report: await look(args, context, !args.watch) };
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

/** Asks the server itself only once everything else is well: each question leaves an object behind for minutes. */
async function lookWhileWaiting(args: Values<typeof flags> & Operands, context: Context): Promise<StatusReport> {
  const seen = await look(args, context, false);
  return seen.verdict === "Healthy" ? look(args, context, true) : seen;
}

function look(
  { verbose, watch, wait, output, "max-age": maxAge }: Values<typeof flags> & Operands,
  context: Context,
  askServer: boolean,
): Promise<StatusReport> {
  return reportOnHealth(context, {
    askServer,
    // What was seen while looking for the namespace is old at the second look.
    again: watch === true || wait === true,
    mostBackups: verbose > 0 ? 10 : 5,
    maxAge,
    // What draws the screen is loaded while the cluster answers.
    ...(output === "table" || output === "wide" ? { meanwhile: () => import("../output/views/status.ts") } : {}),
  });
}

const failuresOf = (report: StatusReport | undefined): string =>
  (report?.problems ?? [])
    .filter(({ severity }) => severity === "fail")
    .map(({ title }) => title)
    .join("; ");
