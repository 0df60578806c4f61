import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { startSandbox } from "../../sandbox/sandbox.ts";
import { backup, send, until, velero } from "./client.ts";

// The older server, whose node agents keep what they have opened; the newer one is played by the scenarios.
let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ velero: "1.13", speed: 4 });
});
after(() => sandbox.stop());

interface Seen {
  metadata: { name: string; uid: string };
  status?: { phase?: string; message?: string; podIP?: string };
}

const items = async (path: string) => (await send(sandbox, path)).json<{ items: Seen[] }>().items;
const repositories = `${velero}/backuprepositories`;
const remove = (path: string) => send(sandbox, path, { method: "DELETE" });

const phaseBecomes = (path: string, wanted: RegExp) =>
  until(
    async () => (await send(sandbox, path)).json<Seen>().status?.phase ?? "",
    (phase) => wanted.test(phase),
  );

/** The phase in which the backup ends, and the messages of its volumes. */
async function backUp(name: string): Promise<{ phase: string; messages: string[] }> {
  const spec = { includedNamespaces: ["shop"], defaultVolumesToFsBackup: true };
  await send(sandbox, `${velero}/backups`, { method: "POST", body: backup(name, spec) });
  const phase = await phaseBecomes(`${velero}/backups/${name}`, /^(Completed|PartiallyFailed|Failed)/);
  const volumes = await items(`${velero}/podvolumebackups?labelSelector=velero.io/backup-name%3D${name}`);
  return { phase, messages: volumes.map(({ status }) => status?.message ?? "") };
}

async function restore(backupName: string, name: string): Promise<{ phase: string; messages: string[] }> {
  const spec = { backupName, namespaceMapping: { shop: name } };
  const body = { apiVersion: "velero.io/v1", kind: "Restore", metadata: { name }, spec };
  await send(sandbox, `${velero}/restores`, { method: "POST", body });
  const phase = await phaseBecomes(`${velero}/restores/${name}`, /^(Completed|PartiallyFailed|Failed)/);
  const volumes = await items(`${velero}/podvolumerestores?labelSelector=velero.io/restore-name%3D${name}`);
  return { phase, messages: volumes.map(({ status }) => status?.message ?? "") };
}

async function replaceMinio(): Promise<void> {
  const path = "/apis/apps/v1/namespaces/mke/deployments/minio";
  const location = `${velero}/backupstoragelocations/default`;
  await send(sandbox, path, { method: "PATCH", body: { spec: { replicas: 0 } } });
  await phaseBecomes(location, /^Unavailable$/);
  await send(sandbox, path, { method: "PATCH", body: { spec: { replicas: 1 } } });
  await phaseBecomes(location, /^Available$/);
}

async function replaceNodeAgent(): Promise<void> {
  const path = "/api/v1/namespaces/mke/pods?labelSelector=name%3Dnode-agent";
  const old = await items(path);
  for (const { metadata } of old) await remove(`/api/v1/namespaces/mke/pods/${metadata.name}`);
  const isOld = ({ metadata }: Seen) => old.some(({ metadata: { uid } }) => uid === metadata.uid);
  await until(
    () => items(path),
    (pods) => pods.length > 0 && pods.every((pod) => !isOld(pod) && pod.status?.phase === "Running"),
  );
}

async function forget(): Promise<void> {
  for (const { metadata } of await items(repositories)) await remove(`${repositories}/${metadata.name}`);
}

const uninitialised =
  "error to initialize data path: error to boost backup repository connection default-shop-kopia: error to connect backup repo: error to connect repo with storage: error to connect to repository: repository not initialized in the provided storage";

test("a repository is made with the first volumes, and survives as an object when MinIO's pod does not", async () => {
  assert.deepEqual(await items(repositories), []);
  assert.deepEqual(await backUp("first"), { phase: "Completed", messages: ["", ""] });
  const [made] = await items(repositories);
  assert.match(made?.metadata.name ?? "", /^shop-default-kopia-\w{5}$/);
  await replaceMinio();
  const [kept] = await items(repositories);
  assert.deepEqual([kept?.metadata.uid, kept?.status?.phase], [made?.metadata.uid, "Ready"]);
});

test("a node agent that has opened the lost repository goes on with it, a new one cannot open it", async () => {
  assert.deepEqual(await backUp("blind"), { phase: "Completed", messages: ["", ""] });
  assert.deepEqual(await restore("blind", "same-agent"), { phase: "Completed", messages: ["", ""] });
  await replaceNodeAgent();
  const failed = { phase: "PartiallyFailed", messages: [uninitialised, uninitialised] };
  assert.deepEqual(await backUp("awake"), failed);
  assert.deepEqual(await restore("blind", "new-agent"), failed);
});

test("where a node agent went on, no new repository is made: no volume is begun", async () => {
  await forget();
  assert.deepEqual(await backUp("refused"), { phase: "PartiallyFailed", messages: [] });
  const [{ status } = {}] = await items(repositories);
  assert.equal(status?.phase, "NotReady");
  assert.match(status?.message ?? "", /found existing data in storage location$/);
  assert.deepEqual(await restore("blind", "refused"), { phase: "PartiallyFailed", messages: [] });
});

test("in an empty bucket a forgotten repository is made anew", async () => {
  await replaceMinio();
  await forget();
  assert.deepEqual(await backUp("healed"), { phase: "Completed", messages: ["", ""] });
  // One that is in the bucket is taken as it is.
  await forget();
  assert.deepEqual(await restore("healed", "healed"), { phase: "Completed", messages: ["", ""] });
  assert.equal((await items(repositories))[0]?.status?.phase, "Ready");
});
