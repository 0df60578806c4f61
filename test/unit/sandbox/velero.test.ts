import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { backup, send, until, velero } from "./client.ts";

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ speed: 4 });
});
after(() => sandbox.stop());

interface Ended {
  metadata?: { name: string };
  status?: Record<string, unknown> & { phase?: string; errors?: number; progress?: Record<string, number> };
}

const terminal = new Set(["Completed", "PartiallyFailed", "Failed", "FailedValidation"]);
const get = async (path: string) => (await send(sandbox, path)).json<Ended>();
const ended = (path: string) =>
  until(
    () => get(path),
    ({ status }) => terminal.has(status?.phase ?? ""),
  );
const post = (kind: string, body: object) => send(sandbox, `${velero}/${kind}`, { method: "POST", body });
const volumesOf = { includedNamespaces: ["shop"], defaultVolumesToFsBackup: true };

async function checksums(): Promise<string[]> {
  const pods = await send(sandbox, "/api/v1/namespaces/shop/pods");
  const { items } = pods.json<{ items: { metadata: { name: string } }[] }>();
  const logs = items.map(({ metadata }) => send(sandbox, `/api/v1/namespaces/shop/pods/${metadata.name}/log`));
  return (await Promise.all(logs)).map(({ text }) => text).sort();
}

const scale = (name: string, replicas: number) =>
  send(sandbox, `/apis/apps/v1/namespaces/mke/deployments/${name}`, { method: "PATCH", body: { spec: { replicas } } });

const locationIs = (phase: string) =>
  until(
    () => get(`${velero}/backupstoragelocations/default`),
    ({ status }) => status?.phase === phase,
  );

test("what a backup holds comes back after its namespace was deleted", async () => {
  const before = await checksums();
  assert.match(before.join(""), /^(sha256 [0-9a-f]{64}\n){2}$/);
  await post("backups", backup("first", volumesOf));
  const { status } = await ended(`${velero}/backups/first`);
  assert.equal(status?.phase, "Completed");
  assert.equal(status?.progress?.["totalItems"], status?.progress?.["itemsBackedUp"]);

  await send(sandbox, "/api/v1/namespaces/shop", { method: "DELETE" });
  await until(
    () => send(sandbox, "/api/v1/namespaces/shop"),
    ({ code }) => code === 404,
  );
  const restore = {
    apiVersion: "velero.io/v1",
    kind: "Restore",
    metadata: { name: "back" },
    spec: { backupName: "first" },
  };
  await post("restores", restore);
  assert.equal((await ended(`${velero}/restores/back`)).status?.phase, "Completed");
  const after = await until(checksums, (logs) => logs.length === 2 && logs.every((log) => log.startsWith("sha256")));
  assert.deepEqual(after, before);
});

test("a backup whose volumes fail is PartiallyFailed, and says why", async () => {
  const undo = sandbox.failVolumeBackups("the disk is on fire");
  await post("backups", backup("partial", volumesOf));
  const { status } = await ended(`${velero}/backups/partial`);
  undo();
  assert.deepEqual([status?.phase, status?.errors], ["PartiallyFailed", 2]);
  const volumes = await send(sandbox, `${velero}/podvolumebackups?labelSelector=velero.io/backup-name%3Dpartial`);
  const [volume] = volumes.json<{ items: Ended[] }>().items;
  assert.deepEqual([volume?.status?.phase, volume?.status?.["message"]], ["Failed", "the disk is on fire"]);
});

test("a backup that cannot be valid is refused with the reasons", async () => {
  const spec = {
    storageLocation: "nowhere",
    includedNamespaces: ["*", "shop"],
    includeClusterResources: true,
    includedClusterScopedResources: ["*"],
  };
  await post("backups", backup("refused", spec));
  const { status } = await ended(`${velero}/backups/refused`);
  assert.ok(status);
  assert.equal(status.phase, "FailedValidation");
  assert.equal((status["validationErrors"] as string[]).length, 3);
});

test("a server that is killed leaves a Failed backup with its reason", async () => {
  await post("backups", backup("interrupted", volumesOf));
  await until(
    () => get(`${velero}/backups/interrupted`),
    ({ status }) => status?.phase === "InProgress",
  );
  const pods = await send(sandbox, "/api/v1/namespaces/mke/pods?labelSelector=deploy%3Dvelero");
  const [pod] = pods.json<{ items: { metadata: { name: string } }[] }>().items;
  await send(sandbox, `/api/v1/namespaces/mke/pods/${pod?.metadata.name}`, { method: "DELETE" });
  const { status } = await ended(`${velero}/backups/interrupted`);
  assert.equal(status?.phase, "Failed");
  assert.match(String(status?.["failureReason"]), /found a backup with status "InProgress" during the server starting/);
});

test("deleting a backup takes its files and its restores", async () => {
  await until(
    () => get(`${velero}/backupstoragelocations/default`),
    ({ status }) => status?.phase === "Available",
  );
  const body = {
    apiVersion: "velero.io/v1",
    kind: "DeleteBackupRequest",
    metadata: { generateName: "first-", labels: { "velero.io/backup-name": "first" } },
    spec: { backupName: "first" },
  };
  await post("deletebackuprequests", body);
  await until(
    () => send(sandbox, `${velero}/backups/first`),
    ({ code }) => code === 404,
  );
  await until(
    () => send(sandbox, `${velero}/restores/back`),
    ({ code }) => code === 404,
  );
});

test("MinIO's pod takes the backups with it: unavailable, then empty", async () => {
  await scale("minio", 0);
  const { status } = await locationIs("Unavailable");
  assert.match(
    String(status?.["message"]),
    /^BackupStorageLocation "default" is unavailable: .*ListObjectsV2.* dial tcp 10\.96\.\d+\.\d+:9000: connect: connection refused$/,
  );
  assert.equal((await send(sandbox, `${velero}/backups/partial`)).code, 200);
  await scale("minio", 1);
  await locationIs("Available");
  await until(
    () => send(sandbox, `${velero}/backups/partial`),
    ({ code }) => code === 404,
  );
});

test("a schedule is judged, a paused one is not touched", async () => {
  const schedule = (name: string, spec: object) => ({
    apiVersion: "velero.io/v1",
    kind: "Schedule",
    metadata: { name },
    spec: { template: {}, ...spec },
  });
  await post("schedules", schedule("good", { schedule: "0 3 * * *" }));
  await post("schedules", schedule("bad", { schedule: "now and then please" }));
  await post("schedules", schedule("paused", { schedule: "0 3 * * *", paused: true }));
  await until(
    () => get(`${velero}/schedules/good`),
    ({ status }) => status?.phase === "Enabled",
  );
  const { status } = await until(
    () => get(`${velero}/schedules/bad`),
    (seen) => seen.status?.phase !== undefined,
  );
  assert.deepEqual(status?.["validationErrors"], [
    "invalid schedule: expected exactly 5 fields, found 4: [now and then please]",
  ]);
  assert.equal((await get(`${velero}/schedules/paused`)).status, undefined);
});

test("nothing moves without a server", async () => {
  await scale("velero", 0);
  await until(
    () => send(sandbox, "/api/v1/namespaces/mke/pods?labelSelector=deploy%3Dvelero"),
    ({ text }) => text.includes('"items":[]'),
  );
  await post("backups", backup("waiting"));
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal((await get(`${velero}/backups/waiting`)).status, undefined);
});
