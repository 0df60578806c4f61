import { formatSelector } from "../../velero/selector.ts";
import type { Hook, HookSpec, HookStatus, Hooks } from "../../velero/types.ts";
import type { Screen } from "../screen.ts";
import { counted } from "../units.ts";
import { paragraph } from "./describe-parts.ts";
import { chosen } from "./describe-spec.ts";

/** The hooks that were asked for, and how many ran; those that pods' annotations ask for are counted only. */
export function hooksText(hooks: Hooks | undefined, status: HookStatus | undefined, screen: Screen): string {
  const specs = hooks?.resources ?? [];
  const { hooksAttempted: attempted = 0, hooksFailed: failed = 0 } = status ?? {};
  if (specs.length === 0 && attempted === 0) return "";
  const counts = attempted === 0 ? "none ran" : `${attempted} ran, ${failed} failed`;
  const title = `HOOKS   ${failed > 0 ? screen.paint.warn(counts) : counts}`;
  return [title, ...specs.flatMap((spec) => hookLines(spec, screen))].join("\n");
}

function hookLines(spec: HookSpec, screen: Screen): string[] {
  const { name = "", includedNamespaces, excludedNamespaces, labelSelector } = spec;
  const selector = formatSelector(labelSelector);
  const where = `namespaces ${chosen(includedNamespaces, excludedNamespaces)}${selector === "" ? "" : `, ${selector}`}`;
  const steps = [
    ...(spec.pre ?? []).map((hook) => `before  ${hookText(hook)}`),
    ...(spec.post ?? spec.postHooks ?? []).map((hook) => `after   ${hookText(hook)}`),
  ];
  return [...paragraph(`${name}: ${where}`, screen, "  "), ...steps.flatMap((step) => set(step, screen))];
}

function set(step: string, screen: Screen): string[] {
  const lead = step.slice(0, 8);
  return paragraph(step.slice(8), screen, " ".repeat(12)).map((line, at) =>
    at === 0 ? `    ${lead}${line.slice(12)}` : line,
  );
}

function hookText({ exec, init }: Hook): string {
  if (exec === undefined) {
    const names = (init?.initContainers ?? []).map(({ name = "" }) => name).filter((name) => name !== "");
    return `${counted(init?.initContainers?.length ?? 0, "init container")}${names.length === 0 ? "" : ` (${names.join(", ")})`}`;
  }
  const { container, command = [], onError, timeout, execTimeout } = exec;
  const limit = timeout ?? execTimeout;
  const how = [
    ...(container ? [`in ${container}`] : []),
    ...(onError ? [`on error ${onError}`] : []),
    ...(limit ? [`within ${limit}`] : []),
  ];
  return `${command.map(quoted).join(" ")}${how.length === 0 ? "" : ` (${how.join(", ")})`}`;
}

const quoted = (word: string): string => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
