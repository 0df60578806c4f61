import { isUsable, k0rdentNamespace, type VeleroFound } from "../mke/engine.ts";
import { bringsVelero, declaredIn, isNative } from "../mke/engine-words.ts";
import { mkeNamespace } from "../mke/mke-config.ts";
import { validationGoesStaleAfter } from "../velero/server.ts";
import { knownValue } from "./fact.ts";
import type { Facts } from "./facts.ts";

/**
 * Why no Velero works where one is looked for, when that is more than a server that is gone: MKE does not install what it
 * declares; does not bring Velero any more; backups are MKE's own, or k0rdent's; what is there was left behind; MKE was told
 * to switch it off; there never was one.
 */
export type Absence = "absent" | "not-bundled" | "native" | "foreign" | "left-behind" | "disabled" | "none";

/** Undefined where a Velero works, where one merely lost its server, and where too little was seen to tell. */
export function absenceOf(facts: Facts): Absence | undefined {
  const engine = knownValue(facts.engine);
  if (engine === undefined || facts.server.state !== "known" || facts.server.value !== undefined) return undefined;
  const own = engine.veleros.find(({ namespace }) => namespace === facts.namespace);
  if (facts.answer?.state === "known" || own?.server !== undefined || isLookedAt(facts, own)) return undefined;
  const others = engine.veleros.filter((velero) => velero !== own);
  const declared = declaredIn(knownValue(facts.configuration));
  if (own !== undefined) {
    const isOver = facts.namespace === mkeNamespace && bringsVelero(declared?.mkeVersion) === false;
    return isOver || others.some(isUsable) ? "left-behind" : undefined;
  }
  // Somewhere else there is one, perhaps where nobody could look.
  if (others.some(isUsable) || engine.unseen.length > 0) return undefined;
  if (declared?.engine === "velero") {
    if (declared.enabled === false) return "disabled";
    return bringsVelero(declared.mkeVersion) === false ? "not-bundled" : "absent";
  }
  // Without a look at the configuration nobody knows what is meant to be here.
  if (facts.configuration.state === "forbidden" || facts.configuration.state === "timed out") return undefined;
  if (isNative(engine, declared)) return "native";
  return others.some(({ namespace, server }) => namespace === k0rdentNamespace && server !== undefined)
    ? "foreign"
    : "none";
}

/** A server outside the cluster has no Deployment here, but leaves traces of its work. */
const isLookedAt = ({ now }: Facts, velero: VeleroFound | undefined): boolean =>
  (velero?.locations ?? []).some(
    ({ lastValidation }) =>
      lastValidation !== undefined && now.getTime() - lastValidation.getTime() < validationGoesStaleAfter,
  );
