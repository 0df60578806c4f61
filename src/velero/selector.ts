import { usageFailure } from "../core/failure.ts";
import type { LabelSelector } from "./types.ts";

const keyPattern =
  /^(?=[^/]{1,253}(\/|$))([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const valuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Reads a kubectl label selector (`app=web,tier!=db,env in (a,b),!old`) into the API's form; throws a usage failure with the part it cannot read. */
export function parseSelector(text: string, flag: string): LabelSelector {
  const matchLabels: Record<string, string> = {};
  const matchExpressions: { key: string; operator: string; values?: string[] }[] = [];
  const requirements = splitRequirements(text);
  if (requirements.length > 1 && requirements.includes("")) throw unreadable(flag, text);
  for (const part of requirements.filter((one) => one !== "")) {
    const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
    const equal = /^([^!=\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(part);
    const exists = /^(!?)\s*([^!=\s]+)$/.exec(part);
    if (set) {
      const values = (set[3] ?? "").split(",").map((value) => value.trim());
      matchExpressions.push({
        key: key(set[1], flag, part),
        operator: set[2] === "in" ? "In" : "NotIn",
        values: values.map((v) => value(v, flag, part)),
      });
    } else if (equal) {
      const [name, wanted] = [key(equal[1], flag, part), value(equal[3], flag, part)];
      if (equal[2] === "!=") matchExpressions.push({ key: name, operator: "NotIn", values: [wanted] });
      // The same label twice is two conditions, of which the map could hold one.
      else if (Object.hasOwn(matchLabels, name)) matchExpressions.push({ key: name, operator: "In", values: [wanted] });
      else matchLabels[name] = wanted;
    } else if (exists) {
      matchExpressions.push({
        key: key(exists[2], flag, part),
        operator: exists[1] === "!" ? "DoesNotExist" : "Exists",
      });
    } else {
      throw unreadable(flag, part);
    }
  }
  return {
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  };
}

/** `app=web or app=db`: each side is a selector of its own, as Velero's --or-selector has it. */
export const parseOrSelectors = (text: string, flag: string): LabelSelector[] =>
  text.split(/\s+or\s+/).map((side) => parseSelector(side.trim(), flag));

/** The parts between commas; those in brackets separate values. */
const splitRequirements = (text: string): string[] => text.split(/,(?![^(]*\))/).map((part) => part.trim());

function key(text: string | undefined, flag: string, part: string): string {
  if (text === undefined || !keyPattern.test(text)) throw unreadable(flag, part);
  return text;
}

function value(text: string | undefined, flag: string, part: string): string {
  if (text === undefined || !valuePattern.test(text)) throw unreadable(flag, part);
  return text;
}

const unreadable = (flag: string, part: string) =>
  usageFailure(
    `--${flag}: cannot read "${part}" as a label selector`,
    "write app=web, tier!=db, 'env in (a,b)', or just a label's key",
  );

/** The kubectl form of a selector, for screens and for queries. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([name, wanted]) => `${name}=${wanted}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key: name, operator, values = [] }) => {
    if (operator === "Exists") return name;
    if (operator === "DoesNotExist") return `!${name}`;
    return operator === "NotIn" && values.length === 1
      ? `${name}!=${values[0]}`
      : `${name} ${operator.toLowerCase()} (${values.join(",")})`;
  });
  return [...labels, ...expressions].join(",");
}
