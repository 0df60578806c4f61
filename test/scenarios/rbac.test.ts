import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { applyRoles, createAccount, type Rule } from "./restricted-user.ts";
import { assertExit, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
const folder = mkdtempSync(join(tmpdir(), "mkebackup-rbac-"));
const [backup, older] = [uniqueName("seen"), uniqueName("older")];

before(async () => {
  world = await openWorld();
  for (const name of [older, backup]) assertExit(await world.run(`create ${name} --include-namespaces shop`), 0);
});

after(async () => {
  assertExit(await world.run(`delete backup/${backup} backup/${older} --yes`), 0);
  await world.stop();
  rmSync(folder, { recursive: true });
});

interface Printed {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly rules?: readonly Rule[];
  }[];
}

/** Somebody who has what `rbac` prints for the role, and no more. */
async function holderOf(role: string) {
  const name = uniqueName(role);
  const account = await createAccount(world.api, name);
  const printed = await world.run(`rbac --role ${role} --name ${name} --service-account mke:${name} -o json`);
  assertExit(printed, 0);
  const list = JSON.parse(printed.stdout) as Printed;
  const undo = await applyRoles(world.api, list);
  return {
    name,
    list,
    run: (words: string) => world.run(`${words} --token ${account.token}`),
    async remove() {
      await undo();
      await account.remove();
    },
  };
}

type Holder = Awaited<ReturnType<typeof holderOf>>;

interface Report {
  readonly user: string;
  readonly verbs: readonly { name: string; allowed: string; missing: readonly string[] }[];
}

async function reportOf(holder: Holder): Promise<Report> {
  return JSON.parse((await holder.run("rbac --check -o json")).stdout) as Report;
}

const allowed = (report: Report, answer: string): string[] =>
  report.verbs.filter((verb) => verb.allowed === answer).map(({ name }) => name);

/** What the administrator sees, whatever that is: nothing is hidden. */
async function assertSameStatus(holder: Holder): Promise<void> {
  const [own, administrators] = [await holder.run("status"), await world.run("status")];
  assertExit(own, administrators.code ?? -1);
  assert.doesNotMatch(own.stdout, /no permission/);
}

/** Runs what must be refused for want of rights. */
async function assertRefused(holder: Holder, words: string, right: RegExp): Promise<void> {
  const outcome = await holder.run(words);
  assertExit(outcome, 1);
  assert.match(outcome.stderr, right, words);
}

test("a viewer sees everything but what lies in backups, and changes nothing", async () => {
  const viewer = await holderOf("viewer");
  try {
    await assertSameStatus(viewer);
    for (const kind of ["backups", "restores", "schedules", "locations"])
      assertExit(await viewer.run(`list ${kind}`), 0);
    for (const words of [`describe ${backup}`, "describe location/default", `wait ${backup}`, "config"])
      assertExit(await viewer.run(words), 0);
    assertExit(await viewer.run("version --server"), 0);
    assertExit(await viewer.run("rbac --check --role viewer"), 0);

    await assertRefused(viewer, `create ${uniqueName("no")}`, /cannot create resource "backups"/);
    await assertRefused(viewer, `restore ${backup} --yes`, /cannot create resource "restores"/);
    await assertRefused(viewer, `delete backup/${backup} --yes`, /cannot create resource "deletebackuprequests"/);
    const stored = /cannot create resource "downloadrequests"/;
    await assertRefused(viewer, `logs ${backup}`, stored);
    await assertRefused(viewer, `contents ${backup}`, stored);
    await assertRefused(viewer, `diff ${older} ${backup}`, stored);
    await assertRefused(viewer, `download ${backup} -o ${join(folder, "viewer.tar.gz")}`, stored);
    // A request holds the link to a file: who sees requests could follow it.
    await assertRefused(viewer, "list requests", /cannot list resource "downloadrequests"/);

    const checked = await viewer.run("rbac --check");
    assertExit(checked, 3);
    assert.match(checked.stdout, /^logs +no +create,get downloadrequests\.velero\.io$/m);
    assert.match(
      checked.stdout,
      new RegExp(`^next {2}kubectl mkebackup rbac --service-account mke:${viewer.name} `, "m"),
    );
    const report = await reportOf(viewer);
    assert.equal(report.user, `system:serviceaccount:mke:${viewer.name}`);
    assert.deepEqual(
      allowed(report, "none").filter((name) => !/storage|location/.test(name)),
      ["create", "restore", "logs", "contents", "search", "diff", "download", "delete"],
    );
  } finally {
    await viewer.remove();
  }
});

