import { labelValue } from "../velero/names.ts";
import { phaseOf } from "../velero/phases.ts";
import type { Backup, VolumeTransfer } from "../velero/types.ts";
import { knownValue } from "./fact.ts";
import type { Facts } from "./facts.ts";

interface ClaimName {
  readonly namespace: string;
  readonly name: string;
}

/** PodVolumeBackups and DataUploads that were not in vain, by the label that names their backup. */
export type TransfersByBackup = ReadonlyMap<string, readonly VolumeTransfer[]>;

/** Undefined when they could not be seen: then nobody knows what was copied. */
export function transfersByBackup({ thorough }: Facts): TransfersByBackup | undefined {
  const transfers = knownValue(thorough?.transfers);
  if (transfers === undefined || thorough?.runningPods.state !== "known") return undefined;
  return Map.groupBy(
    transfers.filter((one) => phaseOf(one) === "Completed"),
    ({ metadata }) => metadata.labels?.["velero.io/backup-name"] ?? "",
  );
}

/** Whether a backup holds a claim's data. What cannot be known counts as if it did: only what is certain is told. */
export function holdsVolume(facts: Facts, backup: Backup, claim: ClaimName, transfers: TransfersByBackup): boolean {
  const { spec, status, metadata } = backup;
  const own = transfers.get(labelValue(metadata.name)) ?? [];
  if (own.some((transfer) => isOf(facts, transfer, claim))) return true;
  // Left out on purpose: by a policy, or by what was selected.
  if (spec?.resourcePolicy !== undefined || spec?.labelSelector !== undefined) return true;
  if (spec?.orLabelSelectors !== undefined || isOptedOut(facts, claim)) return true;
  const read = knownValue(facts.thorough?.backupVolumes);
  const volumes = read?.get(metadata.name);
  if (volumes !== undefined) {
    const same = volumes.filter((one) => one.claim?.name === claim.name && one.claim.namespace === claim.namespace);
    return same.some(({ skipped, phase }) => !skipped && phase !== "Failed");
  }
  // Snapshots leave no object that is sure to stay.
  const snapshots = [
    status?.volumeSnapshotsAttempted,
    status?.csiVolumeSnapshotsAttempted,
    status?.backupItemOperationsAttempted,
  ];
  return snapshots.some((count) => (count ?? 0) > 0);
}

function isOf(facts: Facts, { metadata, spec }: VolumeTransfer, claim: ClaimName): boolean {
  if (spec?.sourcePVC !== undefined) return spec.sourcePVC === claim.name && spec.sourceNamespace === claim.namespace;
  if (spec?.pod?.namespace !== claim.namespace) return false;
  const named = metadata.annotations?.["velero.io/pvc-name"];
  if (named !== undefined) return named === claim.name;
  const mounts = podsThatMount(facts, claim);
  return mounts.length === 0 || mounts.some(({ volume }) => volume === spec.volume);
}

const podsThatMount = ({ thorough }: Facts, { namespace, name }: ClaimName) =>
  (knownValue(thorough?.runningPods) ?? []).flatMap((pod) =>
    pod.metadata.namespace === namespace
      ? (pod.spec?.volumes ?? []).flatMap((volume) =>
          volume.persistentVolumeClaim?.claimName === name ? [{ pod, volume: volume.name }] : [],
        )
      : [],
  );

/** Somebody wrote on a pod that its volume needs no backup. */
const isOptedOut = (facts: Facts, claim: ClaimName): boolean =>
  podsThatMount(facts, claim).some(({ pod, volume }) =>
    (pod.metadata.annotations?.["backup.velero.io/backup-volumes-excludes"] ?? "").split(",").includes(volume),
  );
