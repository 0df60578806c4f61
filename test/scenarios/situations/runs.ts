import { backupPath, forgetRepositories, freeQueue, names, phase, veleroPath } from "../cluster-state.ts";
import { eventually, uniqueName, type World } from "../world.ts";
import { addBucket, addLocation } from "./locations.ts";
import { add, change, made, type Situation, type Undo, type Undoing } from "./situation.ts";

const velero = (kind: string, name: string, more: object) => ({
  apiVersion: "velero.io/v1",
  kind,
  metadata: { name },
  ...more,
});

/** A backup of one ConfigMap's worth of the shop, in its own location unless said; gone again with its location. */
async function addBackup(world: World, undoing: Undoing, spec: object, ends: string): Promise<string> {
  const name = uniqueName("broken");
  await add(
    world,
    undoing,
    veleroPath("backups"),
    velero("Backup", name, { spec: { includedNamespaces: ["shop"], includedResources: ["configmaps"], ...spec } }),
  );
  await eventually(
    `backup ${name} ends ${ends}`,
    () => phase(world.api, backupPath(name)),
    (seen) => seen === ends,
  );
  return name;
}

/** A place of its own: what lies in it goes with it. */
async function ownPlace(world: World, undoing: Undoing): Promise<string> {
  undoing.add(() => forgetRepositories(world.api));
  const bucket = await addBucket(world, undoing);
  const location = await addLocation(world, undoing, { bucket });
  const path = `${veleroPath("backupstoragelocations")}/${location}`;
  await eventually(
    `location ${location} is available`,
    () => phase(world.api, path),
    (seen) => seen === "Available",
  );
  return location;
}

const schedule =
  (spec: object, more: object = {}) =>
  (world: World): Promise<Undo> =>
    made(async (undoing) => {
      const template = { includedNamespaces: ["shop"] };
      const object = velero("Schedule", uniqueName("broken"), {
        spec: { schedule: "0 0 1 1 *", template, ...spec },
        ...more,
      });
      await add(world, undoing, veleroPath("schedules"), object);
    });

const agents = "/apis/apps/v1/namespaces/mke/daemonsets/node-agent";

/** The node agents' DaemonSet fits no node. */
async function withoutAgents(world: World, undoing: Undoing): Promise<void> {
  const seen = async (count: number) => {
    await eventually(
      `${count} node agents are ready`,
      async () => (await world.api.get(agents)) as { status?: { numberReady?: number } },
      ({ status }) => status?.numberReady === count,
    );
  };
  undoing.add(() => seen(1));
  const nodes = (wanted: string | null) => ({
    spec: { template: { spec: { nodeSelector: { "mkebackup.test/none": wanted } } } },
  });
  await change(world, undoing, agents, nodes("true"), nodes(null));
  await seen(0);
}

