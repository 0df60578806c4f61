// The documents by which clients find out what the API server serves.
import {
  apiVersionOf,
  type CustomResourceDefinition,
  customResourceDefinitions,
  type ResourceType,
} from "./objects.ts";
import { noSuchResource } from "./status.ts";
import type { Store } from "./store.ts";

const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
/** A question that is answered can only be asked. */
const verbsOf = ({ plural }: ResourceType): string[] => (/^selfsubject\w*reviews$/.test(plural) ? ["create"] : verbs);

const subresources: Readonly<Record<string, readonly { name: string; kind: string; verbs: string[] }[]>> = {
  pods: [
    { name: "log", kind: "Pod", verbs: ["get"] },
    { name: "portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"] },
  ],
  deployments: [{ name: "scale", kind: "Scale", verbs: ["get", "patch", "update"] }],
  serviceaccounts: [{ name: "token", kind: "TokenRequest", verbs: ["create"] }],
};

function typesOf({ spec }: CustomResourceDefinition): ResourceType[] {
  return spec.versions
    .filter(({ served }) => served)
    .map(({ name, schema }) => ({
      group: spec.group,
      version: name,
      plural: spec.names.plural,
      kind: spec.names.kind,
      namespaced: spec.scope === "Namespaced",
      shortNames: spec.names.shortNames ?? [],
      custom: { schema: schema.openAPIV3Schema },
    }));
}

/** Every kind served now: the built-in ones and those of the stored CustomResourceDefinitions. */
export function servedTypes(store: Store, builtIn: readonly ResourceType[]): ResourceType[] {
  return [...builtIn, ...store.list(customResourceDefinitions).flatMap(typesOf)];
}

function resourceList(types: readonly ResourceType[], groupVersion: string): object {
  const resources = types.flatMap((type) => [
    {
      name: type.plural,
      singularName: type.kind.toLowerCase(),
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: verbsOf(type),
      ...(type.shortNames?.length ? { shortNames: type.shortNames } : {}),
    },
    ...(subresources[type.plural] ?? []).map(({ name, kind, verbs: allowed }) => ({
      name: `${type.plural}/${name}`,
      singularName: "",
      namespaced: true,
      kind,
      verbs: allowed,
    })),
  ]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

function group(name: string, types: readonly ResourceType[]): object {
  const versions = [...new Set(types.map(({ version }) => version))].map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

/** Whether a client asks for all groups in one document, as servers have it since 1.27. */
export const wantsAggregated = (accept = ""): boolean => accept.includes("as=APIGroupDiscoveryList");

/** The kinds at /api or /apis in that document; undefined for other paths. */
export function aggregated(path: string, types: readonly ResourceType[]): object | undefined {
  if (path !== "/api" && path !== "/apis") return undefined;
  const groups = Map.groupBy(
    types.filter((type) => (type.group === "") === (path === "/api")),
    (type) => type.group,
  );
  const items = [...groups].map(([name, ofGroup]) => ({
    metadata: name === "" ? {} : { name },
    versions: [...Map.groupBy(ofGroup, ({ version }) => version)].map(([version, ofVersion]) => ({
      version,
      resources: ofVersion.map((type) => ({
        resource: type.plural,
        responseKind: { group: type.group, version, kind: type.kind },
        scope: type.namespaced ? "Namespaced" : "Cluster",
        singularResource: type.kind.toLowerCase(),
        verbs: verbsOf(type),
      })),
      freshness: "Current",
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

/** The document at /version, /api, /apis or below them; undefined when the path leads nowhere. */
export function discover(path: string, types: readonly ResourceType[]): object | undefined {
  const [root, name, version] = path.split("/").slice(1);
  const groups = [...new Set(types.map((type) => type.group))].filter((known) => known !== "");
  if (path === "/version" || path === "/version/") return serverVersion;
  if (root === "api" && name === undefined) {
    return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  }
  if (root === "api" && name === "v1" && version === undefined) {
    return resourceList(
      types.filter((type) => type.group === ""),
      "v1",
    );
  }
  if (root === "api" && name === "v1") throw noSuchResource();
  if (root !== "apis") return undefined;
  const ofGroup = (wanted: string) => types.filter((type) => type.group === wanted);
  if (name === undefined) {
    return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map((known) => group(known, ofGroup(known))) };
  }
  if (version === undefined) {
    return groups.includes(name) ? { kind: "APIGroup", apiVersion: "v1", ...group(name, ofGroup(name)) } : undefined;
  }
  const found = ofGroup(name).filter((type) => type.version === version);
  if (found.length === 0) return undefined;
  if (path.split("/").length > 4) {
    // Groups of the server itself answer with a Status, those of custom resources with bare text.
    if (found.some(({ custom }) => custom !== undefined)) return undefined;
    throw noSuchResource();
  }
  return resourceList(found, apiVersionOf({ group: name, version }));
}

export const serverVersion = {
  major: "1",
  minor: "34",
  emulationMajor: "1",
  emulationMinor: "34",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "33",
  gitVersion: "v1.34.4",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-02-10T12:00:00Z",
  goVersion: "go1.24.12",
  compiler: "gc",
  platform: "linux/amd64",
};
