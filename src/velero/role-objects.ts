import type { KubeObject, ObjectMeta } from "../core/resource.ts";
import { mkeNamespace } from "./namespace.ts";
import { type RoleName, type RoleRule, rulesOf } from "./rights.ts";

export interface Subject {
  readonly kind: "User" | "Group" | "ServiceAccount";
  readonly name: string;
  /** Of a service account. */
  readonly namespace?: string;
}

export interface RoleWish {
  readonly role: RoleName;
  /** Of the Role; what belongs to other namespaces or to the cluster is named after it. */
  readonly name: string;
  /** The one Velero works in. */
  readonly namespace: string;
  readonly subjects: readonly Subject[];
}

/** A Role or ClusterRole, and who has it; undefined when nobody was named. */
export interface GrantedRole {
  readonly metadata: Pick<ObjectMeta, "name" | "namespace">;
  readonly rules: readonly RoleRule[];
  readonly subjects: readonly Subject[];
}

const rbac = "rbac.authorization.k8s.io";

/** One Role in Velero's namespace; one more where MKE keeps its configuration in another, and a ClusterRole, where they are needed. */
export function grantedRoles({ role, name, namespace, subjects }: RoleWish): GrantedRole[] {
  const rules = rulesOf(role);
  const inNamespace = rules.filter(
    ({ scope }) => scope === "namespace" || (scope === "mke" && namespace === mkeNamespace),
  );
  const inMke = rules.filter((rule) => rule.scope === "mke" && !inNamespace.includes(rule));
  const inCluster = rules.filter(({ scope }) => scope === "cluster");
  return [
    { metadata: { name, namespace }, rules: inNamespace, subjects },
    { metadata: { name: `${name}-config`, namespace: mkeNamespace }, rules: inMke, subjects },
    { metadata: { name }, rules: inCluster, subjects },
  ].filter((granted) => granted.rules.length > 0);
}

/** The kinds of a role and of what binds it. */
export const kindsOf = ({ metadata }: GrantedRole): { readonly role: string; readonly binding: string } =>
  metadata.namespace === undefined
    ? { role: "ClusterRole", binding: "ClusterRoleBinding" }
    : { role: "Role", binding: "RoleBinding" };

/** The API objects, as kubectl applies them. */
export function roleObjects(granted: GrantedRole): (KubeObject & Record<string, unknown>)[] {
  const { metadata, rules, subjects } = granted;
  const kinds = kindsOf(granted);
  const apiVersion = `${rbac}/v1`;
  const role = {
    apiVersion,
    kind: kinds.role,
    metadata,
    rules: rules.map(({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs })),
  };
  if (subjects.length === 0) return [role];
  const binding = {
    apiVersion,
    kind: kinds.binding,
    metadata,
    roleRef: { apiGroup: rbac, kind: kinds.role, name: metadata.name },
    subjects: subjects.map((subject) => (subject.kind === "ServiceAccount" ? subject : { ...subject, apiGroup: rbac })),
  };
  return [role, binding];
}
