// Backups that are in danger without any backup having failed: doctor names each cause, and no other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { backupPath, freeQueue, phase, veleroPath } from "./cluster-state.ts";
import { addBucket, addLocation } from "./situations/locations.ts";
import { add, made, storeClient, type Undoing } from "./situations/situation.ts";
import { assertExit, eventually, openWorld, uniqueName, type World } from "./world.ts";

let world: World;
let client: S3Client;
/** A good backup, so that there is one. */
const base = uniqueName("base");

before(async () => {
  world = await openWorld();
  client = storeClient(world);
  assertExit(await world.run(`create ${base} --include-namespaces shop`), 0);
});
after(async () => {
  client.destroy();
  await world.run(`delete backup/${base} --yes`);
  await world.stop();
});

interface Finding {
  readonly id: string;
  readonly title: string;
  readonly evidence: string;
  readonly next: string;
}

const claimSpec = { storageClassName: "", accessModes: ["ReadWriteOnce"] };

/** Of the rules about backups: other scenarios look after the rest. */
const own = /^(backup|coverage|volume|deletion|repository|schedule)\./;

async function findings(): Promise<Finding[]> {
  const outcome = await world.run("doctor -o json");
  assert.notEqual(outcome.stdout, "", outcome.stderr);
  const { problems, unseen } = JSON.parse(outcome.stdout) as { problems: Finding[]; unseen: unknown[] };
  assert.deepEqual(unseen, [], "the administrator sees everything");
  return problems.filter(({ id }) => own.test(id));
}

/** Makes something, waits until doctor finds the one thing, and undoes it until doctor finds nothing more. */
async function finds(id: string, make: (undoing: Undoing) => Promise<void>): Promise<Finding> {
  const before = new Set((await findings()).map((one) => one.id));
  const news = async () => (await findings()).filter((one) => !before.has(one.id));
  const undo = await made(make);
  try {
    const found = await eventually(
      `doctor finds ${id} and no other`,
      news,
      (seen) => seen.length > 0 && seen.every((one) => one.id === id),
    );
    const [first] = found;
    assert.ok(first);
    return first;
  } finally {
    await undo();
    await eventually("doctor finds nothing more", news, (seen) => seen.length === 0);
  }
}

/** A location with a bucket of its own, available. */
async function addStore(undoing: Undoing, spec: object = {}): Promise<{ bucket: string; location: string }> {
  const bucket = await addBucket(world, undoing);
  const location = await addLocation(world, undoing, { bucket, spec });
  await eventually(
    `location ${location} is available`,
    () => phase(world.api, `${veleroPath("backupstoragelocations")}/${location}`),
    (seen) => seen === "Available",
  );
  return { bucket, location };
}

/** Takes a backup of the shop that goes with the situation, object and all. */
async function addBackup(undoing: Undoing, location: string): Promise<string> {
  const name = uniqueName("kept");
  undoing.add(async () => {
    // Velero deletes no files of a location that is gone, and brings back a backup whose files are there.
    if (location === "default") await world.run(`delete backup/${name} --yes`);
    else await world.api.delete(backupPath(name));
  });
  assertExit(await world.run(`create ${name} --include-namespaces shop --storage-location ${location}`), 0);
  return name;
}

async function keysOf(Bucket: string, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.flatMap(({ Key }) => Key ?? []);
}

test("a PodVolumeBackup whose backup and node are gone", async () => {
  const name = uniqueName("orphan");
  const path = veleroPath("podvolumebackups");
  const found = await finds("volume.left-behind", async (undoing) => {
    // As the next command does: the finalizer that a node agent may have put on it is nobody's to take away.
    undoing.add(async () => {
      await world.api.patch(`${path}/${name}`, { metadata: { finalizers: null }, status: { phase: "Failed" } });
      await world.api.request("DELETE", `${path}/${name}`);
    });
    await world.api.post(path, {
      apiVersion: "velero.io/v1",
      kind: "PodVolumeBackup",
      metadata: { name, labels: { "velero.io/backup-name": "long-gone" } },
      spec: {
        node: "node-that-is-gone",
        pod: { kind: "Pod", namespace: "shop", name: "web-0" },
        volume: "data",
        backupStorageLocation: "default",
        repoIdentifier: "",
        uploaderType: "kopia",
      },
      status: { phase: "InProgress" },
    });
  });
  assert.match(found.evidence, /its backup long-gone is gone/);
  assert.match(
    found.next,
    new RegExp(` && kubectl -n mke delete podvolumebackups\\.velero\\.io ${name} --ignore-not-found$`),
  );
});

test("a backup in a read-only location cannot be deleted", async () => {
  let backup = "";
  const found = await finds("deletion.failed", async (undoing) => {
    const { location } = await addStore(undoing);
    backup = await addBackup(undoing, location);
    await world.api.patch(`${veleroPath("backupstoragelocations")}/${location}`, { spec: { accessMode: "ReadOnly" } });
    await add(world, undoing, veleroPath("deletebackuprequests"), {
      apiVersion: "velero.io/v1",
      kind: "DeleteBackupRequest",
      metadata: { name: `${backup}-x`, labels: { "velero.io/backup-name": backup } },
      spec: { backupName: backup },
    });
  });
  assert.match(found.evidence, /read-only mode/);
  assert.equal(found.next, `kubectl mkebackup delete backup/${backup}`);
});