test("an operator takes, reads, restores and deletes backups, and is no administrator", async () => {
  const operator = await holderOf("operator");
  const name = uniqueName("operated");
  try {
    assertExit(await operator.run("rbac --check"), 0);
    assertExit(await operator.run(`create ${name} --include-namespaces shop`), 0);
    const restored = await operator.run(`restore ${name} --restore-name ${name}-over --yes`);
    assertExit(restored, 0);
    assertExit(await operator.run(`logs ${name}`), 0);
    const deployments = await operator.run(`contents ${name} deployments`);
    assert.match(deployments.stdout, /web/);
    assert.match((await operator.run("search deployment/web -n shop")).stdout, new RegExp(name));
    assertExit(await operator.run(`diff ${older} ${name}`), 0);
    assertExit(await operator.run(`download ${name} -o ${join(folder, "operator.tar.gz")}`), 0);
    const described = await operator.run(`describe ${name}`);
    assertExit(described, 0);
    // Sizes are read with the keys of the location, which are an admin's.
    assert.match(described.stdout, /size not known: .*secrets/);
    assert.doesNotMatch(described.stdout, /downloadrequests|no permission/);
    assertExit(await operator.run("list requests"), 0);
    await assertSameStatus(operator);
    assertExit(await operator.run(`delete restore/${name}-over backup/${name} --yes`), 0);

    const report = await reportOf(operator);
    assert.deepEqual(allowed(report, "none"), [
      "storage check",
      "location create",
      "location default",
      "location delete",
      "location credentials",
    ]);
    assert.ok(report.verbs.find((verb) => verb.name === "storage check")?.missing.includes("get secrets"));
  } finally {
    await operator.remove();
  }
});

test("an admin may use everything, also what belongs to the whole cluster", async () => {
  const admin = await holderOf("admin");
  try {
    const report = await reportOf(admin);
    assert.deepEqual(allowed(report, "all").length, report.verbs.length, JSON.stringify(report.verbs));
    const kinds = admin.list.items.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? "-"}`);
    assert.deepEqual(kinds, ["Role mke", "RoleBinding mke", "ClusterRole -", "ClusterRoleBinding -"]);
    assertExit(await admin.run("rbac --check --role admin"), 0);
  } finally {
    await admin.remove();
  }
});

test("no right of the operator can be spared: without it, its verbs say which one is missing", async () => {
  const operator = await holderOf("operator");
  const [role] = operator.list.items;
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/mke/roles/${operator.name}`;
  const lacks: readonly (readonly [verb: string, resource: string, words: readonly string[]])[] = [
    ["create", "backups", [`create ${uniqueName("no")}`]],
    ["create", "restores", [`restore ${backup} --yes`]],
    ["create", "deletebackuprequests", [`delete backup/${backup} --yes`]],
    ["create", "downloadrequests", [`logs ${backup}`, `contents ${backup}`]],
    ["get", "downloadrequests", [`logs ${backup}`]],
    ["get", "pods/portforward", [`contents ${backup} deployments`]],
    ["get", "services", [`contents ${backup} deployments`]],
    ["get", "backups", [`logs ${backup}`, `wait ${backup}`]],
    ["list", "backups", ["list"]],
    ["list", "mkeconfigs", []],
  ];
  try {
    for (const [verb, resource, words] of lacks) {
      await world.api.patch(path, { rules: without(role?.rules ?? [], verb, resource) });
      const [plural = "", sub] = resource.split("/");
      const said = new RegExp(`cannot ${verb} resource "${plural}${sub === undefined ? "" : `/${sub}`}"`);
      for (const line of words) await assertRefused(operator, line, said);
      const report = await reportOf(operator);
      const named = new RegExp(`^${verb} ${plural}[.\\w]*${sub === undefined ? "" : `/${sub}`}$`);
      const lacking = report.verbs.filter(({ missing }) => missing.some((right) => named.test(right)));
      assert.ok(lacking.length > 0, `${verb} ${resource}`);
    }
  } finally {
    await operator.remove();
  }
});

/** The rules but for one verb on one resource. */
const without = (rules: readonly Rule[], verb: string, resource: string): Rule[] =>
  rules.flatMap((rule) => {
    if (!rule.resources.includes(resource) || !rule.verbs.includes(verb)) return [rule];
    const others = rule.resources.filter((one) => one !== resource);
    const left = { ...rule, resources: [resource], verbs: rule.verbs.filter((one) => one !== verb) };
    return [...(others.length > 0 ? [{ ...rule, resources: others }] : []), ...(left.verbs.length > 0 ? [left] : [])];
  });

test("the printed manifest needs no cluster and gives every reason", async () => {
  const printed = await world.run("rbac --role viewer -n velero --user jane", { KUBECONFIG: "/nowhere/at/all" });
  assertExit(printed, 0);
  assert.match(printed.stdout, /^ {2}namespace: velero$/m);
  assert.match(printed.stdout, /^kind: RoleBinding$/m);
  assert.match(printed.stdout, /^ {2}name: mkebackup-viewer-config\n {2}namespace: mke$/m);
  const rules = printed.stdout.match(/^ {2}- apiGroups/gm) ?? [];
  const reasons = printed.stdout.match(/^ {2}# [^\n]*\n {2}- apiGroups/gm) ?? [];
  assert.equal(reasons.length, rules.length);
});

test("somebody without any right is told what would give them", async () => {
  const name = uniqueName("nobody");
  const account = await createAccount(world.api, name);
  try {
    const checked = await world.run(`rbac --check --token ${account.token}`);
    assertExit(checked, 3);
    assert.match(checked.stdout, /^status +no +list backupstoragelocations\.velero\.io$/m);
    assert.match(checked.stdout, new RegExp(`rbac --service-account mke:${name} -n mke \\| kubectl apply -f -`));
  } finally {
    await account.remove();
  }
});
