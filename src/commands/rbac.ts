import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import type { KubeObject, ResourceKind } from "../core/resource.ts";
import { probeRights } from "../health/probes/rights.ts";
import type { Cluster } from "../kube/cluster.ts";
import { objectList } from "../output/printer.ts";
import { type RightsReport, refused, rightsView } from "../output/views/rights.ts";
import { roleManifest } from "../output/views/role.ts";
import { mkeNamespace } from "../velero/namespace.ts";
import { isWithin, type RoleName, roleNames } from "../velero/rights.ts";
import {
  type GrantedRole,
  grantedRoles,
  kindsOf,
  type RoleWish,
  roleObjects,
  type Subject,
} from "../velero/role-objects.ts";
import { verbRights } from "../velero/verb-rights.ts";
import { type Args, type Context, defineCommand, defineFlags } from "./command.ts";

type Result =
  | { readonly mode: "role"; readonly wish: RoleWish; readonly roles: readonly GrantedRole[] }
  | { readonly mode: "check"; readonly report: RightsReport };

const flags = defineFlags({
  role: {
    type: "text",
    choices: roleNames,
    default: "operator",
    value: "ROLE",
    describe: "viewer (reads only), operator (backups and restores too) or admin (locations and their keys too)",
  },
  name: { type: "text", value: "NAME", describe: "Name of the role (default: mkebackup-ROLE)" },
  user: { type: "list", whole: true, value: "USER", describe: "Give the role to this user, may be repeated" },
  group: { type: "list", whole: true, value: "GROUP", describe: "Give the role to this group, may be repeated" },
  "service-account": {
    type: "list",
    value: "NS:NAME",
    describe: "Give the role to this service account, may be repeated",
  },
  check: { type: "switch", describe: "Show which verbs the current user may use, and which rights are missing" },
});

export const command = defineCommand({
  flags,
  outputs: ["table", "wide", "json", "yaml", "name"],
  mostOperands: 0,
  examples: [
    [
      "kubectl mkebackup rbac --user jane -n mke",
      "What jane needs for backups and restores, to read before it is applied",
    ],
    [
      "kubectl mkebackup rbac --role viewer --group support -o json",
      "For kubectl apply -f -: a group that may only look",
    ],
    ["kubectl mkebackup rbac --check", "What this user may do; exit 3 when a verb of the operator is not allowed"],
  ],
  async run(args, context): Promise<Result> {
    const subjects = subjectsOf(args);
    const name = checkedName(args.name ?? `mkebackup-${args.role}`);
    if (!args.check) {
      const namespace = context.namedNamespace ?? (await context.velero()).name;
      const wish = { role: args.role, name, namespace, subjects };
      return { mode: "role", wish, roles: grantedRoles(wish) };
    }
    if (subjects.length > 0 || args.name !== undefined) {
      throw usageFailure(
        "--check is about the current user, who needs no --user, --group, --service-account or --name",
        "kubectl mkebackup rbac --check --as USER        (another user)",
      );
    }
    return { mode: "check", report: await check(args.role, context) };
  },
  text: (result, screen) =>
    result.mode === "role" ? roleManifest(result.wish, result.roles) : rightsView(result.report, screen),
  document: (result) => {
    if (result.mode === "role") return objectList(result.roles.flatMap(roleObjects));
    const { user, namespace, role, rights } = result.report;
    const named = user === undefined ? {} : { user };
    return { apiVersion: "mkebackup/v1", kind: "RightsReport", ...named, namespace, role, ...rights };
  },
  names: (result) =>
    result.mode === "check"
      ? result.report.rights.verbs.filter(({ allowed }) => allowed !== "none").map(({ name }) => name)
      : result.roles.flatMap((granted) => {
          const { role, binding } = kindsOf(granted);
          const kinds = granted.subjects.length > 0 ? [role, binding] : [role];
          return kinds.map((kind) => `${kind.toLowerCase()}.rbac.authorization.k8s.io/${granted.metadata.name}`);
        }),
  verdict: (result) => {
    if (result.mode === "role") return undefined;
    // The screen has said it all.
    return refused(result.report).length > 0 ? new Failure("incomplete", "") : undefined;
  },
});

function subjectsOf(args: Args<typeof flags>): Subject[] {
  const { user = [], group = [], "service-account": accounts = [] } = args;
  if ([...user, ...group].includes("")) throw usageFailure("--user and --group take a name, which is not empty");
  return [
    ...user.map((name) => ({ kind: "User", name }) as const),
    ...group.map((name) => ({ kind: "Group", name }) as const),
    ...accounts.map((word) => {
      const [namespace = "", name = "", ...more] = word.split(":");
      if (!isName(namespace) || !isName(name) || more.length > 0) {
        throw usageFailure(
          `--service-account ${word} is not NS:NAME, a namespace and a name`,
          "for example --service-account mke:backup-robot",
        );
      }
      return { kind: "ServiceAccount", namespace, name } as const;
    }),
  ];
}

const isName = (word: string): boolean => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(word) && word.length <= 253;

function checkedName(name: string): string {
  if (isName(name)) return name;
  throw usageFailure(`--name ${name} is no name for a role: it takes a-z, 0-9, - and .`);
}

async function check(role: RoleName, context: Context): Promise<RightsReport> {
  const cluster = await context.cluster();
  const { signal } = context;
  const asked = whoAmI(cluster, signal);
  asked.catch(() => undefined);
  const namespace = context.namedNamespace ?? (await veleroOrMke(context));
  const [rights, user] = await Promise.all([probeRights(cluster, { namespace, signal }), asked]);
  return {
    user,
    namespace,
    role,
    wanted: verbRights.filter((verb) => isWithin(verb.role, role)).map(({ name }) => name),
    rights,
    next: `kubectl mkebackup rbac${role === "operator" ? "" : ` --role ${role}`} ${subjectFlag(user)} -n ${namespace} | kubectl apply -f -`,
  };
}

/** Whoever has no rights yet cannot look for the namespace: MKE's is the likeliest. */
async function veleroOrMke(context: Context): Promise<string> {
  try {
    return (await context.velero()).name;
  } catch (error) {
    if (hasReason(error, "Forbidden")) return mkeNamespace;
    throw error;
  }
}

function subjectFlag(user: string | undefined): string {
  const account = /^system:serviceaccount:([^:]+:[^:]+)$/.exec(user ?? "")?.[1];
  if (account !== undefined) return `--service-account ${account}`;
  if (user === undefined) return "--user USER";
  return `--user ${/^[\w.@:/-]+$/.test(user) ? user : `'${user.replaceAll("'", "'\\''")}'`}`;
}

interface SubjectReview extends KubeObject {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}

/** Since Kubernetes 1.28. */
const subjectReviews: ResourceKind<SubjectReview> = {
  group: "authentication.k8s.io",
  version: "v1",
  plural: "selfsubjectreviews",
  kind: "SelfSubjectReview",
  clusterScoped: true,
};

/** The name by which the API server knows the user; undefined where it does not tell. */
async function whoAmI(cluster: Cluster, signal: AbortSignal): Promise<string | undefined> {
  try {
    const review = await cluster.create(subjectReviews, { metadata: { name: "" } } as SubjectReview, {
      fleeting: true,
      signal,
    });
    return review.status?.userInfo?.username;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
