import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { roleManifest } from "../../../../src/output/views/role.ts";
import { roleNames } from "../../../../src/velero/rights.ts";
import { grantedRoles, roleObjects } from "../../../../src/velero/role-objects.ts";

test("the manifest says in YAML what the objects are, whatever the names", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...roleNames),
      fc.constantFrom("mke", "velero", "123", "null"),
      fc.array(fc.string({ minLength: 1, unit: "binary" }), { maxLength: 3 }),
      (role, namespace, users) => {
        const wanted = {
          name: "mkebackup",
          role,
          namespace,
          subjects: users.map((name) => ({ kind: "User", name }) as const),
        };
        const roles = grantedRoles(wanted);
        const documents = parseAllDocuments(roleManifest(wanted, roles));
        assert.ok(Array.isArray(documents));
        assert.deepEqual(
          documents.map((document) => document.toJS()),
          roles.flatMap(roleObjects),
        );
      },
    ),
    { numRuns: 30 },
  );
});
