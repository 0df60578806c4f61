import assert from "node:assert/strict";
import { test } from "node:test";
import { controllerOf, isFleeting, meaningful } from "../../../src/archive/noise.ts";
import { deployment, madeAnew } from "./manifests.ts";

test("an object that was restored is the same; one that a person changed is not", () => {
  assert.deepEqual(meaningful(madeAnew(deployment())), meaningful(deployment()));
  assert.notDeepEqual(meaningful(deployment({ replicas: 3 })), meaningful(deployment()));
  assert.notDeepEqual(meaningful(deployment({}, { annotations: { owner: "jane" } })), meaningful(deployment()));
});

test("a Service's address is given out, None and node ports are chosen", () => {
  const service = (spec: object) => meaningful({ kind: "Service", metadata: { name: "web" }, spec });
  assert.deepEqual(service({ clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] }), service({ clusterIP: "10.0.0.2" }));
  assert.notDeepEqual(service({ clusterIP: "None" }), service({ clusterIP: "10.0.0.2" }));
  assert.notDeepEqual(service({ ports: [{ nodePort: 30001 }] }), service({ ports: [{ nodePort: 30002 }] }));
});

test("a pod's node and its token are given out", () => {
  const pod = (node: string, token: string) =>
    meaningful({
      kind: "Pod",
      metadata: { name: "p" },
      spec: {
        nodeName: node,
        volumes: [{ name: token, projected: {} }, { name: "data" }],
        containers: [{ name: "c", volumeMounts: [{ name: token }, { name: "data" }] }],
      },
    });
  assert.deepEqual(pod("a", "kube-api-access-x2x2x"), pod("b", "kube-api-access-y3y3y"));
  assert.notDeepEqual(pod("a", "other"), pod("a", "another"));
});

test("a Job's pods are found by a label that is drawn anew, a volume by its claim's name", () => {
  const job = (uid: string) =>
    meaningful({
      kind: "Job",
      metadata: { name: "j", labels: { "controller-uid": uid } },
      spec: {
        selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
        template: { metadata: { labels: { "controller-uid": uid, app: "j" } }, spec: {} },
      },
    });
  assert.deepEqual(job("one"), job("two"));
  const volume = (uid: string) =>
    meaningful({ kind: "PersistentVolume", metadata: { name: "v" }, spec: { claimRef: { name: "data", uid } } });
  assert.deepEqual(volume("one"), volume("two"));
});

test("the controller of an object is the owner that says so", () => {
  const of = (ownerReferences: unknown) => controllerOf({ metadata: { ownerReferences } });
  assert.equal(
    of([
      { kind: "Foo", name: "a" },
      { kind: "ReplicaSet", name: "web-1", controller: true },
    ]),
    "ReplicaSet/web-1",
  );
  assert.equal(of([{ kind: "Foo", name: "a" }]), undefined);
  assert.equal(of("odd"), undefined);
  assert.ok(isFleeting("events") && !isFleeting("pods"));
});
