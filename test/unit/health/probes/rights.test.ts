import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../../src/core/failure.ts";
import type { KubeObject, ResourceKind } from "../../../../src/core/resource.ts";
import {
  missingRights,
  probeRights,
  type ResourceRule,
  type RulesByScope,
} from "../../../../src/health/probes/rights.ts";
import type { Cluster } from "../../../../src/kube/cluster.ts";
import { rightName, roleNames, rulesOf } from "../../../../src/velero/rights.ts";
import { verbRights } from "../../../../src/velero/verb-rights.ts";
import { fakeCluster } from "../../fake-cluster.ts";

const everything: ResourceRule = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
const only = (namespace: readonly ResourceRule[]): RulesByScope => ({ namespace, mke: [], cluster: [] });
const lacks = (rules: RulesByScope, verb: string): string[] =>
  missingRights(rules)
    .filter((one) => one.verb === verb)
    .flatMap(({ missing }) => missing.map(rightName));

interface Question {
  readonly kind: string;
  readonly spec: { readonly namespace?: string; readonly resourceAttributes?: Readonly<Record<string, string>> };
}

/** A cluster that answers reviews; what it was asked is in the list. */
function reviewing(answer: (question: Question) => object): { cluster: Cluster; questions: Question[] } {
  const questions: Question[] = [];
  const cluster: Cluster = {
    ...fakeCluster({}),
    async create<T extends KubeObject>(kind: ResourceKind<T>, object: T): Promise<T> {
      const question = { kind: kind.kind, spec: (object as unknown as Question).spec };
      questions.push(question);
      return { ...object, status: answer(question) };
    },
  };
  return { cluster, questions };
}

const { signal } = new AbortController();

test("with all rights nothing is missing, without any each verb lacks all it needs", () => {
  const all = { namespace: [everything], mke: [everything], cluster: [everything] };
  assert.ok(missingRights(all).every(({ missing }) => missing.length === 0));
  for (const [at, { missing }] of missingRights(only([])).entries()) {
    const { required, optional } = verbRights[at] ?? { required: [], optional: [] };
    assert.deepEqual(missing, [...required, ...optional]);
  }
});

test("each role has its verbs and no others", () => {
  for (const role of roleNames) {
    const of = (scope: string): ResourceRule[] =>
      rulesOf(role)
        .filter((rule) => rule.scope === scope)
        .map(({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs }));
    const rules = { namespace: of("namespace"), mke: of("mke"), cluster: of("cluster") };
    const works = missingRights(rules).filter(
      ({ missing }, at) => !verbRights[at]?.required.some((r) => missing.includes(r)),
    );
    const meant = verbRights.filter((verb) => roleNames.indexOf(verb.role) <= roleNames.indexOf(role));
    assert.deepEqual(
      works.map(({ verb }) => verb),
      meant.map(({ name }) => name),
    );
  }
});

test("rules count as the API server reads them", () => {
  const backups = { apiGroups: ["velero.io"], resources: ["backups"] };
  assert.ok(!lacks(only([{ ...backups, verbs: ["list"] }]), "list").includes("list backups.velero.io"));
  assert.ok(!lacks(only([{ ...backups, verbs: ["*"] }]), "list").includes("list backups.velero.io"));
  assert.ok(lacks(only([{ ...backups, verbs: ["get"] }]), "list").includes("list backups.velero.io"));
  // Another group's, and one object only.
  assert.ok(
    lacks(only([{ ...backups, apiGroups: ["other.io"], verbs: ["*"] }]), "list").includes("list backups.velero.io"),
  );
  const one = { ...backups, verbs: ["get"], resourceNames: ["nightly"] };
  assert.ok(lacks(only([one]), "wait").includes("get backups.velero.io"));
  // A resource does not include its subresources.
  const core = { apiGroups: [""], verbs: ["get"] };
  assert.ok(lacks(only([{ ...core, resources: ["pods"] }]), "logs").includes("get pods/log"));
  for (const resource of ["pods/log", "*/log", "*"])
    assert.ok(!lacks(only([{ ...core, resources: [resource] }]), "logs").includes("get pods/log"), resource);
  // What holds in the namespace does not hold in the cluster.
  assert.ok(lacks(only([everything]), "doctor").includes("list nodes"));
});

