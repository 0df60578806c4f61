// Who asks, and whether they may: client certificates and service account tokens, RBAC from the stored objects.
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { impersonation } from "./impersonation.ts";
import {
  clusterRoleBindings,
  clusterRoles,
  type KubernetesObject,
  type PolicyRule,
  type ResourceType,
  type RoleBinding,
  roleBindings,
  roles,
  serviceAccounts,
} from "./objects.ts";
import { forbidden, StatusError, unauthorized } from "./status.ts";
import { type Store, timestamp } from "./store.ts";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ResourceAttributes {
  readonly verb: string;
  readonly type: Pick<ResourceType, "group" | "plural">;
  readonly subresource: string;
  /** Undefined: the whole cluster. */
  readonly namespace: string | undefined;
  readonly name: string;
}

const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** What everybody who is known to the API server may do in a real cluster (system:discovery, system:basic-user). */
const everybody: readonly PolicyRule[] = [
  {
    verbs: ["get"],
    nonResourceURLs: [
      "/api",
      "/api/*",
      "/apis",
      "/apis/*",
      "/openapi",
      "/openapi/*",
      "/version",
      "/version/",
      "/healthz",
      "/livez",
      "/readyz",
    ],
  },
  {
    verbs: ["create"],
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
  },
  { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
];
const strangers = ["/version", "/version/", "/healthz", "/livez", "/readyz"];

const has = (list: readonly string[] | undefined, value: string) =>
  list !== undefined && (list.includes("*") || list.includes(value));

function ruleAllows(rule: PolicyRule, { verb, type, subresource, name }: ResourceAttributes): boolean {
  const resource = subresource === "" ? type.plural : `${type.plural}/${subresource}`;
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, type.group) &&
    (has(rule.resources, resource) || (subresource !== "" && has(rule.resources, `*/${subresource}`))) &&
    (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

function pathAllowed(rule: PolicyRule, path: string): boolean {
  const matches = (url: string) =>
    url === path || url === "*" || (url.endsWith("*") && path.startsWith(url.slice(0, -1)));
  return has(rule.verbs, "get") && (rule.nonResourceURLs ?? []).some(matches);
}

/** Knows the users of one cluster. */
export class Authorization {
  readonly #store: Store;
  readonly #tokens = new Map<string, { namespace: string; name: string; uid: string | undefined }>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The user behind a request, or the one that may be impersonated with it: 401 for a token nobody knows. */
  authenticate({ headers, headersDistinct, socket }: IncomingMessage): User {
    const user = this.#credentials(headers.authorization, socket);
    const asked = impersonation(headers, headersDistinct);
    if (asked === undefined) return user;
    for (const { type, subresource, namespace, name } of asked.needs) {
      const attributes = { verb: "impersonate", type, subresource, namespace, name };
      this.authorize(user, type, attributes);
    }
    return asked.user;
  }

  /** A TokenRequest's answer for the service account. */
  issueToken({ metadata }: KubernetesObject): object {
    const token = `eyJhbGciOiJSUzI1NiJ9.${randomBytes(60).toString("base64url")}.${randomBytes(60).toString("base64url")}`;
    this.#tokens.set(token, { namespace: metadata.namespace ?? "", name: metadata.name, uid: metadata.uid });
    const expirationSeconds = 3600;
    return {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name: metadata.name, namespace: metadata.namespace, creationTimestamp: timestamp() },
      spec: { audiences: ["https://kubernetes.default.svc.cluster.local"], expirationSeconds, boundObjectRef: null },
      status: { token, expirationTimestamp: timestamp(new Date(Date.now() + expirationSeconds * 1000)) },
    };
  }

  /** Throws the API server's 403 when the user may not do that. */
  authorize(user: User, type: Pick<ResourceType, "group" | "plural">, attributes: ResourceAttributes): void {
    if (this.allows(user, attributes)) return;
    const { verb, subresource, namespace, name } = attributes;
    const resource = subresource === "" ? type.plural : `${type.plural}/${subresource}`;
    const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
    const what = `cannot ${verb} resource "${resource}" in API group "${type.group}" ${where}`;
    throw forbidden(type, name, `User "${user.name}" ${what}`);
  }

  authorizePath(user: User, path: string): void {
    const allowed =
      user.groups.includes("system:masters") ||
      strangers.includes(path) ||
      this.#rules(user, undefined).some((rule) => pathAllowed(rule, path));
    if (allowed) return;
    throw new StatusError(403, "Forbidden", `forbidden: User "${user.name}" cannot get path "${path}"`, {});
  }

  allows(user: User, attributes: ResourceAttributes): boolean {
    return (
      user.groups.includes("system:masters") ||
      this.#rules(user, attributes.namespace).some((rule) => ruleAllows(rule, attributes))
    );
  }

  /** What a SelfSubjectRulesReview tells: the user's rules there, and those for the whole cluster. */
  rulesOf(user: User, namespace: string): PolicyRule[] {
    return this.#rules(user, namespace);
  }

  #credentials(authorization: string | undefined, socket: unknown): User {
    if (socket instanceof TLSSocket && socket.authorized) {
      const { CN, O } = socket.getPeerCertificate().subject;
      return { name: String(CN), groups: [...[O ?? []].flat(), "system:authenticated"] };
    }
    if (authorization === undefined) return anonymous;
    const account = this.#tokens.get(authorization.replace(/^Bearer /i, ""));
    if (account === undefined) throw unauthorized();
    const { namespace, name, uid } = account;
    if (this.#store.get(serviceAccounts, namespace, name)?.metadata.uid !== uid) throw unauthorized();
    return {
      name: `system:serviceaccount:${namespace}:${name}`,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
    };
  }

  #rules(user: User, namespace: string | undefined): PolicyRule[] {
    const bindings: RoleBinding[] = [
      ...this.#store.list(clusterRoleBindings),
      ...(namespace === undefined ? [] : this.#store.list(roleBindings, namespace)),
    ];
    const granted = bindings.filter(({ subjects = [], metadata }) =>
      subjects.some(({ kind, name, namespace: accountNamespace = metadata.namespace }) =>
        kind === "Group"
          ? user.groups.includes(name)
          : user.name === (kind === "User" ? name : `system:serviceaccount:${accountNamespace}:${name}`),
      ),
    );
    const rules = granted.flatMap(({ roleRef, metadata }) => {
      const role =
        roleRef.kind === "ClusterRole"
          ? this.#store.get(clusterRoles, undefined, roleRef.name)
          : this.#store.get(roles, metadata.namespace, roleRef.name);
      return role?.rules ?? [];
    });
    return user.groups.includes("system:authenticated") ? [...everybody, ...rules] : rules;
  }
}
