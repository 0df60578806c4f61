import assert from "node:assert/strict";
import { test } from "node:test";
import { known } from "../../../src/health/fact.ts";
import { readMinioState } from "../../../src/health/minio-state.ts";
import { testRules } from "./rule-cases.ts";
import * as sample from "./samples.ts";

test("what MinIO says of its drives", () => {
  const answer = {
    servers: [
      { state: "online", drives: [{ endpoint: "/data", state: "ok", totalspace: 100, availspace: 60 }] },
      { state: "offline", disks: [{ path: "/data2", state: "offline" }] },
    ],
  };
  assert.deepEqual(readMinioState(JSON.stringify(answer)).drives, [
    { endpoint: "/data", state: "ok", total: 100, available: 60 },
    { endpoint: "/data2", state: "offline", total: undefined, available: undefined },
  ]);
});

test("what is no answer of MinIO is refused", () => {
  for (const text of ["", "null", "[]", "{}", '{"servers":1}', "<html>"])
    assert.throws(() => readMinioState(text), text);
});

const drive = (endpoint: string, state: string, available: number) => ({ endpoint, state, total: 1000, available });
const minio = (...drives: ReturnType<typeof drive>[]) => ({ thorough: sample.thorough({ minio: known({ drives }) }) });

testRules({
  "every drive is online, with room": { facts: minio(drive("/a", "ok", 500), drive("/b", "ok", 101)), found: [] },
  "a drive is offline": {
    facts: minio(drive("http://minio-0:9000/data", "ok", 500), drive("http://minio-1:9000/data", "offline", 500)),
    found: ["warn storage.drives"],
    evidence: /^MinIO says: http:\/\/minio-1:9000\/data offline\.$/,
  },
  "a drive is nearly full": {
    facts: minio(drive("/data", "ok", 42)),
    found: ["warn storage.full"],
    evidence: /^4% of \/data is free\.$/,
  },
});
