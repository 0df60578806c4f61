import { roleRules } from "./role-rules.ts";

export const roleNames = ["viewer", "operator", "admin"] as const;
/** Each may do what those before it may. */
export type RoleName = (typeof roleNames)[number];

/** Where a right is needed: the namespace Velero works in, the one MKE keeps its configuration in, or the whole cluster. */
export type Scope = "namespace" | "mke" | "cluster";

/** One rule of a role. */
export interface RoleRule {
  /** The least role that has it. */
  readonly role: RoleName;
  readonly scope: Scope;
  readonly group: string;
  /** With the subresource: pods/log. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly why: string;
}

/** One thing that somebody may do to one resource. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly scope: Scope;
  /** The least role that has it. */
  readonly role: RoleName;
  readonly why: string;
}

/** What a verb of the plugin needs. */
export interface VerbRights {
  /** Its words: create, location create. */
  readonly name: string;
  /** The least role that can use it. */
  readonly role: RoleName;
  /** Without any of these it does not work at all. */
  readonly required: readonly Right[];
  /** Without these it shows or does less. */
  readonly optional: readonly Right[];
}

/** The rules of a role, and of the lesser ones. */
export const rulesOf = (role: RoleName): RoleRule[] => roleRules.filter((rule) => isWithin(rule.role, role));

/** Whether whoever has `role` has what `least` has. */
export const isWithin = (least: RoleName, role: RoleName): boolean =>
  roleNames.indexOf(least) <= roleNames.indexOf(role);

/** create backups.velero.io: how kubectl names a right. */
export function rightName({ verb, group, resource, scope }: Right): string {
  const [plural = "", sub] = resource.split("/");
  const name = `${plural}${group === "" ? "" : `.${group}`}${sub === undefined ? "" : `/${sub}`}`;
  return `${verb} ${name}${scope === "cluster" && plural === "pods" ? " --all-namespaces" : ""}`;
}

/** The rights behind words such as "list pods". Throws for one that no role has. */
export function rightsNamed(words: readonly string[], cluster = false): Right[] {
  return words.map((word) => {
    const [verb = "", resource = ""] = word.split(" ");
    const rule = roleRules.find(
      ({ resources, verbs, scope }) =>
        resources.includes(resource) && verbs.includes(verb) && (scope === "cluster") === cluster,
    );
    if (rule === undefined) throw new Error(`no role may ${word}`);
    const { group, scope, role, why } = rule;
    return { verb, group, resource, scope, role, why };
  });
}
