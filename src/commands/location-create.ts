import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import { contentOf } from "../core/input-file.ts";
import { type Secret, secrets } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { BucketKeys } from "../object-store/object-store.ts";
import { bucketKeys, bucketSettings } from "../velero/bucket-access.ts";
import { foreignBackups } from "../velero/foreign-backups.ts";
import { backups, storageLocations } from "../velero/kinds.ts";
import type { LocationCreation } from "../velero/location-change.ts";
import {
  credentialKey,
  planLocation,
  planSecret,
  readAuthority,
  secretNameOf,
  withAuthority,
} from "../velero/location-plan.ts";
import { locationsIn } from "../velero/namespace.ts";
import { checkServerRuns } from "../velero/server.ts";
import { bucketPath, isReadOnly, storeOf } from "../velero/storage-location.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { Context } from "./command.ts";
import { waitUntilChecked } from "./location-checked.ts";
import { unsetDefaults } from "./location-default.ts";
import type { LocationArgs } from "./location-flags.ts";
import { keysFromFile, readSecretFlag } from "./location-keys.ts";
import { refuseOthersObject } from "./location-owner.ts";
import { proveStorage } from "./prove-storage.ts";
import { refuseTakenName } from "./taken-name.ts";

/** Checks everything, proves the storage from here, then makes the Secret and the location, or nothing. */
export async function createLocation(name: string, args: LocationArgs, context: Context): Promise<LocationCreation> {
  const given = credentialOf(name, args);
  const planned = planLocation(name, args, given.credential);
  const profile = args.profile ?? "default";
  const draft =
    args["ca-file"] === undefined ? planned : withAuthority(planned, await authority(args["ca-file"], context));
  const fileKeys = given.file === undefined ? undefined : await keysFromFile(given.file, profile, context);
  const made = given.file === undefined ? {} : { secret: secretNameOf(name) };
  if (args["dry-run"] === "client") {
    return {
      action: "create",
      state: "dry run",
      location: inNamespace(draft, context.namedNamespace ?? "mke"),
      ...made,
    };
  }

  const [cluster, velero] = [await context.cluster(), await context.velero()];
  const namespace = velero.name;
  const location = inNamespace(draft, namespace);
  const secret = fileKeys && planSecret({ name: secretNameOf(name), namespace }, profile, fileKeys);
  const known = await locationsIn(cluster, velero);
  await checkNothingStandsInTheWay(cluster, context, { location, secret, known, args });
  const keys = fileKeys ?? (await othersKeys(cluster, context, { location, skipped: args["no-check"] === true }));
  if (!args["no-check"]) {
    const proof = await proveStorage(location, keys, context, { readOnly: isReadOnly(location) });
    if (!proof.passed) return { action: "create", state: "unproven", location, proof };
    if (keys !== undefined && !isReadOnly(location) && !args.yes)
      await refuseForeignBackups(cluster, context, { location, known, keys });
  }

  const { signal } = context;
  if (secret !== undefined) await cluster.create(secrets, secret, { dryRun: true, signal });
  const checked = await cluster.create(storageLocations, location, { dryRun: true, signal });
  if (args["dry-run"] === "server") return { action: "create", state: "server dry run", location: checked, ...made };
  const sent = await createBoth(cluster, context, { location, secret });
  if (args.default) await unsetDefaults(cluster, known, signal);
  if (args["no-wait"]) return { action: "create", state: "sent", location: sent, ...made };
  const seen = await waitUntilChecked(
    cluster,
    context,
    { namespace, name },
    {
      limit: args.timeout,
      isSecretNew: secret !== undefined,
    },
  );
  return { action: "create", state: "checked", location: seen, ...made };
}

function credentialOf(name: string, { "credentials-file": file, secret }: LocationArgs) {
  if (file !== undefined && secret !== undefined)
    throw usageFailure("--credentials-file and --secret both say which keys", "say one of them");
  if (file !== undefined) return { file, credential: { name: secretNameOf(name), key: credentialKey } };
  return { file, credential: secret === undefined ? undefined : readSecretFlag(secret) };
}

async function authority(file: string, context: Context): Promise<string> {
  const { pem, warnings } = readAuthority(await contentOf(file), file, context.now());
  for (const warning of warnings) context.tell(`Warning: ${warning}`);
  return pem;
}

const inNamespace = (location: BackupStorageLocation, namespace: string): BackupStorageLocation => ({
  ...location,
  metadata: { ...location.metadata, namespace },
});

