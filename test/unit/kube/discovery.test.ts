import assert from "node:assert/strict";
import { test } from "node:test";
import { namespaces } from "../../../src/core/resource.ts";
import { backups } from "../../../src/velero/kinds.ts";
import { type Answer, clusterWith, json } from "./local-server.ts";

const resource = (name: string, kind: string, scope: string) => ({
  resource: name,
  responseKind: { group: "", version: "", kind },
  scope,
  singularResource: kind.toLowerCase(),
  verbs: ["list", "create"],
});
const groups = (...items: object[]) =>
  json({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items });

test("the kinds of all groups come in two requests, each kind once", async (t) => {
  const byPath: Answer = (response, request) => {
    const answer =
      request.url === "/api"
        ? groups({ metadata: {}, versions: [{ version: "v1", resources: [resource("nodes", "Node", "Cluster")] }] })
        : groups({
            metadata: { name: "apps" },
            versions: [
              { version: "v1", resources: [resource("deployments", "Deployment", "Namespaced")] },
              { version: "v1beta1", resources: [resource("deployments", "Deployment", "Namespaced")] },
              // A group whose server is away.
              { version: "v2", freshness: "Stale" },
            ],
          });
    answer(response, request);
  };
  const { cluster, requests } = await clusterWith(t, byPath);
  const verbs = ["list", "create"];
  assert.deepEqual(await cluster.kinds(), [
    { group: "", plural: "nodes", kind: "Node", namespaced: false, verbs, version: "v1" },
    { group: "apps", plural: "deployments", kind: "Deployment", namespaced: true, verbs, version: "v1" },
  ]);
  assert.deepEqual(requests.map(({ url }) => url).toSorted(), ["/api", "/apis"]);
  assert.match(
    String(requests[0]?.headers.accept),
    /g=apidiscovery\.k8s\.io;v=v2;as=APIGroupDiscoveryList,.*,application\/json$/,
  );
});

test("a server that is too old for that has no kinds to tell", async (t) => {
  const { cluster } = await clusterWith(t, json({ kind: "APIGroupList", groups: [{ name: "apps" }] }));
  assert.deepEqual(await cluster.kinds(), []);
});

test("names are read from a table without objects", async (t) => {
  const columnDefinitions = [{ name: "Name" }, { name: "Status" }, { name: "Age" }];
  const table = json({ kind: "Table", columnDefinitions, rows: [{ cells: ["shop", "Active", "3d4h"], object: null }] });
  const { cluster, requests } = await clusterWith(t, table);
  assert.deepEqual(await cluster.names(namespaces), [{ name: "shop", age: "3d4h" }]);
  assert.equal(requests[0]?.url, "/api/v1/namespaces?includeObject=None&resourceVersion=0");
  assert.match(String(requests[0]?.headers.accept), /as=Table/);
});

test("a plain list has names too, and an empty table none", async (t) => {
  const plain = await clusterWith(t, json({ kind: "BackupList", items: [{ metadata: { name: "a" } }] }));
  assert.deepEqual(await plain.cluster.names(backups, { namespace: "mke" }), [{ name: "a", age: "" }]);
  const empty = await clusterWith(t, json({ kind: "Table", columnDefinitions: [{ name: "Name" }], rows: null }));
  assert.deepEqual(await empty.cluster.names(backups), []);
});
