import type { KubeObject, ResourceKind } from "../core/resource.ts";
import type { ServedKind } from "../kube/discovery.ts";

/** Which controllers keep MKE's services, which its release decides: Blueprint Operator (4.0), k0rdent (from 4.1 on). */
export type Era = "blueprint" | "k0rdent";

export const mkeGroup = "mke.mirantis.com";
/** The first one is that of MKE 4.0, the other that of its first alpha. */
export const blueprintGroups = ["blueprint.mirantis.com", "boundless.mirantis.com"];
export const k0rdentGroup = "k0rdent.mirantis.com";

/** Decided by what is served: a version alone does not tell what an upgrade has left. */
export function eraOf(served: readonly ServedKind[]): Era | undefined {
  const serves = (group: string) => served.some((kind) => kind.group === group);
  if (serves(k0rdentGroup)) return "k0rdent";
  return blueprintGroups.some(serves) ? "blueprint" : undefined;
}

/** A kind in the version that the server prefers; undefined where it is not served, or cannot be listed. */
export function servedAs<T extends KubeObject>(
  served: readonly ServedKind[],
  group: string,
  kind: string,
): ResourceKind<T> | undefined {
  const found = served.find((each) => each.group === group && each.kind === kind && each.verbs.includes("list"));
  if (found === undefined) return undefined;
  const { version, plural, namespaced } = found;
  return { group, version, plural, kind, ...(namespaced ? {} : { clusterScoped: true }) };
}
