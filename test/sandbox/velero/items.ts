// Which objects a backup takes, by the filters of its spec.
import { type KubernetesObject, namespaces, type ResourceType, resourceName } from "../api/objects.ts";
import { matchesLabels } from "../api/selectors.ts";
import type { BackupSpec, RestoreSpec } from "./kinds.ts";
import { isNewer, type World } from "./world.ts";

export interface Item {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
}

type List = readonly string[] | null | undefined;

const isEmpty = (list: List) => list === undefined || list === null || list.length === 0;
const isAll = (list: List) => isEmpty(list) || list?.includes("*") === true;

/** Velero takes a resource by any of its names. */
function names(list: List, type: ResourceType): boolean {
  const known = [type.plural, resourceName(type), type.kind.toLowerCase(), ...(type.shortNames ?? [])];
  return (list ?? []).some((name) => known.includes(name.toLowerCase()));
}

/** `*`, `?` and ranges in the name of a namespace. */
function fits(pattern: string, name: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${expression}$`).test(name);
}

export function includesNamespace(
  spec: Pick<BackupSpec, "includedNamespaces" | "excludedNamespaces">,
  name: string,
): boolean {
  const included = isAll(spec.includedNamespaces) || (spec.includedNamespaces ?? []).some((known) => fits(known, name));
  return included && !(spec.excludedNamespaces ?? []).some((known) => fits(known, name));
}

/** The older family of filters is in use, or none at all. */
export function includesResource(
  spec: Pick<BackupSpec, "includedResources" | "excludedResources">,
  type: ResourceType,
): boolean {
  return (isAll(spec.includedResources) || names(spec.includedResources, type)) && !names(spec.excludedResources, type);
}

export function matchesSelectors(
  { labelSelector, orLabelSelectors }: BackupSpec | RestoreSpec,
  object: KubernetesObject,
): boolean {
  const { labels } = object.metadata;
  if (labelSelector !== undefined && labelSelector !== null) return matchesLabels(labelSelector, labels);
  if (isEmpty(orLabelSelectors as List)) return true;
  return (orLabelSelectors ?? []).some((selector) => matchesLabels(selector, labels));
}

export function usesOldFilters(spec: BackupSpec): boolean {
  const { includedResources, excludedResources, includeClusterResources } = spec;
  return !isEmpty(includedResources) || !isEmpty(excludedResources) || typeof includeClusterResources === "boolean";
}

export function usesScopedFilters(spec: BackupSpec): boolean {
  return (
    !isEmpty(spec.includedClusterScopedResources) ||
    !isEmpty(spec.excludedClusterScopedResources) ||
    !isEmpty(spec.includedNamespaceScopedResources) ||
    !isEmpty(spec.excludedNamespaceScopedResources)
  );
}

function includesScoped(included: List, excluded: List, type: ResourceType, whenEmpty: boolean): boolean {
  if (excluded?.includes("*") || names(excluded, type)) return false;
  return isEmpty(included) ? whenEmpty : included?.includes("*") === true || names(included, type);
}

/** Without a word about cluster-scoped objects, Velero from 1.17 on takes only those that others need. */
function includesClusterScoped(world: World, spec: BackupSpec, type: ResourceType): boolean {
  const { includedClusterScopedResources: included, excludedClusterScopedResources: excluded } = spec;
  if (usesScopedFilters(spec)) return includesScoped(included, excluded, type, false);
  if (!includesResource(spec, type)) return false;
  if (typeof spec.includeClusterResources === "boolean") return spec.includeClusterResources;
  const everything = isAll(spec.includedNamespaces) && isEmpty(spec.excludedNamespaces);
  return everything && (!isNewer(world) || usesOldFilters(spec));
}

function includesNamespaced(spec: BackupSpec, type: ResourceType): boolean {
  const { includedNamespaceScopedResources: included, excludedNamespaceScopedResources: excluded } = spec;
  return usesScopedFilters(spec) ? includesScoped(included, excluded, type, true) : includesResource(spec, type);
}

/** Everything the backup takes from the cluster now. */
export function collectItems(world: World, spec: BackupSpec): Item[] {
  const { store } = world;
  const wanted = ({ metadata }: KubernetesObject) =>
    metadata.labels?.["velero.io/exclude-from-backup"] !== "true" && metadata.deletionTimestamp === undefined;
  const items = world.types().flatMap((type) => {
    if (type.plural === "namespaces") return [];
    const included = type.namespaced ? includesNamespaced(spec, type) : includesClusterScoped(world, spec, type);
    if (!included) return [];
    return store
      .list(type)
      .filter((object) => !type.namespaced || includesNamespace(spec, object.metadata.namespace ?? ""))
      .filter((object) => wanted(object) && matchesSelectors(spec, object))
      .map((object) => ({ type, object }));
  });
  const touched = new Set(items.map(({ object }) => object.metadata.namespace));
  const narrowed = !matchesEverything(spec);
  const included = store
    .list(namespaces)
    .filter((object) => wanted(object) && includesNamespace(spec, object.metadata.name))
    .filter((object) => touched.has(object.metadata.name) || !narrowed)
    .map((object) => ({ type: namespaces, object }));
  return [...included, ...items];
}

const matchesEverything = ({ labelSelector, orLabelSelectors, includedResources }: BackupSpec) =>
  (labelSelector ?? undefined) === undefined && isEmpty(orLabelSelectors as List) && isAll(includedResources);
