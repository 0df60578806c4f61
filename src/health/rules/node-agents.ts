import { knownValue } from "../fact.ts";
import { type Facts, kubectl } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { finishedNewestFirst } from "../runs.ts";
import { restartsOf, troubleOf, type WorkloadState } from "../workload.ts";
import { lastLines, restartsSaid } from "./server.ts";

const texts = {
  "agents.missing": {
    severity: "fail",
    summary: "No node agents run, though volumes are to be backed up by file system",
    cause:
      "File-system backups of volumes are the work of the node agents, a DaemonSet that charts leave out by default.",
    remedy: "Deploy the node agents, or back volumes up by snapshots.",
    doc: pages.fileSystemBackup,
  },
  "agents.restarting": {
    severity: "warn",
    summary: "Node agents keep restarting, or one ran out of memory",
    cause:
      "A node agent's container ended several times lately, or the kernel ended it at its memory limit: large volumes with many files need much.",
    remedy: "Raise the memory limit of the DaemonSet, or read what it wrote before it ended.",
    doc: pages.fileSystemBackup,
  },
  "agents.down": {
    severity: "either",
    summary: "Node agents are not ready",
    cause: "A pod of the node agents' DaemonSet does not run. File-system backups of volumes on its node fail.",
    remedy: "Read why in the pod's events.",
    doc: pages.fileSystemBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const nodeAgentRules = defineFamily({
  title: "Node agents",
  rules: texts,
  judge: (facts) => judgeNodeAgents(facts),
});

function judgeNodeAgents(facts: Facts): Found[] {
  const agents = knownValue(facts.nodeAgents);
  if (agents === undefined) return [];
  if (runNowhere(facts)) return needed(facts);
  return agents.flatMap((agent) =>
    agent.ready < agent.wanted ? [notEverywhere(facts, agent)] : restarting(facts, agent),
  );
}

/** There are none, or no node fits them. */
const runNowhere = (facts: Facts): boolean => (knownValue(facts.nodeAgents) ?? []).every(({ wanted }) => wanted === 0);

/** Whether volumes are to be backed up, and no node agent anywhere would do it. */
export const areMissing = (facts: Facts): boolean =>
  facts.nodeAgents.state === "known" && runNowhere(facts) && needed(facts).length > 0;

/** Only file-system backups of volumes need them; a chart leaves them out by default. */
function needed(facts: Facts): Found[] {
  const schedule = (knownValue(facts.schedules) ?? []).find(({ spec }) => spec?.template?.defaultVolumesToFsBackup);
  const [newest] = finishedNewestFirst(knownValue(facts.backups) ?? []);
  const wants =
    schedule !== undefined
      ? `Schedule ${schedule.metadata.name}`
      : newest?.spec?.defaultVolumesToFsBackup
        ? `Backup ${newest.metadata.name}`
        : undefined;
  if (wants === undefined) return [];
  return [
    {
      id: "agents.missing",
      severity: "fail",
      about: ["node-agents"],
      title: "No node agents run, so volumes are not backed up",
      evidence: say`${wants} wants volumes backed up by file system, which is the node agents' work.`,
      next: kubectl(facts, "get daemonsets"),
    },
  ];
}

function restarting(facts: Facts, agent: WorkloadState): Found[] {
  const restarts = restartsOf(agent, facts.now);
  if (restarts === undefined) return [];
  const pod = agent.pods?.find(({ lastEnd }) => lastEnd !== undefined);
  return [
    {
      id: "agents.restarting",
      severity: "warn",
      about: ["node-agents"],
      title: restarts.outOfMemory ? "A node agent ran out of memory" : "Node agents keep restarting",
      evidence: say`${restartsSaid(restarts, agent)} Volumes that it copies then fail.${lastLines(facts, agent)}`,
      next: kubectl(facts, `describe pod ${pod?.name ?? ""}`.trim()),
    },
  ];
}

function notEverywhere(facts: Facts, agent: WorkloadState): Found {
  const nodes = (agent.pods ?? []).flatMap(({ ready, node }) => (ready || node === undefined ? [] : [node]));
  const named = nodes.length === 0 || nodes.length > 3 ? "" : ` on ${nodes.join(", ")}`;
  const trouble = troubleOf(agent);
  const broken = agent.pods?.find(({ ready }) => !ready);
  return {
    id: "agents.down",
    severity: agent.ready === 0 ? "fail" : "warn",
    about: ["node-agents"],
    title: agent.ready === 0 ? "No node agent is ready" : "Some node agents are not ready",
    evidence: say`${agent.wanted - agent.ready} of ${agent.wanted} are not ready${named}${trouble === undefined ? "" : ` (${trouble})`}. File-system backups of volumes there fail.${lastLines(facts, agent)}`,
    next: kubectl(facts, broken === undefined ? `describe daemonset ${agent.name}` : `describe pod ${broken.name}`),
  };
}
