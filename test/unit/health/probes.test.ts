import assert from "node:assert/strict";
import { test } from "node:test";
import { lookAtKeys, lookAtRootSecret } from "../../../src/health/probes/credentials.ts";
import { lookAtLastLines } from "../../../src/health/probes/last-lines.ts";
import { interpret } from "../../../src/mke/interpret.ts";
import { fakeCluster } from "../fake-cluster.ts";
import { mkeConfigObject } from "../mke/samples.ts";
import * as sample from "./samples.ts";

const options = { namespace: "mke", signal: new AbortController().signal, limit: 1000 };
const secret = (name: string, data: Record<string, string>) => ({
  kind: "Secret",
  metadata: { name, namespace: "mke" },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")])),
});

test("the last lines of a container that ended are read, without what is secret in them", async () => {
  const cluster = fakeCluster({
    logs: {
      "velero-1/velero (previous)":
        '2026-11-24T08:00:00Z starting\n2026-11-24T08:00:01Z level=error msg="session_token=abcdefgh refused"\n',
    },
  });
  const server = sample.workload({
    container: "velero",
    pods: [
      sample.pod({ name: "velero-1", lastEnd: { reason: "Error", at: sample.ago(1000) } }),
      sample.pod({ name: "velero-2" }),
    ],
  });
  const found = await lookAtLastLines(cluster, [server], options);
  assert.deepEqual([...found.keys()], ["velero-1"], "what runs well is not asked");
  const fact = found.get("velero-1");
  assert.ok(fact?.state === "known");
  assert.deepEqual(fact.value[0], "starting");
  assert.doesNotMatch(fact.value.join(), /abcdefgh/);
});

test("a log that is not there any more is a fact too", async () => {
  const server = sample.workload({
    container: "velero",
    pods: [sample.pod({ lastEnd: { reason: "Error", at: sample.ago(1000) } })],
  });
  const found = await lookAtLastLines(fakeCluster({}), [server], options);
  assert.deepEqual(
    [...found.values()].map(({ state }) => state),
    ["failed"],
  );
});

test("of a location's keys it is told whether they will expire, and nothing else", async () => {
  const keys = "[default]\naws_access_key_id=AK\naws_secret_access_key=SK\naws_session_token=ST\n";
  const location = {
    ...sample.location(),
    spec: { ...sample.location().spec, credential: { name: "own", key: "cloud" } },
  };
  const found = await lookAtKeys(fakeCluster({ objects: [secret("own", { cloud: keys })] }), [location], options);
  assert.deepEqual([...found], [["default", { state: "known", value: { temporary: true } }]]);
  assert.doesNotMatch(JSON.stringify([...found]), /AK|SK|ST/);
});

test("MinIO's own Secret is looked for where MKE declares one", async () => {
  const declared = interpret(mkeConfigObject, { kind: "MkeConfig", namespace: "mke", name: "mke" });
  const there = fakeCluster({ objects: [secret("minio-credentials", { "root-user": "admin", "root-password": "x" })] });
  assert.deepEqual(await lookAtRootSecret(there, declared, options), {
    state: "known",
    value: { name: "minio-credentials", keys: ["root-user", "root-password"] },
  });
  assert.deepEqual(await lookAtRootSecret(fakeCluster({}), declared, options), {
    state: "known",
    value: { name: "minio-credentials", keys: undefined },
  });
  assert.equal(await lookAtRootSecret(there, undefined, options), undefined);
});
