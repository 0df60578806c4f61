import assert from "node:assert/strict";
import { test } from "node:test";
import { noColours, type Screen } from "../../../../src/output/screen.ts";
import { cells } from "../../../../src/output/text.ts";
import { storageCheckText } from "../../../../src/output/views/storage-check.ts";
import type { ProofStep, StorageProof } from "../../../../src/velero/storage-proof.ts";
import type { BackupStorageLocation } from "../../../../src/velero/types.ts";

const screen: Screen = { width: 80, wide: false, paint: noColours, now: new Date("2026-11-24T10:00:00Z") };

const ok = (name: string, detail: string, milliseconds = 3): ProofStep => ({
  name,
  status: "ok",
  milliseconds,
  detail,
});
const skipped = (name: string, detail: string): ProofStep => ({ name, status: "skipped", detail });
const start = [
  ok("settings", "bucket velero at http://minio.mke.svc:9000"),
  ok("resolve", "Service mke/minio, pod minio-66869d94-xpff6", 0.4),
  ok("connect", "through the API server to pod mke/minio-66869d94-xpff6", 1234),
];
const failing: ProofStep = {
  name: "list",
  status: "fail",
  milliseconds: 12,
  detail: "the store does not know the access key",
  message:
    "the object store at minio.mke.svc:9000 answered InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.",
  cause: "wrong-key",
  hint: "put the right aws_access_key_id into the location's Secret",
  next: "kubectl -n mke describe secret cloud-credentials",
};

const proof = (steps: readonly ProofStep[], change: Partial<StorageProof> = {}): StorageProof => ({
  passed: steps.every(({ status }) => status !== "fail"),
  location: "default",
  bucket: "velero",
  host: "minio.mke.svc:9000",
  readOnly: undefined,
  steps,
  milliseconds: 69,
  skew: { store: 0, cluster: 0 },
  latency: 3,
  latestBackup: undefined,
  leftBehind: undefined,
  ...change,
});
const location = (status: BackupStorageLocation["status"]): BackupStorageLocation => ({
  metadata: { name: "default", namespace: "mke" },
  spec: { provider: "aws", objectStorage: { bucket: "velero" } },
  ...(status === undefined ? {} : { status }),
});
const available = location({ phase: "Available", lastValidationTime: "2026-11-24T09:59:30Z" });
const wrongKey = location({
  phase: "Unavailable",
  lastValidationTime: "2026-11-24T09:59:30Z",
  message:
    'BackupStorageLocation "default" is unavailable: rpc error: … api error InvalidAccessKeyId: The Access Key …',
});

test("what works: the answer, the steps, and what Velero says", () => {
  const latestBackup = { name: "nightly-1", modified: "2026-11-24T08:00:00Z", of: 12 };
  const steps = [...start, skipped("TLS", "plain http, which protects nothing"), ok("latest", "not for people")];
  assert.equal(
    storageCheckText(available, proof(steps, { latestBackup }), screen),
    `OK  Location default works from here (69ms)

STEP       STATUS   TIME   DETAIL
settings   OK        3ms   bucket velero at http://minio.mke.svc:9000
resolve    OK       <1ms   Service mke/minio, pod minio-66869d94-xpff6
connect    OK       1.2s   through the API server to pod mke/minio-66869d94-xpf…
TLS        -           -   skipped: plain http, which protects nothing
latest     OK        3ms   nightly-1, written 120m ago, of 12

Velero's view: Available, looked 30s ago.`,
  );
});

test("what does not: cause, the store's own words, what to do and a command", () => {
  assert.equal(
    storageCheckText(wrongKey, proof([...start, failing, skipped("layout", "needs list")]), screen),
    `FAIL  Location default fails at list: the store does not know the access key
      (69ms)

STEP       STATUS   TIME   DETAIL
settings   OK        3ms   bucket velero at http://minio.mke.svc:9000
resolve    OK       <1ms   Service mke/minio, pod minio-66869d94-xpff6
connect    OK       1.2s   through the API server to pod mke/minio-66869d94-xpf…
list       FAIL     12ms   the store does not know the access key
layout     -           -   skipped: needs list

Velero's view: Unavailable, looked 30s ago: the store does not know the access
  key.

1  FAIL  list: the store does not know the access key
         the object store at minio.mke.svc:9000 answered InvalidAccessKeyId: The
         Access Key Id you provided does not exist in our records.
         Put the right aws_access_key_id into the location's Secret.
         next  kubectl -n mke describe secret cloud-credentials`,
  );
});

test("the store's own words are not told twice", () => {
  const words = "Service minio in namespace mke has no pod that is ready";
  const step = { ...failing, name: "resolve", detail: `the store does not run: ${words}`, message: words };
  const shown = storageCheckText(available, proof([step]), { ...screen, width: 1000, wide: true });
  assert.match(shown, /^1 {2}FAIL {2}resolve: the store does not run: Service .* ready\n {9}Put the right /m);
});

test("where the server sees it otherwise, that is said", () => {
  const view = (where: BackupStorageLocation, steps: readonly ProofStep[]) =>
    storageCheckText(where, proof(steps), { ...screen, width: 1000, wide: true }).match(/^Velero's view.*$/m)?.[0];
  assert.match(view(wrongKey, start) ?? "", /: the store does not know the access key\. It is the server that cannot/);
  assert.match(view(available, [failing]) ?? "", /Available, looked 30s ago\. It is from here that it does not work/);
  assert.equal(view(location(undefined), start), "Velero's view: it has not looked at this location yet.");
});

test("a server that looks no more is told of", () => {
  const stale = location({ phase: "Available", lastValidationTime: "2026-11-24T09:00:00Z" });
  assert.match(
    storageCheckText(stale, proof(start), { ...screen, wide: true }),
    /Available, looked 60m ago\. It should look each minute: the server may not run/,
  );
});

test("a read-only check says that nothing was written", () => {
  const [first] = storageCheckText(available, proof(start, { readOnly: "option" }), screen).split("\n");
  assert.equal(first, "OK  Location default works from here (69ms, nothing was written)");
});

test("every line fits, and what a store says is shown, not obeyed", () => {
  const evil = { ...failing, message: `\u001b[31m${"x".repeat(300)}` };
  for (const width of [60, 80]) {
    const text = storageCheckText(wrongKey, proof([...start, evil]), { ...screen, width });
    assert.ok(text.split("\n").every((line) => cells(line) <= width || line.includes("next  ")));
    assert.ok(!text.includes("\u001b"));
  }
});
