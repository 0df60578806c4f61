import { globMatcher } from "../core/glob.ts";
import type { BackupSpec, LabelSelector } from "../velero/types.ts";
import { kindFilter } from "./kind-words.ts";

/** A kind as a scope sees it. */
interface ScopedKind {
  /** deployments.apps, pods */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** One object as a scope sees it. */
export interface ScopedObject {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a backup was to hold. */
export interface Scope {
  /** Names of namespaces, when the backup lists them without globs; undefined = look into all of them. */
  readonly namespaces: readonly string[] | undefined;
  /**
   * Whether it was to hold a kind: all objects, those that others need (volumes of claims, roles of accounts), which only the
   * server knows, or none.
   */
  kind(kind: ScopedKind): "all" | "needed" | "none";
  /** Whether it was to hold an object of a kind that it holds all of. */
  object(object: ScopedObject): boolean;
}

type List = readonly string[] | null | undefined;
const isGiven = (list: List): list is readonly string[] => (list ?? []).length > 0;
const isAll = (list: List): boolean => !isGiven(list) || list.includes("*");

export function scopeOf(spec: BackupSpec = {}): Scope {
  const isNamespace = namespaceFilter(spec);
  const isSelected = selectorFilter(spec);
  const hasSelector = isGiven(spec.orLabelSelectors as List) || Boolean(spec.labelSelector);
  const included = (spec.includedNamespaces ?? []).filter((name) => name !== "");
  return {
    namespaces: isAll(included) || included.some((name) => /[*?[\]{}]/.test(name)) ? undefined : included,
    kind: (kind) => (kind.resource === "namespaces" ? namespacesOf(spec, hasSelector) : kindOf(spec, kind)),
    object: ({ resource, namespace, name, labels }) => {
      if (labels["velero.io/exclude-from-backup"] === "true" || !isSelected(labels)) return false;
      if (resource === "namespaces") return isNamespace(name);
      return namespace === undefined || isNamespace(namespace);
    },
  };
}

/** A backup that takes only some objects takes the namespaces of those. */
const namespacesOf = (spec: BackupSpec, hasSelector: boolean): "all" | "needed" =>
  hasSelector || isGiven(spec.includedResources) || isGiven(spec.includedNamespaceScopedResources) ? "needed" : "all";

function kindOf(spec: BackupSpec, { resource, namespaced }: ScopedKind): "all" | "needed" | "none" {
  const isIn = (list: List) => (list ?? []).some((word) => word === "*" || kindFilter(word).resource(resource));
  if (namespaced) {
    const [included, excluded] = [
      isGiven(spec.includedNamespaceScopedResources) ? spec.includedNamespaceScopedResources : spec.includedResources,
      [...(spec.excludedNamespaceScopedResources ?? []), ...(spec.excludedResources ?? [])],
    ];
    return (isAll(included) || isIn(included)) && !isIn(excluded) ? "all" : "none";
  }
  if (isIn(spec.excludedClusterScopedResources) || isIn(spec.excludedResources)) return "none";
  if (isGiven(spec.includedClusterScopedResources)) return isIn(spec.includedClusterScopedResources) ? "all" : "needed";
  if (spec.includeClusterResources === false) return "none";
  const isIncluded = isAll(spec.includedResources) || isIn(spec.includedResources);
  if (!isIncluded) return "none";
  return spec.includeClusterResources === true ? "all" : "needed";
}

function namespaceFilter({ includedNamespaces, excludedNamespaces }: BackupSpec): (name: string) => boolean {
  const included = isAll(includedNamespaces) ? [] : (includedNamespaces ?? []).map(globMatcher);
  const excluded = (excludedNamespaces ?? []).map(globMatcher);
  return (name) =>
    (included.length === 0 || included.some((fits) => fits(name))) && !excluded.some((fits) => fits(name));
}

type Labels = Readonly<Record<string, string>>;

function selectorFilter({ labelSelector, orLabelSelectors }: BackupSpec): (labels: Labels) => boolean {
  const selectors = labelSelector ? [labelSelector] : (orLabelSelectors ?? []);
  return (labels) => selectors.length === 0 || selectors.some((selector) => selects(selector, labels));
}

function selects({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  const isEqual = Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    isEqual &&
    (matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}
