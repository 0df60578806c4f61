import { type KubeObject, type ResourceKind, resourceName } from "../core/resource.ts";
import { type AddOn, type AddOnState, serviceNamed } from "./add-on.ts";
import { at, listAt, textAt, timeOf } from "./at.ts";
import { type Condition, conditionsOf } from "./conditions.ts";
import { mkeNamespace } from "./mke-config.ts";

/** k0rdent's words since KCM 1.3. */
const states: Readonly<Record<string, AddOnState>> = {
  Deployed: "ready",
  Provisioning: "progressing",
  Pending: "progressing",
  Deleting: "progressing",
  Failed: "failed",
};

interface Declared {
  readonly name: string;
  readonly namespace: string;
  readonly template: string | undefined;
  readonly version: string | undefined;
}

/**
 * The services of a ServiceSet, a MultiClusterService or a ClusterDeployment. Up to KCM 1.2 their state is a condition for
 * each release in one list for each cluster, from KCM 1.3 on an entry of its own.
 */
export function k0rdentServices(object: KubeObject, kind: ResourceKind): AddOn[] {
  return declaredIn(object).flatMap((declared): AddOn[] => {
    const { name, namespace, template } = declared;
    const service = serviceNamed(name, template);
    // Anybody's services are declared in such objects, and many a name has "backup" in it.
    if (service === undefined || (service === "backup" && namespace !== mkeNamespace)) return [];
    const common = {
      era: "k0rdent",
      kind: kind.kind,
      resource: resourceName(kind),
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      service,
      release: { namespace, name },
      chart: template,
    } as const;
    const told = toldOf(object, declared);
    if (told.length > 0) return told.map((each) => ({ ...common, ...each }));
    const since = timeOf(object.metadata.creationTimestamp);
    const nothing = { state: "unknown", reason: undefined, message: undefined, since } as const;
    return [{ ...common, ...nothing, version: declared.version, cluster: clusterOf(object) }];
  });
}

/** What is declared, and what has a state though it no longer is. */
function declaredIn(object: KubeObject): Declared[] {
  const all = [
    ...listAt(object, "spec", "serviceSpec", "services"),
    ...listAt(object, "spec", "services"),
    ...listAt(object, "status", "services").filter((service) => textAt(service, "name") !== undefined),
  ].flatMap((service): Declared[] => {
    const name = textAt(service, "name");
    if (name === undefined || at(service, "disable") === true) return [];
    return [
      {
        name,
        namespace: textAt(service, "namespace") ?? name,
        template: textAt(service, "template"),
        version: textAt(service, "version"),
      },
    ];
  });
  const released = listAt(object, "status", "services").flatMap((entry) =>
    conditionsOf(entry, "conditions").flatMap(({ type }): Declared[] => {
      const [, namespace, name] = /^([^./]+)\.(.+)\/SveltosHelmReleaseReady$/.exec(type) ?? [];
      return namespace === undefined || name === undefined
        ? []
        : [{ name, namespace, template: undefined, version: undefined }];
    }),
  );
  return [...Map.groupBy([...all, ...released], ({ name, namespace }) => `${namespace}/${name}`).values()].flatMap(
    (same) => same.slice(0, 1),
  );
}

type Told = Pick<AddOn, "state" | "reason" | "message" | "since" | "version" | "cluster">;

function toldOf(object: KubeObject, declared: Declared): Told[] {
  return listAt(object, "status", "services").flatMap((entry): Told[] => {
    if (textAt(entry, "name") === undefined) return fromConditions(object, entry, declared);
    const namespace = textAt(entry, "namespace") ?? textAt(entry, "name");
    if (textAt(entry, "name") !== declared.name || namespace !== declared.namespace) return [];
    const reason = textAt(entry, "state");
    return [
      {
        state: states[reason ?? ""] ?? "unknown",
        reason,
        message: textAt(entry, "failureMessage") ?? unhealthy(conditionsOf(entry, "conditions")),
        since: timeOf(textAt(entry, "lastStateTransitionTime")),
        version: textAt(entry, "version") ?? declared.version,
        cluster: clusterOf(object),
      },
    ];
  });
}

const unhealthy = (conditions: readonly Condition[]): string | undefined =>
  conditions.find(({ status, message }) => status === "False" && message !== undefined)?.message;

function fromConditions(object: KubeObject, entry: unknown, { name, namespace, version }: Declared): Told[] {
  const conditions = conditionsOf(entry, "conditions");
  const releases = conditions.filter(({ type }) => type.endsWith("/SveltosHelmReleaseReady"));
  const own = releases.find(({ type }) => type === `${namespace}.${name}/SveltosHelmReleaseReady`);
  const helm = conditions.find(({ type }) => type === "Helm");
  // It fails for all charts of a cluster together, so only its message tells whose fault it is.
  const isOurs = helm?.message !== undefined && new RegExp(`\\b${RegExp.escape(name)}\\b`).test(helm.message);
  const failed = [own, isOurs ? helm : undefined].find((condition) => condition?.status === "False");
  const told = failed ?? own;
  if (told === undefined) return [];
  const state = failed !== undefined ? "failed" : told.status === "True" ? "ready" : "progressing";
  const cluster = [textAt(entry, "clusterNamespace"), textAt(entry, "clusterName")].filter(Boolean).join("/");
  return [
    {
      state,
      reason: told.reason,
      message: told.message,
      since: told.since,
      version,
      cluster: cluster === managementCluster ? undefined : cluster || clusterOf(object),
    },
  ];
}

/** How Sveltos calls the cluster that it runs in. */
const managementCluster = "mgmt/mgmt";

/** Undefined where it is this cluster, or where nothing tells which it is. */
function clusterOf({ kind, metadata, spec }: KubeObject & { readonly spec?: unknown }): string | undefined {
  if (kind === "ClusterDeployment") return `${metadata.namespace ?? ""}/${metadata.name}`;
  const provider = at(spec, "provider") ?? at(spec, "serviceSpec", "provider");
  const target = textAt(spec, "cluster");
  if (at(provider, "selfManagement") === true || target === undefined) return undefined;
  return `${metadata.namespace ?? ""}/${target}`;
}
