import { Failure } from "../../core/failure.ts";
import type { KubeObject, ResourceKind } from "../../core/resource.ts";
import { sideBySide } from "../../core/side-by-side.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { mkeNamespace } from "../../velero/namespace.ts";
import { type Right, rightName, type Scope } from "../../velero/rights.ts";
import { verbRights } from "../../velero/verb-rights.ts";

/** What the user may do with this plugin. */
export interface RightsFound {
  /** False when the server could not say everything: what is missing may be allowed all the same. */
  readonly complete: boolean;
  readonly verbs: readonly {
    readonly name: string;
    /** `some`: it works, and shows or does less than it could. */
    readonly allowed: "all" | "some" | "none";
    /** create backups.velero.io */
    readonly missing: readonly string[];
    /** Those of the missing without which it does not work at all. */
    readonly blocking: readonly string[];
  }[];
}

/** A rule as the API server tells it. */
export interface ResourceRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface RulesReview extends KubeObject {
  readonly spec: { readonly namespace: string };
  readonly status?: { readonly incomplete?: boolean; readonly resourceRules?: readonly ResourceRule[] };
}

interface AccessReview extends KubeObject {
  readonly spec: { readonly resourceAttributes: Readonly<Record<string, string>> };
  readonly status?: { readonly allowed?: boolean };
}

const reviews = { group: "authorization.k8s.io", version: "v1", clusterScoped: true } as const;
export const rulesReviews: ResourceKind<RulesReview> = {
  ...reviews,
  plural: "selfsubjectrulesreviews",
  kind: "SelfSubjectRulesReview",
};
const accessReviews: ResourceKind<AccessReview> = {
  ...reviews,
  plural: "selfsubjectaccessreviews",
  kind: "SelfSubjectAccessReview",
};

/** The rules that count for each scope. */
export type RulesByScope = Readonly<Record<Scope, readonly ResourceRule[]>>;

/** No namespace can have this name, so what holds there holds in the whole cluster. */
const nowhere = "-";
/** Questions asked side by side where the rules are not told. */
const mostAtOnce = 12;

interface ProbeOptions {
  /** The one Velero works in. */
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** Asks the API server what this user may do: one round trip, or a question for each right where it does not tell its rules. */
export async function probeRights(cluster: Cluster, { namespace, signal }: ProbeOptions): Promise<RightsFound> {
  const ask = async (where: string) => {
    const review: RulesReview = { metadata: { name: "" }, spec: { namespace: where } };
    const { status = {} } = await cluster.create(rulesReviews, review, { fleeting: true, signal });
    return { incomplete: status.incomplete === true, rules: status.resourceRules ?? [] };
  };
  const own = ask(namespace);
  const [ofNamespace, ofMke, ofCluster] = await Promise.all([
    own,
    namespace === mkeNamespace ? own : ask(mkeNamespace),
    ask(nowhere),
  ]);
  const rules: RulesByScope = { namespace: ofNamespace.rules, mke: ofMke.rules, cluster: ofCluster.rules };
  const missing = missingRights(rules);
  if (![ofNamespace, ofMke, ofCluster].some(({ incomplete }) => incomplete)) return found(missing, true);
  const places: Readonly<Record<Scope, string>> = { namespace, mke: mkeNamespace, cluster: "" };
  return askEach(cluster, missing, places, signal);
}

/** Which rights each verb lacks under these rules. */
export function missingRights(rules: RulesByScope): { verb: string; missing: Right[] }[] {
  return verbRights.map(({ name, required, optional }) => ({
    verb: name,
    missing: [...required, ...optional].filter((right) => !rules[right.scope].some((rule) => allows(rule, right))),
  }));
}

const has = (list: readonly string[] = [], word: string): boolean => list.includes(word) || list.includes("*");

function allows({ verbs, apiGroups, resources, resourceNames = [] }: ResourceRule, right: Right): boolean {
  const [, sub] = right.resource.split("/");
  const isNamed = has(resources, right.resource) || (sub !== undefined && has(resources, `*/${sub}`));
  // What holds for some objects only is not what a verb needs, which may be about any.
  return has(verbs, right.verb) && has(apiGroups, right.group) && isNamed && resourceNames.length === 0;
}

async function askEach(
  cluster: Cluster,
  unproven: readonly { verb: string; missing: readonly Right[] }[],
  places: Readonly<Record<Scope, string>>,
  signal: AbortSignal,
): Promise<RightsFound> {
  const asked = new Map(unproven.flatMap(({ missing }) => missing).map((right) => [keyOf(right), right]));
  const answers = await sideBySide([...asked], mostAtOnce, async ([key, right]) => {
    const allowed = await mayUse(cluster, right, places[right.scope], signal);
    return [key, allowed] as const;
  });
  const known = new Map(answers);
  const missing = unproven.map(({ verb, missing: rights }) => ({
    verb,
    missing: rights.filter((right) => known.get(keyOf(right)) !== true),
  }));
  return found(
    missing,
    answers.every(([, allowed]) => allowed !== undefined),
  );
}

const keyOf = ({ verb, group, resource, scope }: Right): string => [scope, group, resource, verb].join(" ");

/** Undefined when the server does not say. */
async function mayUse(
  cluster: Cluster,
  { verb, group, resource, scope }: Right,
  place: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const [plural = "", subresource = ""] = resource.split("/");
  const namespace = scope === "cluster" ? {} : { namespace: place };
  const attributes = { ...namespace, verb, group, resource: plural, subresource };
  const review: AccessReview = { metadata: { name: "" }, spec: { resourceAttributes: attributes } };
  try {
    return (await cluster.create(accessReviews, review, { fleeting: true, signal })).status?.allowed === true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function found(lacking: readonly { verb: string; missing: readonly Right[] }[], complete: boolean): RightsFound {
  const verbs = lacking.map(({ verb: name, missing }) => {
    const required = verbRights.find((one) => one.name === name)?.required ?? [];
    const blocking = missing.filter((right) => required.includes(right));
    const allowed = blocking.length > 0 ? "none" : missing.length > 0 ? "some" : "all";
    return { name, allowed, missing: namesOf(missing), blocking: namesOf(blocking) } as const;
  });
  return { complete, verbs };
}

const namesOf = (rights: readonly Right[]): string[] => [...new Set(rights.map(rightName))];
