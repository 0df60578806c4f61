import { type KubeObject, type ResourceKind, resourceName } from "../core/resource.ts";
import { type AddOn, type AddOnState, serviceNamed } from "./add-on.ts";
import { at, listAt, textAt, timeOf } from "./at.ts";
import { type Condition, conditionsOf } from "./conditions.ts";
import { blueprintGroups } from "./served.ts";

/** blueprint-system, boundless-system */
const operatorNamespaces = blueprintGroups.map((group) => `${group.split(".")[0]}-system`);

/** A HelmRelease of Flux, in any version of it: MKE 4.0 makes one for each Addon that is a chart. */
export function helmRelease(object: KubeObject, kind: ResourceKind): AddOn[] {
  const { name, namespace, creationTimestamp } = object.metadata;
  const chart = textAt(object, "spec", "chart", "spec", "chart") ?? textAt(object, "spec", "chartRef", "name");
  const release = textAt(object, "spec", "releaseName");
  const service = serviceNamed(name, release, chart);
  if (service === undefined) return [];
  const { state, told } = stateOf(conditionsOf(object, "status", "conditions"));
  return [
    {
      era: operatorNamespaces.includes(namespace ?? "") ? "blueprint" : undefined,
      kind: kind.kind,
      resource: resourceName(kind),
      namespace,
      name,
      service,
      release: { namespace: textAt(object, "spec", "targetNamespace") ?? namespace, name: release ?? name },
      // A release through a kubeconfig goes to another cluster.
      cluster: textAt(object, "spec", "kubeConfig", "secretRef", "name"),
      state: at(object, "spec", "suspend") === true && state !== "failed" ? "unknown" : state,
      reason: told?.reason,
      message: told?.message,
      since: told?.since ?? timeOf(creationTimestamp),
      version:
        textAt(listAt(object, "status", "history")[0], "chartVersion") ??
        textAt(object, "status", "lastAppliedRevision") ??
        textAt(object, "spec", "chart", "spec", "version"),
      chart,
    },
  ];
}

function stateOf(conditions: readonly Condition[]): { state: AddOnState; told: Condition | undefined } {
  const [ready, released, stalled] = ["Ready", "Released", "Stalled"].map((type) =>
    conditions.find((condition) => condition.type === type),
  );
  // Released tells of the chart itself; Ready repeats it, and tells of what comes before and after.
  const failed = [released, ready].find(
    (condition) => condition?.status === "False" && /Failed$|Exceeded$/.test(condition.reason ?? ""),
  );
  if (failed !== undefined) return { state: "failed", told: failed };
  if (stalled?.status === "True") return { state: "failed", told: ready?.status === "False" ? ready : stalled };
  const told = ready ?? released;
  if (told === undefined) return { state: "unknown", told };
  return { state: told.status === "True" ? "ready" : "progressing", told };
}
