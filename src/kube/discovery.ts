/** A kind that the API server serves, as clients name it. */
export interface ServedKind {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** The version that the server prefers. */
  readonly version: string;
}

/** Asks for all groups in one document, which servers know since Kubernetes 1.27; older ones answer with another kind. */
export const discoveryMediaTypes = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat("application/json")
  .join(",");

/** The answer to that question. */
export interface DiscoveryDocument {
  readonly kind?: string;
  readonly items?: readonly {
    /** No name: the core group. */
    readonly metadata?: { readonly name?: string };
    /** The preferred one first. */
    readonly versions?: readonly { readonly version?: string; readonly resources?: readonly DiscoveredResource[] }[];
  }[];
}

interface DiscoveredResource {
  readonly resource: string;
  readonly responseKind?: { readonly kind?: string };
  readonly scope?: string;
  readonly verbs?: readonly string[];
}

/** The kinds in a discovery document, each once; none when the server is older than this way of asking. */
export function servedKinds({ kind, items }: DiscoveryDocument): ServedKind[] {
  if (kind !== "APIGroupDiscoveryList") return [];
  const all = (items ?? []).flatMap(({ metadata, versions }) =>
    (versions ?? []).flatMap(({ version = "", resources }) =>
      (resources ?? []).map((resource) => read(metadata?.name ?? "", version, resource)),
    ),
  );
  // Of several versions the preferred one stays, which is the first.
  const byName = Map.groupBy(all, ({ plural, group }) => `${plural}.${group}`);
  return [...byName.values()].flatMap((versions) => versions.slice(0, 1));
}

const read = (
  group: string,
  version: string,
  { resource, responseKind, scope, verbs }: DiscoveredResource,
): ServedKind => ({
  group,
  plural: resource,
  kind: responseKind?.kind ?? "",
  namespaced: scope !== "Cluster",
  verbs: verbs ?? [],
  version,
});
