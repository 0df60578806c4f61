import assert from "node:assert/strict";
import { test } from "node:test";
import { commandTable } from "../../../src/commands/index.ts";
import { isWithin, rightName, rightsNamed, roleNames, rulesOf } from "../../../src/velero/rights.ts";
import { roleRules } from "../../../src/velero/role-rules.ts";
import { verbRights } from "../../../src/velero/verb-rights.ts";

/** What the roles allow beyond the verbs: work that is done with other tools. */
const beyondVerbs: readonly string[] = [
  "create schedules",
  "update schedules",
  "patch schedules",
  "patch backups",
  "list storageclasses",
];

const keyOf = (scope: string, group: string, resource: string, verb: string) =>
  [scope, group, resource, verb].join(" ");

test("every verb that speaks to the cluster says what it needs", () => {
  const said = verbRights.map(({ name }) => name.split(" ")[0]);
  const silent = commandTable.map(({ name }) => name).filter((name) => !said.includes(name));
  assert.deepEqual(silent, ["rbac", "completion"]);
});

test("a role has all that its verbs cannot do without", () => {
  for (const { name, role, required } of verbRights)
    for (const right of required) assert.ok(isWithin(right.role, role), `${name} needs ${rightName(right)}`);
});

test("a verb of a higher role is not possible with a lower one", () => {
  for (const { name, role, required } of verbRights) {
    const lesser = roleNames.filter((other) => !isWithin(role, other));
    for (const other of lesser)
      assert.ok(
        required.some((right) => !isWithin(right.role, other)),
        `${name} works for a ${other} already`,
      );
  }
});

test("nothing is granted that no verb needs", () => {
  const rights = verbRights.flatMap(({ required, optional }) => [...required, ...optional]);
  const needed = new Set(rights.map(({ scope, group, resource, verb }) => keyOf(scope, group, resource, verb)));
  const beyond = roleRules.flatMap(({ scope, group, resources, verbs }) =>
    resources.flatMap((resource) =>
      verbs
        // Whoever lists reads all of each object.
        .filter((verb) => !(verb === "get" && verbs.includes("list")) && !(verb === "list" && verbs.includes("get")))
        .filter((verb) => !needed.has(keyOf(scope, group, resource, verb)))
        .map((verb) => `${verb} ${resource}`),
    ),
  );
  const unread = roleRules.flatMap(({ scope, group, resources, verbs }) =>
    resources
      .filter(
        (resource) =>
          verbs.includes("list") && !["get", "list"].some((v) => needed.has(keyOf(scope, group, resource, v))),
      )
      .map((resource) => `list ${resource}`),
  );
  assert.deepEqual([...beyond, ...unread].toSorted(), beyondVerbs.toSorted());
});

test("roles grow", () => {
  assert.deepEqual(
    rulesOf("viewer").filter(({ verbs }) => verbs.some((verb) => !["get", "list"].includes(verb))),
    rulesOf("viewer").filter(({ resources }) => resources.includes("serverstatusrequests")),
    "a viewer only reads, but for asking the server who it is",
  );
  const readable = (role: "viewer" | "operator") => rulesOf(role).flatMap(({ resources }) => resources);
  assert.ok(!readable("viewer").includes("downloadrequests"), "a request holds the link to what is stored");
  assert.ok(!readable("operator").includes("secrets"));
  assert.deepEqual(rulesOf("admin"), roleRules);
});

test("rights are named as kubectl names them", () => {
  const names = [...rightsNamed(["create backups", "get pods/log"]), ...rightsNamed(["list pods", "list nodes"], true)];
  assert.deepEqual(names.map(rightName), [
    "create backups.velero.io",
    "get pods/log",
    "list pods --all-namespaces",
    "list nodes",
  ]);
  assert.throws(() => rightsNamed(["escalate roles"]), /no role may escalate roles/);
});