test("the rules are asked for once, and in MKE's namespace and the cluster too", async () => {
  const { cluster, questions } = reviewing(({ spec }) => ({
    incomplete: false,
    resourceRules: spec.namespace === "velero" ? [everything] : [],
  }));
  const found = await probeRights(cluster, { namespace: "velero", signal });
  assert.deepEqual(
    questions.map(({ kind, spec }) => [kind, spec.namespace]),
    ["velero", "mke", "-"].map((namespace) => ["SelfSubjectRulesReview", namespace]),
  );
  assert.equal(found.complete, true);
  const verb = (name: string) => found.verbs.find((one) => one.name === name);
  assert.deepEqual(verb("logs"), { name: "logs", allowed: "all", missing: [], blocking: [] });
  assert.deepEqual(verb("restore"), {
    name: "restore",
    allowed: "some",
    missing: ["get namespaces"],
    blocking: [],
  });
  const unread = ["list mkeconfigs.mke.mirantis.com", "list configmaps"];
  assert.deepEqual(verb("config"), { name: "config", allowed: "none", missing: unread, blocking: [unread[0]] });

  const inMke = reviewing(() => ({ incomplete: false, resourceRules: [everything] }));
  await probeRights(inMke.cluster, { namespace: "mke", signal });
  assert.deepEqual(
    inMke.questions.map(({ spec }) => spec.namespace),
    ["mke", "-"],
  );
});

test("where the server does not tell its rules, each right that they do not prove is asked for", async () => {
  const proven: ResourceRule = { apiGroups: ["velero.io"], resources: ["*"], verbs: ["*"] };
  const { cluster, questions } = reviewing(({ kind, spec }) =>
    kind === "SelfSubjectRulesReview"
      ? { incomplete: true, resourceRules: [proven], evaluationError: "webhook authorizer does not support it" }
      : { allowed: spec.resourceAttributes?.["subresource"] !== "log" },
  );
  const found = await probeRights(cluster, { namespace: "mke", signal });
  assert.equal(found.complete, true);
  const asked = questions.map(({ spec }) => spec.resourceAttributes).filter((one) => one !== undefined);
  assert.ok(asked.length > 10);
  assert.ok(
    asked.every(({ group }) => group !== "velero.io"),
    "what is proven need not be asked",
  );
  assert.equal(new Set(asked.map((one) => JSON.stringify(one))).size, asked.length, "nothing is asked twice");
  assert.deepEqual(
    asked.find(({ subresource }) => subresource === "log"),
    {
      namespace: "mke",
      verb: "get",
      group: "",
      resource: "pods",
      subresource: "log",
    },
  );
  assert.ok(asked.some((one) => one["resource"] === "nodes" && !("namespace" in one)));
  const incomplete = found.verbs.filter(({ allowed }) => allowed !== "all");
  assert.deepEqual(
    incomplete.map(({ name, missing }) => [name, missing]),
    [
      ["doctor", ["get pods/log"]],
      ["logs", ["get pods/log"]],
    ],
  );
});

test("rights that nobody can tell count as missing, and that is said", async () => {
  const { cluster } = reviewing(({ kind }) => {
    if (kind === "SelfSubjectRulesReview") return { incomplete: true };
    throw new Failure("failed", "try later", { reason: "TooManyRequests" });
  });
  const found = await probeRights(cluster, { namespace: "mke", signal });
  assert.equal(found.complete, false);
  assert.ok(found.verbs.every(({ allowed }) => allowed === "none"));
});