export const runSituations: readonly Situation[] = [
  { name: "a paused schedule", expect: ["schedule.paused"], make: schedule({ paused: true }) },
  {
    name: "a schedule that Velero cannot read",
    expect: ["schedule.invalid"],
    make: schedule({ schedule: "7 at night" }),
  },
  {
    name: "a schedule that waits for a backup which does not end",
    expect: ["schedule.overdue"],
    // A schedule counts from its creation, which an API server lets nobody choose.
    worlds: ["sandbox"],
    make: (world) =>
      made(async (undoing) => {
        const name = uniqueName("broken");
        const before = (minutes: number) => `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;
        // What a server that died left: InProgress, and nobody works on it.
        const labels = { "velero.io/schedule-name": name, "velero.io/storage-location": "default" };
        await add(world, undoing, veleroPath("backups"), {
          ...velero("Backup", `${name}-1`, {
            spec: { includedNamespaces: ["shop"], storageLocation: "default" },
            status: { phase: "InProgress", startTimestamp: before(0), version: 1 },
          }),
          metadata: { name: `${name}-1`, labels },
        });
        await add(
          world,
          undoing,
          veleroPath("schedules"),
          velero("Schedule", name, {
            spec: { schedule: "* * * * *", template: { includedNamespaces: ["shop"] } },
            status: { phase: "Enabled", lastBackup: before(20) },
          }),
        );
        world.makeOlder?.("schedules", name, 30);
      }),
  },
  {
    name: "a backup into a location that does not exist",
    expect: ["backup.failing"],
    make: (world) =>
      made(async (undoing) => {
        undoing.add(() => freeQueue(world));
        await addBackup(world, undoing, { storageLocation: "nowhere" }, "FailedValidation");
      }),
  },
  {
    name: "a backup whose volumes fail",
    // A node agent of 1.13 writes on into a repository that it has opened once.
    velero: "1.18",
    expect: ["backup.failing"],
    make: (world) =>
      made(async (undoing) => {
        const location = await ownPlace(world, undoing);
        const end = await world.failVolumeBackups();
        try {
          const everything = { includedResources: ["*"], defaultVolumesToFsBackup: true, storageLocation: location };
          await addBackup(world, undoing, everything, "PartiallyFailed");
        } finally {
          await end();
        }
      }),
  },
  {
    name: "a restore from a backup that does not exist",
    expect: ["restore.failed"],
    make: (world) =>
      made(async (undoing) => {
        const object = velero("Restore", uniqueName("broken"), { spec: { backupName: "no-such-backup" } });
        await add(world, undoing, veleroPath("restores"), object);
      }),
  },
  {
    name: "no node agent on a node whose pods want their volumes backed up",
    expect: ["agents.absent"],
    make: (world) =>
      made(async (undoing) => {
        await withoutAgents(world, undoing);
        const shop = "/api/v1/namespaces/shop/pods";
        const [pod = ""] = await names(world.api, `${shop}?labelSelector=app%3Dweb`);
        const wish = (volumes: string | null) => ({
          metadata: { annotations: { "backup.velero.io/backup-volumes": volumes } },
        });
        await change(world, undoing, `${shop}/${pod}`, wish("data"), wish(null));
      }),
  },
  {
    name: "no node agents, and a schedule that wants volumes",
    expect: ["agents.missing"],
    make: (world) =>
      made(async (undoing) => {
        await withoutAgents(world, undoing);
        undoing.add(await schedule({ template: { defaultVolumesToFsBackup: true } })(world));
      }),
  },
  {
    name: "volumes of a backup that is gone",
    expect: ["volume.left-behind"],
    make: (world) =>
      made(async (undoing) => {
        const gone = uniqueName("gone");
        const object = velero("PodVolumeBackup", `${gone}-abcde`, {
          spec: {
            node: "gone-node",
            pod: { kind: "Pod", namespace: "shop", name: "web-0" },
            volume: "data",
            backupStorageLocation: "default",
            repoIdentifier: "",
            uploaderType: "kopia",
          },
          status: { phase: "InProgress", startTimestamp: "2026-01-01T00:00:00Z" },
        });
        await add(world, undoing, veleroPath("podvolumebackups"), {
          ...object,
          metadata: { name: object.metadata.name, labels: { "velero.io/backup-name": gone } },
        });
        // Since 1.17 it waits for the agent of its node, and that node is gone.
        undoing.add(async () => {
          await world.api.patch(`${veleroPath("podvolumebackups")}/${object.metadata.name}`, {
            metadata: { finalizers: null },
            status: { phase: "Failed" },
          });
        });
      }),
  },
  {
    name: "a backup in a read-only location that somebody wanted deleted",
    expect: ["deletion.failed"],
    make: (world) =>
      made(async (undoing) => {
        const location = await ownPlace(world, undoing);
        const backup = await addBackup(world, undoing, { storageLocation: location }, "Completed");
        const path = `${veleroPath("backupstoragelocations")}/${location}`;
        await change(world, undoing, path, { spec: { accessMode: "ReadOnly" } }, { spec: { accessMode: "ReadWrite" } });
        const request = velero("DeleteBackupRequest", `${backup}-delete`, { spec: { backupName: backup } });
        await add(world, undoing, veleroPath("deletebackuprequests"), request);
      }),
  },
  {
    name: "a repository whose location is gone",
    expect: ["repository.not-ready"],
    // The sandbox makes repositories for backups only, and 1.18 leaves such a one as it is.
    worlds: ["cluster"],
    velero: "1.13",
    make: (world) =>
      made(async (undoing) => {
        const name = uniqueName("broken");
        const location = uniqueName("gone");
        const labels = {
          "velero.io/volume-namespace": name,
          "velero.io/storage-location": location,
          "velero.io/repository-type": "kopia",
        };
        await add(world, undoing, veleroPath("backuprepositories"), {
          ...velero("BackupRepository", name, {
            spec: {
              volumeNamespace: name,
              backupStorageLocation: location,
              repositoryType: "kopia",
              maintenanceFrequency: "1h0m0s",
              resticIdentifier: "",
            },
          }),
          metadata: { name, labels },
        });
      }),
  },
];
