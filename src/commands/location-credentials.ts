import { Failure, hasReason, usageFailure } from "../core/failure.ts";
import { type Secret, secrets } from "../core/resource.ts";
import type { Cluster } from "../kube/cluster.ts";
import { withProfile } from "../velero/credentials-file.ts";
import type { LocationRotation } from "../velero/location-change.ts";
import { isMadeHere } from "../velero/location-plan.ts";
import { locationsIn } from "../velero/namespace.ts";
import { checkServerRuns } from "../velero/server.ts";
import { isReadOnly } from "../velero/storage-location.ts";
import type { BackupStorageLocation } from "../velero/types.ts";
import type { Context } from "./command.ts";
import { findLocation } from "./find-location.ts";
import { waitUntilChecked } from "./location-checked.ts";
import type { LocationArgs } from "./location-flags.ts";
import { keysFromFile } from "./location-keys.ts";
import { refuseOthersObject } from "./location-owner.ts";
import { proveStorage } from "./prove-storage.ts";

/** Proves the storage with new keys, then puts them into the location's Secret. */
export async function rotateCredentials(name: string, args: LocationArgs, context: Context): Promise<LocationRotation> {
  const file = args["credentials-file"];
  if (file === undefined)
    throw usageFailure(
      "say where the new keys are",
      `kubectl mkebackup location credentials ${name} --credentials-file FILE        (- for standard input)`,
    );
  const keys = await keysFromFile(file, args.profile ?? "default", context);
  const { signal } = context;
  const { cluster, namespace, location } = await findLocation(name, context);
  await refuseOthersObject(cluster, location, signal);
  const known = await locationsIn(cluster, await context.velero());
  const { secret, key } = await ownSecret(cluster, location, args.yes === true, signal);
  if (!args["no-wait"]) await checkServerRuns(cluster, namespace, known, context.now());
  const sharing = known.filter(
    ({ metadata, spec }) => metadata.name !== name && spec?.credential?.name === secret.metadata.name,
  );
  for (const { metadata } of sharing)
    context.tell(`Warning: location ${metadata.name} uses Secret ${secret.metadata.name} too.`);

  if (!args["no-check"]) {
    const proof = await proveStorage(location, keys, context, { readOnly: isReadOnly(location) });
    if (!proof.passed)
      return { action: "credentials", state: "unproven", location, secret: secret.metadata.name, proof };
  }
  const before = Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
  const after = withProfile(before, location.spec?.config?.["profile"] || "default", keys);
  const data = { [key]: Buffer.from(after).toString("base64") };
  const changed = await cluster.patch(secrets, { namespace, name: secret.metadata.name }, { data }, signal);
  const done = { action: "credentials", location, secret: secret.metadata.name } as const;
  if (args["no-wait"]) return { ...done, state: "sent" };
  const seen = await waitUntilChecked(
    cluster,
    context,
    { namespace, name },
    { after: changedAt(changed) ?? context.now(), limit: args.timeout },
  );
  return { ...done, location: seen, state: "checked" };
}

/** The Secret that the location names, if it is one to change. */
async function ownSecret(
  cluster: Cluster,
  location: BackupStorageLocation,
  insists: boolean,
  signal: AbortSignal,
): Promise<{ secret: Secret; key: string }> {
  const { name, namespace = "" } = location.metadata;
  const own = location.spec?.credential;
  if (own === undefined) {
    throw new Failure("failed", `location ${name} has no keys of its own: it uses the Velero server's`, {
      next: ["keys of its own: kubectl mkebackup location delete, then create with --credentials-file"],
    });
  }
  const secret = await cluster.get(secrets, { namespace, name: own.name }, signal).catch((error: unknown) => {
    if (!hasReason(error, "NotFound")) throw error;
    throw new Failure(
      "failed",
      `location ${name} names Secret ${own.name}, which does not exist in namespace ${namespace}`,
      {
        reason: "NotFound",
        next: [`kubectl -n ${namespace} create secret generic ${own.name} --from-file=${own.key}=FILE`],
      },
    );
  });
  const { labels = {}, annotations = {} } = secret.metadata;
  if (labels["app.kubernetes.io/managed-by"] === "Helm" || annotations["meta.helm.sh/release-name"] !== undefined) {
    throw new Failure("failed", `Secret ${own.name} belongs to a Helm release, which would revert the change`, {
      reason: "Managed",
      next: ["change the keys where that release is configured (mke4.yaml, or the values of the chart)"],
    });
  }
  if (!isMadeHere(secret) && !insists) {
    throw new Failure("failed", `Secret ${own.name} was not made by this program, and others may use it`, {
      next: [`--yes        (change key ${own.key} in it all the same)`],
    });
  }
  return { secret, key: own.key };
}

/** When the API server stored this program's change, by its own clock; whole seconds. */
function changedAt({ metadata }: Secret): Date | undefined {
  const managers = (metadata.managedFields ?? []) as readonly { manager?: string; time?: string }[];
  const times = managers
    .filter(({ manager }) => manager === "kubectl-mkebackup")
    .map(({ time = "" }) => Date.parse(time));
  const last = Math.max(...times);
  return Number.isFinite(last) ? new Date(last) : undefined;
}
