// Label and field selectors, as the query parameters spell them.
import type { KubernetesObject, ResourceType } from "./objects.ts";
import { badRequest } from "./status.ts";

export type Matches = (object: KubernetesObject) => boolean;

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

const setBased = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const equality = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/;
const existence = /^(!?)\s*([^\s=!()]+)$/;

function requirement(text: string): Requirement {
  const set = setBased.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    // notin also selects objects that lack the label.
    return (labels) => values.includes(labels[key] ?? "\0") === (operator === "in");
  }
  const equal = equality.exec(text);
  if (equal !== null) {
    const [, key = "", operator, value] = equal;
    return (labels) => (labels[key] === value) === (operator !== "!=");
  }
  const exists = existence.exec(text);
  if (exists !== null) {
    const [, not, key = ""] = exists;
    return (labels) => (labels[key] !== undefined) === (not === "");
  }
  throw badRequest(`unable to parse requirement: found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
}

/** `a=b,c in (d,e),!f`; no selector selects everything. */
export function labelSelector(selector: string | null): Matches {
  const requirements = (selector ?? "")
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(requirement);
  return ({ metadata }) => requirements.every((matches) => matches(metadata.labels ?? {}));
}

/** A LabelSelector inside an object (a Deployment's, a Backup's). */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>> = {}): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
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

function fieldOf(object: unknown, path: readonly string[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return object === undefined || object === null ? "" : String(object);
  const value: unknown = typeof object === "object" && object !== null ? Reflect.get(object, first) : undefined;
  return fieldOf(value, rest);
}

/** `metadata.name=x,status.phase!=y`; custom resources know only their name and namespace. */
export function fieldSelector(selector: string | null, type: ResourceType): Matches {
  const requirements = (selector ?? "")
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
      if (match === null) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
      const [, field = "", operator, value] = match;
      if (type.custom !== undefined && field !== "metadata.name" && field !== "metadata.namespace") {
        throw badRequest(`field label not supported: ${field}`);
      }
      return { path: field.split("."), equal: operator !== "!=", value };
    });
  return (object) => requirements.every(({ path, equal, value }) => (fieldOf(object, path) === value) === equal);
}
