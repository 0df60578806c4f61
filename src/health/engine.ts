import { timestamp } from "../core/timestamp.ts";
import type { AddOn } from "../mke/add-on.ts";
import type { EngineFound } from "../mke/engine.ts";
import { declaredIn, type EngineKind, engineKind, engineSentences } from "../mke/engine-words.ts";
import { knownValue } from "./fact.ts";
import type { Facts } from "./facts.ts";

/** What takes backups in the cluster, and what MKE's controllers say about its parts. */
export interface EngineReport {
  readonly kind: EngineKind;
  readonly mkeVersion: string | undefined;
  readonly found: EngineFound;
  readonly addOns: readonly AddOn[];
  /** What it is, and what this program can and cannot do with it. */
  readonly sentences: readonly string[];
}

export function engineReport(facts: Facts): EngineReport | undefined {
  const found = knownValue(facts.engine);
  if (found === undefined) return undefined;
  const configuration = knownValue(facts.configuration);
  return {
    kind: engineKind(found, configuration),
    mkeVersion: declaredIn(configuration)?.mkeVersion,
    found,
    addOns: knownValue(facts.addOns) ?? [],
    sentences: engineSentences(found, configuration),
  };
}

/** For programs: raw values and RFC 3339 times. */
export function engineEntry({ kind, mkeVersion, found: { era, veleros, native }, addOns }: EngineReport): object {
  return {
    kind,
    mkeVersion,
    era,
    veleros: veleros.map(({ namespace, server, locations }) => ({
      namespace,
      server,
      locations: locations.map(({ name }) => name),
    })),
    native: native && {
      count: native.count,
      failed: native.failed,
      newest: native.newest && { ...native.newest, created: native.newest.created && timestamp(native.newest.created) },
    },
    addOns: addOns.map(({ since, ...addOn }) => ({ ...addOn, since: since && timestamp(since) })),
  };
}
