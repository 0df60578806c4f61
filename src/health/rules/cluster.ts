import type { Pod } from "../../core/resource.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand } from "../facts.ts";
import type { Schema } from "../probes/kinds.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { dateOf } from "../workload.ts";
import { areMissing } from "./node-agents.ts";

const minute = 60_000;
/** Finalizers take their time; this long they wait for something that does not come. */
const goingTakes = 10 * minute;
/** Below it nobody is misled: times are shown in minutes. */
const skewAllowed = minute;

const texts = {
  "api.unavailable": {
    severity: "warn",
    summary: "A part of the Kubernetes API does not answer",
    cause:
      "An aggregated API (APIService) points to a service that is gone or broken. Velero then cannot see its kinds, and backups of everything end PartiallyFailed or miss them.",
    remedy: "Repair the service, or delete the APIService when nothing uses it any more.",
    doc: pages.aggregation,
  },
  "api.outdated": {
    severity: "fail",
    summary: "Velero's definitions are older than its server",
    cause:
      "The server was updated and its CustomResourceDefinitions were not, as Helm does. What the server writes is refused or cut: phases, results, whole backups.",
    remedy: "Apply the definitions of the server's version (velero install --crds-only).",
    doc: pages.upgrade,
  },
  "namespace.terminating": {
    severity: "warn",
    summary: "A namespace does not finish being deleted",
    cause: "Something in it has a finalizer that nobody takes away, or an API that does not answer hides what is left.",
    remedy:
      "Its conditions name what is left. Velero cannot restore into it meanwhile, and backs up only a part of it.",
    doc: pages.namespaces,
  },
  "clock.skew": {
    severity: "warn",
    summary: "The clocks of this machine and of the cluster differ",
    cause: "One of them is not set by NTP.",
    remedy:
      "Set it. Ages and overdue runs shown here are wrong by as much, and from 15 minutes on stores refuse what this machine signs.",
    doc: pages.s3Errors,
  },
  "agents.absent": {
    severity: "warn",
    summary: "A node runs pods with volumes, but no node agent",
    cause: "The node agents' DaemonSet does not fit the node: a nodeSelector, or a taint that it does not tolerate.",
    remedy: "Let the DaemonSet run there too: file-system backups of volumes on that node fail.",
    doc: pages.fileSystemBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const clusterRules = defineFamily({
  title: "Kubernetes",
  rules: texts,
  judge: (facts) => [
    ...outdated(facts),
    ...unavailableApis(facts),
    ...terminating(facts),
    ...withoutAgent(facts),
    ...skew(facts),
  ],
});

function unavailableApis(facts: Facts): Found[] {
  const all = knownValue(facts.thorough?.apiServices);
  return (all ?? []).flatMap(({ metadata: { name }, status }): Found[] => {
    const available = status?.conditions?.find(({ type }) => type === "Available");
    if (available?.status !== "False") return [];
    const why = available.message ?? available.reason ?? "it gives no reason";
    return [
      {
        id: "api.unavailable",
        severity: "warn",
        about: ["backups"],
        title: `API ${name} does not answer`,
        evidence: say`Its APIService is not available: ${why.replace(/\.$/, "")}.`,
        next: `kubectl describe apiservice ${name}`,
      },
    ];
  });
}

/** The phases that came with a version: a definition without them is of an older one. */
const arrivals: readonly (readonly [minor: number, phase: string])[] = [
  [18, "Queued"],
  [11, "Finalizing"],
];

function outdated(facts: Facts): Found[] {
  const definition = knownValue(facts.thorough?.backupDefinition);
  const version = knownValue(facts.answer)?.serverVersion;
  const minor = Number(/^v1\.(\d+)/.exec(version ?? "")?.[1]);
  const phases = phasesIn(definition?.spec?.versions?.find(({ name }) => name === "v1")?.schema?.openAPIV3Schema);
  const missing = arrivals.find(([since, phase]) => minor >= since && phases !== undefined && !phases.includes(phase));
  if (missing === undefined) return [];
  return [
    {
      id: "api.outdated",
      severity: "fail",
      about: ["server"],
      title: "Velero's definitions are older than its server",
      evidence: say`The server is ${version ?? ""}, but the definition of backups does not know phase ${missing[1]}.`,
      next: "kubectl get crd backups.velero.io -o yaml",
    },
  ];
}

const phasesIn = (schema: Schema | undefined): readonly string[] | undefined =>
  schema?.properties?.["status"]?.properties?.["phase"]?.enum;

function terminating(facts: Facts): Found[] {
  const all = knownValue(facts.thorough?.namespaces);
  return (all ?? []).flatMap(({ metadata, status }): Found[] => {
    const since = dateOf(metadata.deletionTimestamp);
    if (since === undefined || facts.now.getTime() - since.getTime() < goingTakes) return [];
    const left = status?.conditions?.find(({ type, status: is }) => is === "True" && /Remaining|Failure/.test(type));
    const why = left?.message === undefined ? "" : ` ${left.message.replace(/\.$/, "")}.`;
    return [
      {
        id: "namespace.terminating",
        severity: "warn",
        about: ["restores"],
        title: `Namespace ${metadata.name} does not finish being deleted`,
        evidence: say`It was deleted ${since} and is still there.${why}`,
        next: `kubectl get namespace ${metadata.name} -o yaml`,
      },
    ];
  });
}

/** What a file-system backup would read. */
const hasVolumes = ({ metadata, spec }: Pod): boolean =>
  (spec?.volumes ?? []).some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined) ||
  metadata.annotations?.["backup.velero.io/backup-volumes"] !== undefined;

function withoutAgent(facts: Facts): Found[] {
  const agents = knownValue(facts.nodeAgents) ?? [];
  const pods = knownValue(facts.thorough?.runningPods);
  if (
    agents.length === 0 ||
    areMissing(facts) ||
    pods === undefined ||
    agents.some((agent) => agent.pods === undefined)
  )
    return [];
  const served = new Set(agents.flatMap((agent) => (agent.pods ?? []).map(({ node }) => node)));
  const held = pods.filter((pod) => hasVolumes(pod) && !served.has(pod.spec?.nodeName));
  const nodes = [...new Set(held.flatMap(({ spec }) => spec?.nodeName ?? []))];
  const [first] = held;
  if (first === undefined || nodes.length === 0) return [];
  return [
    {
      id: "agents.absent",
      severity: "warn",
      about: ["node-agents"],
      title:
        nodes.length === 1
          ? `Node ${nodes[0]} runs pods with volumes, but no node agent`
          : `${nodes.length} nodes run pods with volumes, but no node agent`,
      evidence: say`${named(nodes)}: ${held.length} pods with volumes, ${first.metadata.namespace ?? ""}/${first.metadata.name} for one. File-system backups of them fail.`,
      next: kubectl(facts, `get daemonset ${agents[0]?.name ?? ""} -o yaml`),
    },
  ];
}

function named(nodes: readonly string[]): string {
  const shown = nodes.slice(0, 3).join(", ");
  return nodes.length > 3 ? `${shown} and ${nodes.length - 3} more` : shown;
}

function skew(facts: Facts): Found[] {
  const processed = knownValue(facts.answer)?.processedTimestamp;
  const theirs = dateOf(processed);
  if (theirs === undefined) return [];
  const ahead = theirs.getTime() - facts.now.getTime();
  if (Math.abs(ahead) < skewAllowed) return [];
  return [
    {
      id: "clock.skew",
      severity: "warn",
      about: ["server"],
      title: "The clocks of this machine and of the cluster differ",
      evidence: say`The cluster's is ${Math.round(Math.abs(ahead) / 1000)} seconds ${ahead > 0 ? "ahead" : "behind"}.`,
      next: ownCommand(facts, "doctor --explain clock.skew"),
    },
  ];
}
