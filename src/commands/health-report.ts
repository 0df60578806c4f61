import { hasReason } from "../core/failure.ts";
import { checkEstablished } from "../health/established.ts";
import { gather } from "../health/gather.ts";
import { reportOn, type StatusReport } from "../health/report.ts";
import { mkeNamespace } from "../velero/namespace.ts";
import { type Context, defineFlags } from "./command.ts";

export const ageFlag = defineFlags({
  "max-age": {
    type: "duration",
    value: "DURATION",
    describe: "How old the last good backup may be (25h with a schedule)",
  },
});

/** Milliseconds each probe may take; they run side by side. */
const probeLimit = 5000;

export interface HealthOptions {
  readonly askServer: boolean;
  /** Whether it looks again and again, so that what was seen while looking for the namespace is old. */
  readonly again?: boolean;
  readonly thorough?: boolean;
  readonly mostBackups: number;
  readonly maxAge: number | undefined;
  /** What can be loaded while the cluster answers. */
  meanwhile?(): Promise<unknown>;
}

/** One report. Throws when no status can be established at all. */
export async function reportOnHealth(context: Context, options: HealthOptions): Promise<StatusReport> {
  const started = context.now();
  const cluster = await context.cluster();
  const velero = await context.velero().catch((error: unknown) => {
    // A thorough look tells why there is none.
    if (options.thorough && (hasReason(error, "NoVelero") || hasReason(error, "NoSuchKind"))) return undefined;
    throw error;
  });
  const namespace = velero?.name ?? mkeNamespace;
  const asked = gather(cluster, {
    namespace,
    named: velero !== undefined && velero.locations === undefined,
    locations: options.again ? undefined : velero?.locations,
    signal: context.signal,
    now: context.now(),
    limit: probeLimit,
    askServer: options.askServer,
    thorough: options.thorough ?? false,
    maxAge: options.maxAge,
    askMinio: async (location, end) => {
      const { askMinio } = await import("./ask-minio.ts");
      return askMinio(context, location, end);
    },
    async openArchive(location) {
      const { openArchiveOf } = await import("./archives.ts");
      return openArchiveOf(context, cluster, {
        namespace,
        location: async () => location,
        prefer: "keys",
      });
    },
  });
  const [facts] = await Promise.all([asked, options.meanwhile?.()]);
  checkEstablished(facts);
  const took = context.now().getTime() - started.getTime();
  return reportOn(facts, { context: cluster.context, took, mostBackups: options.mostBackups });
}
