import assert from "node:assert/strict";
import { test } from "node:test";
import { apiVersionOf, deployments, namespaces, objectName, pods, resourceName } from "../../../src/core/resource.ts";
import { backups, dataUploads } from "../../../src/velero/kinds.ts";

test("kinds are named as the API server and -o name name them", () => {
  assert.deepEqual([pods, deployments, backups].map(resourceName), ["pods", "deployments.apps", "backups.velero.io"]);
  assert.equal(objectName(backups, "nightly"), "backup.velero.io/nightly");
  assert.equal(objectName(namespaces, "shop"), "namespace/shop");
});

test("the apiVersion of the core group has no group", () => {
  assert.deepEqual([pods, deployments, dataUploads].map(apiVersionOf), ["v1", "apps/v1", "velero.io/v2alpha1"]);
});
