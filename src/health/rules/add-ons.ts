import type { AddOn } from "../../mke/add-on.ts";
import { mkeNamespace } from "../../mke/mke-config.ts";
import { knownValue } from "../fact.ts";
import type { Facts } from "../facts.ts";
import { type Part, type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";

const texts = {
  "addon.failed": {
    severity: "warn",
    summary: "MKE could not install or update a service that backups need",
    cause:
      "MKE's controllers say so of Velero or MinIO: Blueprint Operator and Flux in 4.0, k0rdent from 4.1 on. What runs is what was installed before, if anything was; a change of mke4.yaml has not taken effect.",
    remedy:
      "Read the message: it is Helm's. Correct the configuration and apply it again with mkectl apply; MKE takes back what is changed by hand.",
    doc: pages.serviceStates,
  },
  "addon.progressing": {
    severity: "warn",
    summary: "MKE has not finished installing a service that backups need",
    cause:
      "For more than 15 minutes MKE's controllers have said that Velero or MinIO is being installed: they wait for another service, for an image, or hang.",
    remedy: "Look at the object's events and at the pods of the service.",
    doc: pages.serviceStates,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

const installingTakes = 15 * 60_000;
const longestMessage = 300;

export const addOnRules = defineFamily({
  title: "MKE's add-ons",
  rules: texts,
  judge(facts) {
    const addOns = knownValue(facts.addOns) ?? [];
    const byService = Map.groupBy(addOns.filter(concerns(facts)), ({ service, release, cluster = "" }) =>
      [service, release.name, cluster].join(" "),
    );
    return [...byService.values()].flatMap((told) => judgeService(facts, told));
  },
});

/** MinIO is no rare thing: one in another namespace than Velero's is an application's. */
const concerns =
  (facts: Facts) =>
  ({ service, release: { namespace } }: AddOn): boolean =>
    service === "velero" || namespace === undefined || namespace === mkeNamespace || namespace === facts.namespace;

/** Several objects tell of one service: a failure in one of them is what has to be told, once. */
function judgeService(facts: Facts, told: readonly AddOn[]): Found[] {
  const failed = told.find(({ state }) => state === "failed");
  if (failed !== undefined) return [finding("addon.failed", "failed", failed)];
  const slow = told.find(
    ({ state, since }) =>
      state === "progressing" && since !== undefined && facts.now.getTime() - since.getTime() > installingTakes,
  );
  return slow === undefined ? [] : [finding("addon.progressing", "is still being installed", slow)];
}

function finding(id: Found["id"], what: string, addOn: AddOn): Found {
  const { kind, resource, namespace, name, service, cluster, reason, message, since } = addOn;
  const place = cluster === undefined ? "" : ` of cluster ${cluster}`;
  const object = namespace === undefined ? name : `${namespace}/${name}`;
  const when = since === undefined ? "" : say`, since ${since}`;
  const text = message === undefined ? "" : `: ${shortened(message)}`;
  return {
    id,
    severity: "warn",
    about: [partOf(addOn)],
    title: `Add-on ${service}${place} ${what}`,
    evidence: say`${kind} ${object} says ${reason ?? "so"}${when}${text.replace(/\.$/, "")}.`,
    next: `kubectl ${namespace === undefined ? "" : `-n ${namespace} `}describe ${resource} ${name}`,
  };
}

/** Helm's messages quote whole manifests. */
function shortened(message: string): string {
  const [line = ""] = message.trim().split("\n");
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

const partOf = ({ service }: AddOn): Part => (service === "minio" ? "object-store" : "server");
