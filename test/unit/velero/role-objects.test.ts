import assert from "node:assert/strict";
import { test } from "node:test";
import { grantedRoles, type RoleWish, roleObjects, type Subject } from "../../../src/velero/role-objects.ts";

const wish: RoleWish = { role: "operator", name: "mkebackup-operator", namespace: "mke", subjects: [] };
const kinds = (wanted: Partial<RoleWish>) =>
  grantedRoles({ ...wish, ...wanted })
    .flatMap(roleObjects)
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? "-"}/${metadata.name}`);

test("one Role where Velero and MKE's configuration share a namespace, two where they do not", () => {
  assert.deepEqual(kinds({}), ["Role mke/mkebackup-operator"]);
  assert.deepEqual(kinds({ namespace: "velero" }), [
    "Role velero/mkebackup-operator",
    "Role mke/mkebackup-operator-config",
  ]);
});

test("only an admin has something in the whole cluster; a subject is bound to all of it", () => {
  const subjects: Subject[] = [
    { kind: "User", name: "jane" },
    { kind: "ServiceAccount", namespace: "ci", name: "robot" },
  ];
  assert.deepEqual(kinds({ role: "admin", name: "boss", subjects }), [
    "Role mke/boss",
    "RoleBinding mke/boss",
    "ClusterRole -/boss",
    "ClusterRoleBinding -/boss",
  ]);
  const [, binding] = grantedRoles({ ...wish, subjects }).flatMap(roleObjects);
  assert.deepEqual(binding?.["subjects"], [
    { kind: "User", name: "jane", apiGroup: "rbac.authorization.k8s.io" },
    { kind: "ServiceAccount", namespace: "ci", name: "robot" },
  ]);
});
