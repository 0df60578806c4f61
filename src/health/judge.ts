import type { Facts } from "./facts.ts";
import type { Problem } from "./problem.ts";
import { judgeConfiguration } from "./rules/configuration.ts";
import { judgeLocations } from "./rules/locations.ts";
import { judgeNodeAgents } from "./rules/node-agents.ts";
import { judgeObjectStore } from "./rules/object-store.ts";
import { judgeBackupResults, judgeRestoreResults } from "./rules/results.ts";
import { judgeRuns } from "./rules/runs.ts";
import { judgeSchedules } from "./rules/schedules.ts";
import { judgeServer } from "./rules/server.ts";

/** Every rule over the same facts; failures first, and among equals causes before what they cause. */
export function judge(facts: Facts): Problem[] {
  const problems = [
    ...judgeServer(facts),
    ...judgeLocations(facts),
    ...judgeObjectStore(facts),
    ...judgeNodeAgents(facts),
    ...judgeRuns(facts),
    ...judgeBackupResults(facts),
    ...judgeSchedules(facts),
    ...judgeRestoreResults(facts),
    ...judgeConfiguration(facts),
  ];
  return problems.toSorted((a, b) => Number(a.severity !== "fail") - Number(b.severity !== "fail"));
}
