// Questions that users ask about themselves: created, answered, never stored.
import type { Authorization, User } from "./authorization.ts";
import { apiVersionOf, type ResourceType } from "./objects.ts";
import { badRequest, invalid } from "./status.ts";
import { timestamp } from "./store.ts";
import type { Answer } from "./verbs.ts";

const authorizationGroup = { group: "authorization.k8s.io", version: "v1", namespaced: false } as const;
const accessReviews: ResourceType = {
  ...authorizationGroup,
  plural: "selfsubjectaccessreviews",
  kind: "SelfSubjectAccessReview",
};
const rulesReviews: ResourceType = {
  ...authorizationGroup,
  plural: "selfsubjectrulesreviews",
  kind: "SelfSubjectRulesReview",
};
const subjectReviews: ResourceType = {
  group: "authentication.k8s.io",
  version: "v1",
  plural: "selfsubjectreviews",
  kind: "SelfSubjectReview",
  namespaced: false,
};

export const reviewTypes: readonly ResourceType[] = [accessReviews, rulesReviews, subjectReviews];

interface Review {
  readonly spec?: {
    readonly namespace?: string;
    readonly resourceAttributes?: Readonly<Record<string, string>>;
  };
}

/** The answer to a question about the user; undefined for every other type. */
export function reviewOf(
  type: ResourceType,
  authorization: Authorization,
  user: User,
  body: unknown,
): Answer | undefined {
  if (!reviewTypes.includes(type)) return undefined;
  const { spec = {} } = (body ?? {}) as Review;
  const head = { kind: type.kind, apiVersion: apiVersionOf(type), metadata: {} };
  if (type === subjectReviews) {
    const status = { userInfo: { username: user.name, groups: user.groups } };
    return { code: 201, body: { ...head, metadata: { creationTimestamp: timestamp() }, status } };
  }
  if (type === rulesReviews) {
    if (!spec.namespace) throw badRequest("no namespace on request");
    // The server leaves out what it was asked.
    return { code: 201, body: { ...head, spec: {}, status: rulesIn(authorization, user, spec.namespace) } };
  }
  const attributes = spec.resourceAttributes;
  if (attributes === undefined) {
    const message = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified";
    throw invalid(type, "", [{ reason: "FieldValueInvalid", field: "spec.resourceAttributes", message }]);
  }
  const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = attributes;
  const allowed = authorization.allows(user, {
    verb,
    type: { group, plural: resource },
    subresource,
    name,
    namespace: namespace === "" ? undefined : namespace,
  });
  return { code: 201, body: { ...head, spec, status: { allowed } } };
}

function rulesIn(authorization: Authorization, user: User, namespace: string): object {
  const rules = authorization.rulesOf(user, namespace);
  const resourceRules = rules
    .filter(({ resources }) => resources !== undefined)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, resourceNames }));
  const nonResourceRules = rules
    .filter(({ nonResourceURLs }) => nonResourceURLs !== undefined)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  return { resourceRules, nonResourceRules, incomplete: false };
}
