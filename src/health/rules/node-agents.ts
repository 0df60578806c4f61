import { knownValue } from "../fact.ts";
import { type Facts, kubectl } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { finishedNewestFirst } from "../runs.ts";
import { troubleOf, type WorkloadState } from "../workload.ts";

export function judgeNodeAgents(facts: Facts): Problem[] {
  const agents = knownValue(facts.nodeAgents);
  if (agents === undefined) return [];
  if (agents.length === 0) return needed(facts);
  return agents.filter(({ ready, wanted }) => ready < wanted).map((agent) => notEverywhere(facts, agent));
}

/** Only file-system backups of volumes need them; a chart leaves them out by default. */
function needed(facts: Facts): Problem[] {
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

function notEverywhere(facts: Facts, agent: WorkloadState): Problem {
  const nodes = (agent.pods ?? []).flatMap(({ ready, node }) => (ready || node === undefined ? [] : [node]));
  const named = nodes.length === 0 || nodes.length > 3 ? "" : ` on ${nodes.join(", ")}`;
  const trouble = troubleOf(agent);
  const broken = agent.pods?.find(({ ready }) => !ready);
  return {
    id: "agents.down",
    severity: agent.ready === 0 ? "fail" : "warn",
    about: ["node-agents"],
    title: agent.ready === 0 ? "No node agent is ready" : "Some node agents are not ready",
    evidence: say`${agent.wanted - agent.ready} of ${agent.wanted} are not ready${named}${trouble === undefined ? "" : ` (${trouble})`}. File-system backups of volumes there fail.`,
    next: kubectl(facts, broken === undefined ? `describe daemonset ${agent.name}` : `describe pod ${broken.name}`),
  };
}