async function checkNothingStandsInTheWay(
  cluster: Cluster,
  context: Context,
  wanted: {
    readonly location: BackupStorageLocation;
    readonly secret: Secret | undefined;
    readonly known: readonly BackupStorageLocation[];
    readonly args: LocationArgs;
  },
): Promise<void> {
  const { location, secret, known, args } = wanted;
  const { signal } = context;
  const { name, namespace = "" } = location.metadata;
  const same = known.find(({ metadata }) => metadata.name === name);
  await refuseOthersObject(cluster, same ?? location, signal);
  const next = `kubectl mkebackup location delete ${name}        (or another name)`;
  await refuseTakenName(cluster, storageLocations, location, { next, signal });
  if (secret !== undefined) {
    const { name: key } = secret.metadata;
    const use = `--secret ${key}=${credentialKey}        (use it), or: kubectl -n ${namespace} delete secret ${key}`;
    await refuseTakenName(cluster, secrets, secret, { next: use, signal });
  }
  if (args.default)
    for (const other of known) if (other.spec?.default) await refuseOthersObject(cluster, other, signal);
  if (!args["no-wait"]) await checkServerRuns(cluster, namespace, known, context.now());
  for (const other of known.filter((one) => storeOf(one) === storeOf(location)))
    context.tell(
      `Warning: location ${other.metadata.name} keeps its backups in ${bucketPath(other)} too: each backup belongs to the one that Velero looks at first.`,
    );
}

/** The keys of a location that is given none: of the Secret it names, or the server's own. */
async function othersKeys(
  cluster: Cluster,
  { signal }: Context,
  wanted: { readonly location: BackupStorageLocation; readonly skipped: boolean },
): Promise<BucketKeys | undefined> {
  const { location, skipped } = wanted;
  // A Secret that was named has to be right, also where nobody proves what it opens.
  if (skipped && location.spec?.credential === undefined) return undefined;
  try {
    return await bucketKeys(cluster, location, signal);
  } catch (error) {
    if (skipped && hasReason(error, "Forbidden")) return undefined;
    if (!(error instanceof Failure)) throw error;
    const { message, heading, reason } = error;
    throw new Failure("failed", message, {
      heading,
      ...(reason === undefined ? {} : { reason }),
      next: [
        ...error.next,
        "--credentials-file FILE        (keys of its own)",
        "--no-check        (the server has its keys elsewhere)",
      ],
      cause: error,
    });
  }
}

/** A server imports what it finds, and deletes it when it expires: in another cluster's bucket that is a disaster. */
async function refuseForeignBackups(
  cluster: Cluster,
  context: Context,
  wanted: {
    readonly location: BackupStorageLocation;
    readonly known: readonly BackupStorageLocation[];
    readonly keys: BucketKeys;
  },
): Promise<void> {
  const { location, known, keys } = wanted;
  const { signal, insecureSkipTlsVerify } = context;
  const { namespace } = location.metadata;
  const sharing = known.filter((one) => storeOf(one) === storeOf(location)).map(({ metadata }) => metadata.name);
  const all = sharing.length === 0 ? [] : await cluster.list(backups, { namespace, signal });
  const own = all.filter(({ spec }) => sharing.includes(spec?.storageLocation ?? ""));
  const { caCert } = location.spec?.objectStorage ?? {};
  const ca = caCert === undefined ? undefined : Buffer.from(caCert, "base64").toString("utf8");
  const bucket = (await context.store()).bucket(bucketSettings(location, { ca, insecureSkipTlsVerify }), keys);
  const names = new Set(own.map(({ metadata }) => metadata.name));
  const { names: foreign, more } = await foreignBackups(bucket, location, names, signal);
  if (foreign.length === 0) return;
  throw new Failure(
    "failed",
    `${bucketPath(location)} holds backups that this cluster does not know: ${foreign.join(", ")}${more ? ", …" : ""}. ` +
      "Velero would import them, and delete them from the bucket when they expire, also if another cluster made them",
    {
      reason: "ForeignBackups",
      next: [
        "--access-mode ReadOnly        (restore from them, delete nothing)",
        "--prefix FOLDER        (keep this cluster's backups apart)",
        "--yes        (they are this cluster's own, or nobody else needs them)",
      ],
    },
  );
}

/** Both or none: a Secret whose location was refused is removed again. */
async function createBoth(
  cluster: Cluster,
  context: Context,
  { location, secret }: { readonly location: BackupStorageLocation; readonly secret: Secret | undefined },
): Promise<BackupStorageLocation> {
  const { signal } = context;
  if (secret === undefined) return cluster.create(storageLocations, location, { signal });
  const { name, namespace } = secret.metadata;
  await cluster.create(secrets, secret, { signal });
  try {
    return await cluster.create(storageLocations, location, { signal });
  } catch (error) {
    // Where the answer was lost, a location may be there, which needs its Secret.
    const isMissing = await cluster.get(storageLocations, location.metadata).then(
      () => false,
      (reason: unknown) => hasReason(reason, "NotFound"),
    );
    const remove = () => cluster.delete(secrets, secret.metadata, undefined, { lastWord: true });
    const isGone =
      isMissing &&
      (await remove().then(
        () => true,
        () => false,
      ));
    if (!isGone)
      context.tell(
        `Secret ${name} was made and is still there: kubectl -n ${namespace} delete secret ${name}        (unless the location is there too)`,
      );
    throw error;
  }
}
