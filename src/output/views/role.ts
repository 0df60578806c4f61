import { isWithin, type RoleName } from "../../velero/rights.ts";
import { type GrantedRole, kindsOf, type RoleWish, roleObjects } from "../../velero/role-objects.ts";
import { verbRights } from "../../velero/verb-rights.ts";
import { wrap } from "../text.ts";
import { stringify } from "../yaml.ts";

const width = 100;

/** The manifest of a role, to read and to apply: every rule with the reason for it. */
export function roleManifest(wish: RoleWish, roles: readonly GrantedRole[]): string {
  return `${head(wish)}\n${roles.map((granted) => documentsOf(granted, wish)).join("\n---\n")}\n`;
}

function head({ role, namespace }: RoleWish): string {
  const verbs = verbRights.filter((verb) => isWithin(verb.role, role)).map(({ name }) => name);
  return [
    `The least that the ${role} of kubectl mkebackup needs, with Velero in namespace ${namespace}: ${verbs.join(", ")}.`,
    ...warnings[role],
  ]
    .map((text) => comment(text))
    .join("\n#\n");
}

const acting =
  "WARNING: whoever may create backups and restores acts with the rights of the Velero server, which are the cluster's: a restore can make any object, a role for oneself too. Whoever may make download requests can read everything in every backup, Secrets too.";
const warnings: Readonly<Record<RoleName, readonly string[]>> = {
  viewer: ["Nothing in a backup can be read with it, and nothing is changed."],
  operator: [
    acting,
    "While the server is down, files can be read with the keys of their location, which only the admin's role gives: whoever has them can also write to the store and delete what is in it.",
  ],
  admin: [
    acting,
    "Whoever has the keys of a location can write to its store and delete what is in it, past the Velero server.",
  ],
};

function documentsOf(granted: GrantedRole, wish: RoleWish): string {
  const [role = { metadata: { name: "" } }, ...bindings] = roleObjects(granted);
  const { rules: _, ...begin } = role as { rules?: unknown };
  const rules = granted.rules.map(
    ({ group, resources, verbs, why }) =>
      `${comment(why, "  # ")}\n  - apiGroups: [${group === "" ? '""' : group}]\n    resources: [${resources.join(", ")}]\n    verbs: [${verbs.join(", ")}]`,
  );
  const reason = reasonFor(granted, wish);
  const documents = [
    `${reason}${stringify(begin)}rules:\n${rules.join("\n")}`,
    ...bindings.map((one) => stringify(one).trimEnd()),
  ];
  return documents.join("\n---\n");
}

/** Why there is more than one role. */
function reasonFor(granted: GrantedRole, { namespace }: RoleWish): string {
  if (kindsOf(granted).role === "ClusterRole")
    return `${comment("What belongs to the whole cluster. Everything works without it, but for what doctor and restore then cannot see.")}\n`;
  if (granted.metadata.namespace === namespace) return "";
  return `${comment("Where MKE keeps its configuration. Leave it out where there is no MKE.")}\n`;
}

const comment = (text: string, mark = "# "): string =>
  wrap(text, width - mark.length)
    .map((line) => `${mark}${line}`)
    .join("\n");
