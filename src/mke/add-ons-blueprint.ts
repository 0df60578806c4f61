import { type KubeObject, type ResourceKind, resourceName } from "../core/resource.ts";
import { type AddOn, type AddOnState, serviceNamed } from "./add-on.ts";
import { textAt, timeOf } from "./at.ts";

/** Ready and Available are the same; a chart's resources are not waited for. */
const states: Readonly<Record<string, AddOnState>> = {
  Available: "ready",
  Ready: "ready",
  Progressing: "progressing",
  Degraded: "failed",
  Unhealthy: "failed",
};

/**
 * The Addon of Blueprint Operator, which keeps its state beside, not in conditions. Its `enabled` says nothing: the operator
 * leaves it false, and what is disabled has no Addon.
 */
export function blueprintAddOn(object: KubeObject, kind: ResourceKind): AddOn[] {
  const { name, namespace, creationTimestamp } = object.metadata;
  const chart = textAt(object, "spec", "chart", "name");
  const service = serviceNamed(name, textAt(object, "spec", "name"), chart);
  if (service === undefined) return [];
  const type = textAt(object, "status", "type");
  return [
    {
      era: "blueprint",
      kind: kind.kind,
      resource: resourceName(kind),
      namespace,
      name,
      service,
      release: { namespace: textAt(object, "spec", "namespace"), name: textAt(object, "spec", "name") ?? name },
      cluster: undefined,
      state: states[type ?? ""] ?? "unknown",
      reason: textAt(object, "status", "reason") ?? type,
      message: textAt(object, "status", "message"),
      since: timeOf(textAt(object, "status", "lastTransitionTime"), creationTimestamp),
      version: textAt(object, "spec", "chart", "version"),
      chart,
    },
  ];
}