test("a backup's files were deleted from the bucket", async () => {
  let backup = "";
  const found = await finds("backup.vanished", async (undoing) => {
    // A server that looks into the bucket would forget the backup.
    const { bucket, location } = await addStore(undoing, { backupSyncPeriod: "0s" });
    backup = await addBackup(undoing, location);
    for (const Key of await keysOf(bucket, `backups/${backup}/`)) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    }
  });
  assert.match(found.evidence, new RegExp(`holds nothing of ${backup}\\.$`));
});

test("another location holds a backup of the same name", async () => {
  const found = await finds("backup.duplicate", async (undoing) => {
    const { bucket } = await addStore(undoing);
    for (const Key of await keysOf("velero", `backups/${base}/`)) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: "velero", Key }));
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key, Body: (await Body?.transformToByteArray()) ?? "" }),
      );
    }
  });
  assert.match(found.title, new RegExp(`^Backup ${base} has a namesake in another location$`));
  assert.match(found.evidence, /shows the one in default/);
});

test("a namespace with a claim is in no backup", async () => {
  const name = uniqueName("bank");
  const found = await finds("coverage.namespaces", async (undoing) => {
    await add(world, undoing, "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await world.api.post(`/api/v1/namespaces/${name}/persistentvolumeclaims`, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "ledger" },
      spec: { ...claimSpec, resources: { requests: { storage: "1Mi" } } },
    });
    // Timestamps have whole seconds: the backup has to be younger than the namespace.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await addBackup(undoing, "default");
  });
  assert.match(found.evidence, new RegExp(`\\b${name}\\b`));
  assert.match(found.next, /^kubectl mkebackup create --include-namespaces /);
});

test("a complete backup left a volume out, because nothing could take it", async () => {
  const name = uniqueName("vault");
  const found = await finds("backup.volumes-skipped", async (undoing) => {
    await add(world, undoing, "/api/v1/persistentvolumes", {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
      spec: {
        ...claimSpec,
        capacity: { storage: "1Mi" },
        hostPath: { path: `/tmp/${name}` },
        claimRef: { namespace: name, name: "gold" },
      },
    });
    await add(world, undoing, "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const claims = `/api/v1/namespaces/${name}/persistentvolumeclaims`;
    await world.api.post(claims, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "gold" },
      spec: { ...claimSpec, volumeName: name, resources: { requests: { storage: "1Mi" } } },
    });
    if (world.name === "cluster") {
      await eventually(
        "the claim is bound",
        () => phase(world.api, `${claims}/gold`),
        (seen) => seen === "Bound",
      );
    }
    const backup = uniqueName("vaulted");
    undoing.add(async () => {
      await world.run(`delete backup/${backup} --yes`);
    });
    assertExit(await world.run(`create ${backup} --include-namespaces ${name}`), 0);
  });
  assert.match(
    found.evidence,
    new RegExp(`^Not in vaulted-\\w+: ${name}/gold \\(no applicable volumesnapshotter found\\)\\.$`),
  );
});

test("a repository of volume data that cannot be opened", async () => {
  const namespace = uniqueName("repo");
  const name = `${namespace}-default-kopia`;
  const Key = `kopia/${namespace}/kopia.repository`;
  const found = await finds("repository.not-ready", async (undoing) => {
    await client.send(new PutObjectCommand({ Bucket: "velero", Key, Body: "garbage" }));
    undoing.add(async () => {
      await client.send(new DeleteObjectCommand({ Bucket: "velero", Key }));
    });
    await add(world, undoing, veleroPath("backuprepositories"), {
      apiVersion: "velero.io/v1",
      kind: "BackupRepository",
      metadata: {
        name,
        labels: {
          "velero.io/volume-namespace": namespace,
          "velero.io/storage-location": "default",
          "velero.io/repository-type": "kopia",
        },
      },
      spec: {
        volumeNamespace: namespace,
        backupStorageLocation: "default",
        repositoryType: "kopia",
        maintenanceFrequency: "1h",
        resticIdentifier: "",
      },
      // What a server finds out, the sandbox is told.
      ...(world.name === "sandbox" ? { status: { phase: "NotReady", message: "invalid format blob" } } : {}),
    });
  });
  assert.match(found.evidence, /invalid format blob/);
  assert.equal(found.next, `kubectl -n mke delete backuprepositories.velero.io ${name}`);
});

test("three backups in a row are refused", async () => {
  const found = await finds("backup.repeated", async (undoing) => {
    undoing.add(() => freeQueue(world));
    for (const _ of [1, 2, 3]) {
      const name = uniqueName("refused");
      await add(world, undoing, veleroPath("backups"), {
        apiVersion: "velero.io/v1",
        kind: "Backup",
        metadata: { name },
        spec: { includedNamespaces: ["shop"], storageLocation: "nowhere" },
      });
      await eventually(
        `backup ${name} is refused`,
        () => phase(world.api, backupPath(name)),
        (seen) => seen === "FailedValidation",
      );
    }
  });
  assert.match(found.title, /^The last [3-9] backups taken by hand did not end well$/);
});

test("status asks for no more than before", async () => {
  const { problems } = JSON.parse((await world.run("status -o json")).stdout) as { problems: Finding[] };
  assert.deepEqual(
    problems.filter(({ id }) => /^(coverage|volume|deletion)\./.test(id)),
    [],
  );
});
