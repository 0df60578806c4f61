import { sourceName } from "../../mke/configuration.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand } from "../facts.ts";
import { type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";

const texts = {
  "credentials.temporary": {
    severity: "warn",
    summary: "A location's keys will expire",
    cause: "Its Secret holds an aws_session_token: such keys live for hours, then no backup is taken or read any more.",
    remedy: "Use the keys of an IAM user, or renew the Secret in time.",
    doc: pages.mkeExternal,
  },
  "credentials.root-missing": {
    severity: "warn",
    summary: "The Secret with MinIO's own keys is not there",
    cause:
      "MKE's configuration names it (admin_credentials_secret). MinIO runs on with what it read at its start, and does not start without it.",
    remedy: "Create it with root-user and root-password, or correct its name in mke4.yaml.",
    doc: pages.mkeInCluster,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

export const credentialRules = defineFamily({
  title: "Credentials",
  rules: texts,
  judge: (facts) => [...temporary(facts), ...rootMissing(facts)],
});

type Found = Problem<keyof typeof texts>;

function temporary(facts: Facts): Found[] {
  return [...(facts.thorough?.keys ?? [])].flatMap(([name, fact]): Found[] => {
    // One that has expired already is told of by its location.
    const isAvailable = (knownValue(facts.locations) ?? []).some(
      ({ metadata, status }) => metadata.name === name && status?.phase === "Available",
    );
    if (!knownValue(fact)?.temporary || !isAvailable) return [];
    return [
      {
        id: "credentials.temporary",
        severity: "warn",
        about: [`location/${name}`],
        title: `The keys of location ${name} will expire`,
        evidence: say`They hold an aws_session_token.`,
        next: ownCommand(facts, `storage check ${name}`),
      },
    ];
  });
}

function rootMissing(facts: Facts): Found[] {
  const secret = knownValue(facts.thorough?.rootSecret);
  const configuration = knownValue(facts.configuration);
  if (secret === undefined || configuration === undefined || configuration.enabled !== true) return [];
  const { name, keys } = secret;
  const lacking = ["root-user", "root-password"].filter((key) => !(keys ?? []).includes(key));
  if (lacking.length === 0) return [];
  const what = keys === undefined ? `there is no Secret ${name}` : `Secret ${name} has no ${lacking.join(" and no ")}`;
  return [
    {
      id: "credentials.root-missing",
      severity: "warn",
      about: ["object-store"],
      title: "The Secret with MinIO's own keys is not there",
      evidence: say`${sourceName(configuration.source)} names Secret ${name}, but ${what} in namespace ${facts.namespace}.`,
      next: kubectl(facts, "get secrets"),
    },
  ];
}
