import { validationGoesStaleAfter } from "../../velero/server.ts";
import { absenceOf } from "../absence.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, serverLog } from "../facts.ts";
import { type Problem, type Sentence, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { dateOf, latest, type Restarts, restartsOf, troubleOf, unreadySince, type WorkloadState } from "../workload.ts";

const texts = {
  "server.missing": {
    severity: "fail",
    summary: "No Velero server runs",
    cause:
      "No Deployment in Velero's namespace is a Velero server, and nothing has checked the locations lately: it was removed, or it never was installed there.",
    remedy:
      "Look at what the namespace holds. Where MKE manages Velero, backup.enabled in its configuration brings it back; elsewhere install Velero again, the backups in the bucket are found again by themselves.",
    doc: pages.debuggingInstall,
  },
  "server.down": {
    severity: "fail",
    summary: "The Velero server is not running",
    cause:
      "The server's Deployment is scaled to 0, or its pod cannot start: an image that cannot be pulled, a node without room, a crash at start.",
    remedy:
      "Read why in the pod's events or in the log of the container that ended. Until it runs, nothing is backed up, restored, deleted or checked.",
    doc: pages.debuggingInstall,
  },
  "server.restarting": {
    severity: "warn",
    summary: "The Velero server keeps restarting",
    cause: "The server's container ended several times lately. A backup that runs at such a moment ends Failed.",
    remedy: "Read the log of the container before this one.",
    doc: pages.troubleshooting,
  },
  "server.memory": {
    severity: "warn",
    summary: "The Velero server ran out of memory",
    cause:
      "The kernel ended the server because it used more than its memory limit: many objects, large volumes by file system, or a small limit.",
    remedy:
      "Raise the memory limit of the server's container; where MKE manages it, through MKE, which takes back what is changed by hand.",
    doc: pages.troubleshooting,
  },
  "server.silent": {
    severity: "warn",
    summary: "The Velero server does not answer",
    cause:
      "It did not process a ServerStatusRequest in time, which a working server does within a second: it is overloaded, cut off from the API server, or hangs.",
    remedy: "Read its log.",
    doc: pages.troubleshooting,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const serverRules = defineFamily({ title: "Velero server", rules: texts, judge: (facts) => judgeServer(facts) });

function judgeServer(facts: Facts): Found[] {
  if (facts.server.state !== "known") return silent(facts);
  const server = facts.server.value;
  if (server === undefined) return serverIsDown(facts) && absenceOf(facts) === undefined ? [missing(facts)] : [];
  if (server.ready === 0) return [down(facts, server)];
  return [...restarting(facts, server), ...silent(facts)];
}

/** Known to be unable to do anything: what is late or stuck is only a consequence then. */
export function serverIsDown(facts: Facts): boolean {
  if (facts.server.state !== "known") return false;
  if (facts.server.value !== undefined) return facts.server.value.ready === 0;
  // A server outside the cluster has no Deployment here, but leaves traces of its work.
  const checked = lastValidation(facts);
  const isFresh = checked !== undefined && facts.now.getTime() - checked.getTime() < validationGoesStaleAfter;
  return facts.answer?.state !== "known" && !isFresh;
}

export const lastValidation = (facts: Facts): Date | undefined =>
  latest((knownValue(facts.locations) ?? []).map(({ status }) => dateOf(status?.lastValidationTime)));

function missing(facts: Facts): Found {
  const checked = lastValidation(facts);
  return {
    id: "server.missing",
    severity: "fail",
    about: ["server"],
    title: `No Velero server runs in namespace ${facts.namespace}`,
    evidence: say`No Deployment there is Velero's${checked === undefined ? "" : say`, and the locations were last checked ${checked}`}.`,
    next: kubectl(facts, "get deployments,pods"),
  };
}

function down(facts: Facts, server: WorkloadState): Found {
  const crashes = troubleOf(server) === "CrashLoopBackOff";
  return {
    id: "server.down",
    severity: "fail",
    about: ["server"],
    title: "The Velero server is not running",
    evidence: say`${notReady(server)}${lastLines(facts, server)}`,
    next: crashes ? kubectl(facts, `logs deployment/${server.name} -c velero --previous`) : nextForPods(facts, server),
  };
}

/** Why a workload has no ready pod, for the evidence of whatever depends on it. */
export function notReady(workload: WorkloadState, name = `${workload.kind} ${workload.name}`): Sentence {
  if (workload.wanted === 0) return say`${name} is scaled to 0.`;
  const trouble = troubleOf(workload);
  const since = unreadySince(workload);
  const why = trouble === undefined ? "" : ` (${trouble})`;
  const when = since === undefined ? "" : say` Its pod became unready ${since}.`;
  return say`${name} has ${workload.ready} of ${workload.wanted} pods ready${why}.${when}`;
}

/** The command that shows or ends it. */
export function nextForPods(facts: Facts, workload: WorkloadState): string {
  if (workload.wanted === 0) {
    // A distributed MinIO has four pods in its chart, and needs them all to agree.
    const replicas = workload.kind === "StatefulSet" ? 4 : 1;
    return kubectl(facts, `scale ${workload.kind.toLowerCase()} ${workload.name} --replicas=${replicas}`);
  }
  const broken = workload.pods?.find(({ ready }) => !ready);
  if (broken !== undefined) return kubectl(facts, `describe pod ${broken.name}`);
  if (workload.pods?.length === 0) return kubectl(facts, `describe ${workload.kind.toLowerCase()} ${workload.name}`);
  return kubectl(facts, `describe pods -l ${workload.selector}`);
}

function restarting(facts: Facts, server: WorkloadState): Found[] {
  const found = restartsOf(server, facts.now);
  if (found === undefined) return [];
  const { outOfMemory } = found;
  return [
    {
      id: outOfMemory ? "server.memory" : "server.restarting",
      severity: "warn",
      about: ["server"],
      title: outOfMemory ? "The Velero server ran out of memory" : "The Velero server keeps restarting",
      evidence: say`${restartsSaid(found, server)} A backup that runs then fails.${lastLines(facts, server)}`,
      next: outOfMemory
        ? nextForPods(facts, server)
        : kubectl(facts, `logs deployment/${server.name} -c velero --previous`),
    },
  ];
}

/** It restarted twice, last 3h ago (OOMKilled; its limit is 512Mi). */
export function restartsSaid({ count, last, reason, outOfMemory }: Restarts, { memoryLimit }: WorkloadState): Sentence {
  const times = count === 1 ? "once" : `${count} times`;
  const limit = !outOfMemory || memoryLimit === undefined ? "" : `; its memory limit is ${memoryLimit}`;
  return say`It restarted ${times}, last ${last} (${reason}${limit}).`;
}

/** What the container that ended wrote last, where it was looked at. */
export function lastLines({ thorough }: Facts, { pods = [] }: WorkloadState): string {
  const lines = pods.flatMap(({ name }) => {
    const fact = thorough?.lastLines.get(name);
    return knownValue(fact) ?? [];
  });
  const [last] = lines.slice(-1);
  return last === undefined ? "" : ` It last wrote: ${last.replace(/[\s.]+$/, "")}.`;
}

function silent(facts: Facts): Found[] {
  if (facts.answer?.state !== "timed out") return [];
  return [
    {
      id: "server.silent",
      severity: "warn",
      about: ["server"],
      title: "The Velero server does not answer",
      evidence: say`It did not process a ServerStatusRequest within ${facts.answer.milliseconds / 1000}s.`,
      next: serverLog(facts),
    },
  ];
}
