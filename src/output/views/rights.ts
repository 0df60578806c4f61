import { compareText } from "../../core/order.ts";
import type { RightsFound } from "../../health/probes/rights.ts";
import type { Screen } from "../screen.ts";
import { visible, wrap } from "../text.ts";
import { wrappedTable } from "../wrapped-table.ts";

export interface RightsReport {
  readonly user: string | undefined;
  readonly namespace: string;
  readonly role: string;
  /** The verbs of the role. */
  readonly wanted: readonly string[];
  readonly rights: RightsFound;
  /** What gives the user the role. */
  readonly next: string;
}

const words = { all: "yes", some: "partly", none: "no" } as const;
const unlimited = 10_000;

/** The answer, the table VERB ALLOWED MISSING, and what gives the rest. */
export function rightsView(report: RightsReport, screen: Screen): string {
  const { rights, next } = report;
  const rows = rights.verbs.map(({ name, allowed, missing, blocking }) => [
    name,
    words[allowed],
    // What stops it is enough to know, until it works.
    missingText(screen.wide || blocking.length === 0 ? missing : blocking),
  ]);
  const table = wrappedTable([["VERB", "ALLOWED", "MISSING"], ...rows], screen.wide ? unlimited : screen.width);
  const unsure = rights.complete
    ? []
    : ["The server does not tell everything: some of what is missing here may be allowed."];
  const parts = [...wrap(answerOf(report), screen.width), "", table];
  if (unsure.length > 0) parts.push("", ...unsure.flatMap((line) => wrap(line, screen.width)));
  if (refused(report).length > 0)
    parts.push("", `next  ${visible(next)}`, "      (as an administrator of the cluster)");
  return parts.join("\n");
}

/** The verbs of the role that the user may not use. */
export const refused = ({ rights, wanted }: RightsReport): string[] =>
  rights.verbs.filter(({ name, allowed }) => allowed === "none" && wanted.includes(name)).map(({ name }) => name);

function answerOf(report: RightsReport): string {
  const { user, role, namespace, wanted } = report;
  const who = user === undefined ? "This user" : visible(user);
  const no = refused(report).length;
  const what = no === 0 ? `may use all ${wanted.length}` : `may not use ${no} of ${wanted.length}`;
  return `${who} ${what} verbs of the ${role} · namespace ${visible(namespace)}`;
}

/** list backups.velero.io, restores.velero.io; create,get downloadrequests.velero.io */
function missingText(missing: readonly string[]): string {
  const [verbOf, resourceOf] = [
    (right: string) => right.slice(0, right.indexOf(" ")),
    (right: string) => right.slice(right.indexOf(" ") + 1),
  ];
  const verbs = [...Map.groupBy(missing, resourceOf)].map(([resource, rights]) => ({
    resource,
    verbs: rights.map(verbOf).toSorted(compareText).join(","),
  }));
  const named = [...Map.groupBy(verbs, (one) => one.verbs)].map(
    ([words, ones]) => `${words} ${ones.map(({ resource }) => resource).join(", ")}`,
  );
  return named.length === 0 ? "-" : named.join("; ");
}
