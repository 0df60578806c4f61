import { Failure, hasReason } from "../core/failure.ts";
import { absenceOf } from "./absence.ts";
import type { Unseen } from "./fact.ts";
import type { Facts } from "./facts.ts";

/** Throws when the facts hold no status at all: no Velero there, nothing to be seen, nobody who answers. */
export function checkEstablished(facts: Facts): void {
  // Why there is none says more than that there is none.
  if (absenceOf(facts) !== undefined) return;
  const { locations, server, nodeAgents, backups, restores, schedules, namespace } = facts;
  const looked = [locations, backups, restores, schedules, server, nodeAgents];
  const unseen = looked.filter((fact) => fact.state !== "known");
  const missing = unseen.find((fact) => fact.state === "failed" && hasReason(fact.failure, "NoSuchKind"));
  if (missing?.state === "failed" && missing.failure !== undefined) throw missing.failure;
  if (unseen.length === looked.length) throw nothingSeen(unseen, namespace);
  const isEmpty = locations.state === "known" && locations.value.length === 0;
  if (isEmpty && server.state === "known" && server.value === undefined) {
    throw new Failure("failed", `no Velero found in namespace ${namespace}: it holds no server and no location`, {
      next: ["kubectl get backupstoragelocations.velero.io --all-namespaces"],
    });
  }
}

function nothingSeen(unseen: readonly Unseen[], namespace: string): Failure {
  const failed = unseen.find((fact) => fact.state === "failed");
  if (failed?.failure !== undefined) return failed.failure;
  if (failed !== undefined) return new Failure("failed", failed.sentence);
  const late = unseen.find((fact) => fact.state === "timed out");
  if (late !== undefined) {
    return new Failure("failed", `the cluster did not answer within ${late.milliseconds / 1000}s`, {
      reason: "Unreachable",
      next: ["kubectl get --raw /readyz"],
    });
  }
  const rights = unseen.flatMap((fact) => (fact.state === "forbidden" ? [fact.sentence] : []));
  return new Failure("failed", `no permission to see anything of Velero in namespace ${namespace}`, {
    reason: "Forbidden",
    next: [`ask for a Role that allows: ${[...new Set(rights)].join(", ")}`],
  });
}
