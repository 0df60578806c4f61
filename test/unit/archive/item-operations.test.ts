import assert from "node:assert/strict";
import { test } from "node:test";
import { itemOperations } from "../../../src/archive/item-operations.ts";

test("an operation of a backup: the identifier's keys are capitals", () => {
  const document = [
    {
      spec: {
        backupName: "b",
        backupUID: "u",
        backupItemAction: "velero.io/csi-pvc-backupper",
        resourceIdentifier: { Group: "", Resource: "persistentvolumeclaims", Namespace: "shop", Name: "data" },
        operationID: "du-1",
        postOperationItems: null,
      },
      status: {
        phase: "InProgress",
        error: "",
        nCompleted: 0,
        nTotal: 4096,
        operationUnits: "Bytes",
        created: "2026-01-01T00:00:00Z",
      },
    },
  ];
  assert.deepEqual(itemOperations(document), [
    {
      plugin: "velero.io/csi-pvc-backupper",
      operation: "du-1",
      resource: "persistentvolumeclaims",
      namespace: "shop",
      name: "data",
      phase: "InProgress",
      units: "Bytes",
      created: "2026-01-01T00:00:00Z",
      done: 0,
      total: 4096,
    },
  ]);
});

test("an operation of a restore that failed, of a kind with a group", () => {
  const [operation] = itemOperations([
    {
      spec: {
        restoreItemAction: "p",
        resourceIdentifier: { Group: "x.io", Resource: "things", Namespace: "", Name: "a" },
      },
      status: { phase: "Failed", error: "no" },
    },
  ]);
  assert.deepEqual([operation?.plugin, operation?.resource, operation?.error], ["p", "things.x.io", "no"]);
});
