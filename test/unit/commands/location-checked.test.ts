import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../../src/commands/command.ts";
import { unavailable, waitUntilChecked } from "../../../src/commands/location-checked.ts";
import { storageLocations } from "../../../src/velero/kinds.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";
import { fakeTime } from "../fake-time.ts";
import { stagedCluster } from "../velero/staged-cluster.ts";

const where = { namespace: "mke", name: "extra" };
const noSecret =
  'BackupStorageLocation "extra" is unavailable: unable to get credentials: unable to get key for secret: Secret "extra-credentials" not found';

const seen = (phase?: string, at = "10:00:00", message?: string): BackupStorageLocation => ({
  metadata: where,
  ...(phase && { status: { phase, lastValidationTime: `2026-11-24T${at}Z`, ...(message && { message }) } }),
});

function waiting(stages: readonly BackupStorageLocation[], options: Parameters<typeof waitUntilChecked>[3]) {
  const context: Partial<Context> = { signal: new AbortController().signal, tell: () => undefined };
  return waitUntilChecked(stagedCluster([[storageLocations, ...stages]]), context as Context, where, options);
}

test("a location is waited for until the server has looked at it", async (t) => {
  fakeTime(t);
  assert.equal((await waiting([seen(), seen(), seen("Available")], {})).status?.phase, "Available");
  await assert.rejects(waiting([seen()], { limit: 5000 }), {
    kind: "timeout",
    message: "timed out waiting for the Velero server to check location extra",
  });
});

test("an older look does not count", async (t) => {
  fakeTime(t);
  const after = new Date("2026-11-24T10:00:00Z");
  const stages = [seen("Available"), seen("Available"), seen("Unavailable", "10:00:01")];
  assert.equal((await waiting(stages, { after })).status?.phase, "Unavailable");
});

test("a server that has not heard of the new Secret yet looks again", async (t) => {
  fakeTime(t);
  const stages = [seen("Unavailable", "10:00:00", noSecret), seen("Available", "10:01:00")];
  assert.equal((await waiting(stages, { isSecretNew: true })).status?.phase, "Available");
  // Of a Secret that the user named it is the answer.
  assert.equal((await waiting(stages, {})).status?.phase, "Unavailable");
});

test("what is wrong with a checked location is its cause, with what to change", () => {
  assert.equal(unavailable(seen("Available")), undefined);
  assert.equal(unavailable(seen()), undefined);
  const failure = unavailable(seen("Unavailable", "10:00:00", noSecret));
  assert.match(failure?.message ?? "", /^location extra is Unavailable: the Secret with the location's credentials/);
  assert.equal(failure?.next.at(-1), "kubectl mkebackup describe location/extra");
});
