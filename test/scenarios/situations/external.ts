import type { ForeignStore } from "../../cluster/foreign-store.ts";
import { veleroPath } from "../cluster-state.ts";
import { eventually, uniqueName, type World } from "../world.ts";
import { addLocation, credentialsText } from "./locations.ts";
import { add, made, type Situation, type Undo, type Undoing } from "./situation.ts";
import { declare } from "./surroundings.ts";

const location = `${veleroPath("backupstoragelocations")}/default`;
const mountedKeys = "/api/v1/namespaces/mke/secrets";

/** The default location is in a store outside, and MKE says so; what is declared can differ in `options`. */
async function moveOutside(world: World, undoing: Undoing, options: object = {}): Promise<ForeignStore> {
  const { api } = world;
  const store = await world.startForeignStore();
  undoing.add(() => store.stop());
  const { bucket, region, url, accessKeyId, secretAccessKey } = store;
  const profile = "backups";
  const secret = uniqueName("aws-credentials");
  await add(world, undoing, mountedKeys, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: secret },
    stringData: { cloud: credentialsText({ id: accessKeyId, secret: secretAccessKey, profile }) },
  });
  const { spec } = (await api.get(location)) as { spec: { config: object; objectStorage: object } };
  undoing.add(async () => {
    await api.patch(location, {
      spec: { credential: null, validationFrequency: null, backupSyncPeriod: null, config: { profile: null } },
    });
    await api.patch(location, { spec });
    await isChecked(world);
  });
  await api.patch(location, {
    spec: {
      objectStorage: { bucket },
      config: { region, profile, s3Url: url },
      credential: { name: secret, key: "cloud" },
      validationFrequency: "2s",
      backupSyncPeriod: "1s",
    },
  });
  const file = { credentials_file_path: "/root/aws", credentials_file_profile: profile };
  await declare(world, undoing, {
    backup: {
      storage_provider: {
        type: "External",
        external_options: { provider: "aws", bucket, region, ...file, ...options },
        in_cluster_options: null,
      },
    },
  });
  await isChecked(world);
  return store;
}

/** Velero has found the default location available after it was last changed. */
async function isChecked({ api }: World): Promise<void> {
  const changed = Math.floor(Date.now() / 1000) * 1000;
  await eventually(
    "location default is available",
    async () => (await api.get(location)) as { status?: { phase?: string; lastValidationTime?: string } },
    ({ status }) => status?.phase === "Available" && Date.parse(status.lastValidationTime ?? "") >= changed,
  );
}

const outside =
  (options?: object) =>
  (world: World): Promise<Undo> =>
    made(async (undoing) => {
      await moveOutside(world, undoing, options);
    });

const refusing =
  (status: number, code: string, message: string, token = "") =>
  (world: World): Promise<Undo> =>
    made(async (undoing) => {
      const store = await world.startRefusingStore({ status, code, message });
      undoing.add(() => store.stop());
      await addLocation(world, undoing, {
        bucket: "our-backups",
        config: { s3Url: store.url, region: "eu-central-1" },
        credentials: credentialsText({ id: "ASIAOURBACKUPS", secret: "our-secret-access-key", token }),
      });
    });

export const externalSituations: readonly Situation[] = [
  // Until the next sync the server lists what it kept in MinIO.
  { name: "a healthy External cluster", expect: [], limit: 90_000, make: outside() },
  {
    name: "MKE declares another bucket and region than Velero uses",
    expect: ["config.drift"],
    limit: 90_000,
    make: outside({ bucket: "their-backups", region: "us-east-1" }),
  },
  {
    name: "wrong region",
    expect: ["storage.region.wrong"],
    make: (world) =>
      made(async (undoing) => {
        const store = await world.startForeignStore();
        undoing.add(() => store.stop());
        const { bucket, url, accessKeyId, secretAccessKey } = store;
        const credentials = credentialsText({ id: accessKeyId, secret: secretAccessKey });
        await addLocation(world, undoing, { bucket, config: { s3Url: url, region: "us-east-1" }, credentials });
      }),
  },
  {
    name: "missing bucket outside",
    expect: ["storage.bucket.missing"],
    make: (world) =>
      made(async (undoing) => {
        const store = await world.startForeignStore();
        undoing.add(() => store.stop());
        const { region, url, accessKeyId, secretAccessKey } = store;
        const credentials = credentialsText({ id: accessKeyId, secret: secretAccessKey });
        await addLocation(world, undoing, { bucket: "no-such-bucket", config: { s3Url: url, region }, credentials });
      }),
  },
  {
    name: "a session token of AWS that has expired",
    expect: ["storage.credentials.expired"],
    make: refusing(400, "ExpiredToken", "The provided token has expired.", "long-forgotten"),
  },
  {
    name: "a policy that denies",
    expect: ["storage.denied"],
    make: refusing(403, "AccessDenied", "Access Denied"),
  },
];
