import type { Volume } from "../../archive/volume-infos.ts";
import type { ResourceKind } from "../../core/resource.ts";
import { dataDownloads, dataUploads, podVolumeBackups, podVolumeRestores } from "../../velero/kinds.ts";
import { labelValue } from "../../velero/names.ts";
import { isFinished, phaseOf } from "../../velero/phases.ts";
import type { Backup, Restore, VolumeTransfer } from "../../velero/types.ts";
import { knownValue } from "../fact.ts";
import { type Facts, kubectl, ownCommand } from "../facts.ts";
import { counted, listed, type Problem, say } from "../problem.ts";
import { defineFamily, pages, type RuleText } from "../rule.ts";
import { scheduleOf } from "../sources.ts";
import { dateOf } from "../workload.ts";

const texts = {
  "backup.volumes-skipped": {
    severity: "warn",
    summary: "Complete backups left volumes out",
    cause:
      "Velero found no way to take these volumes: no snapshotter fits them and nobody asked for their files. Such a backup still counts as Completed; what it restores are empty volumes.",
    remedy:
      "Back volumes up by file system (--default-volumes-to-fs-backup, or in the schedule's template), or install a snapshotter. What is left out on purpose can be said by an annotation of the pod or by a volume policy.",
    doc: pages.fileSystemBackup,
  },
  "volume.left-behind": {
    severity: "warn",
    summary: "Objects that move volumes were left behind",
    cause:
      "A PodVolumeBackup, PodVolumeRestore, DataUpload or DataDownload has not ended, while its backup or restore is gone or ended an hour ago, or its node is gone: nobody will end it. Or it has ended, its backup is gone and it names no owner: nobody will remove it.",
    remedy:
      "Delete it: the node agent that still works on it stops. Where its node is gone, nobody takes the finalizer away that Velero put on it.",
    doc: pages.fileSystemBackup,
  },
} as const satisfies Readonly<Record<string, RuleText>>;

type Found = Problem<keyof typeof texts>;

export const volumeRules = defineFamily({
  title: "Volumes",
  rules: texts,
  judge: (facts) => [...skipped(facts), ...leftBehind(facts)],
});

const hour = 3_600_000;
/** What was taken by hand long ago is history. */
const recently = 7 * 24 * hour;

/** Volumes that a good backup left out without anybody's wish, by backup. */
export function skippedVolumes(facts: Facts): { readonly backup: Backup; readonly volumes: readonly Volume[] }[] {
  const read = knownValue(facts.thorough?.backupVolumes);
  return (knownValue(facts.backups) ?? []).flatMap((backup) => {
    const isHistory =
      scheduleOf(backup) === undefined &&
      facts.now.getTime() - Date.parse(backup.status?.startTimestamp ?? "") > recently;
    const volumes = (read?.get(backup.metadata.name) ?? []).filter((volume) => isSkippedUnasked(backup, volume));
    return isHistory || volumes.length === 0 ? [] : [{ backup, volumes }];
  });
}

function isSkippedUnasked({ spec }: Backup, { skipped: isSkipped, skippedReason = "" }: Volume): boolean {
  const isWished =
    /opted out|resource polic|item has label/.test(skippedReason) ||
    spec?.snapshotVolumes === false ||
    spec?.resourcePolicy !== undefined;
  return isSkipped && !isWished;
}

/** shop/data, or the volume's own name where no claim is known. */
const nameOf = ({ claim, persistentVolume }: Volume): string =>
  claim === undefined ? (persistentVolume ?? "a volume") : `${claim.namespace}/${claim.name}`;

/** podvolume: A;volumeSnapshot: B; says why for each way there is. */
const reasonOf = ({ skippedReason = "" }: Volume): string =>
  [...new Set(skippedReason.split(";").map((part) => part.replace(/^\s*\w+:\s*/, "").trim()))]
    .filter((part) => part !== "")
    .join("; ") || "no reason is given";

function skipped(facts: Facts): Found[] {
  const found = skippedVolumes(facts);
  const [first] = found;
  if (first === undefined) return [];
  const all = found.flatMap(({ backup, volumes }) => volumes.map((volume) => ({ backup, volume })));
  const byReason = Map.groupBy(all, ({ volume }) => reasonOf(volume));
  const sentences = [...byReason].map(([reason, some]) => {
    const names = [...new Set(some.map(({ volume }) => nameOf(volume)))];
    const backups = [...new Set(some.map(({ backup }) => backup.metadata.name))];
    return `Not in ${listed(backups)}: ${listed(names)} (${reason}).`;
  });
  const count = new Set(all.map(({ volume }) => nameOf(volume))).size;
  return [
    {
      id: "backup.volumes-skipped",
      severity: "warn",
      about: ["backups"],
      title: `Complete backups left ${counted(count, "volume")} out`,
      evidence: [sentences.join(" ")],
      next: ownCommand(facts, `describe backup/${first.backup.metadata.name} --details`),
    },
  ];
}

const transferKinds: readonly ResourceKind<VolumeTransfer>[] = [
  podVolumeBackups,
  podVolumeRestores,
  dataUploads,
  dataDownloads,
];
const isTransferEnded = (transfer: VolumeTransfer): boolean => isFinished(transfer) || phaseOf(transfer) === "Canceled";

function leftBehind(facts: Facts): Found[] {
  const transfers = knownValue(facts.thorough?.transfers) ?? [];
  const left = transfers.flatMap((transfer) => {
    const why = isTransferEnded(transfer) ? whyNobodyRemoves(facts, transfer) : whyNobodyEnds(facts, transfer);
    return why === undefined ? [] : [{ transfer, ...why }];
  });
  const [first] = left;
  if (first === undefined) return [];
  const kind = transferKinds.find((one) => one.kind === first.transfer.kind) ?? podVolumeBackups;
  const alike = left.filter(({ transfer }) => transfer.kind === first.transfer.kind);
  const names = alike.map(({ transfer }) => transfer.metadata.name);
  return [
    {
      id: "volume.left-behind",
      severity: "warn",
      about: [kind === podVolumeBackups || kind === dataUploads ? "backups" : "restores"],
      title:
        left.length === 1
          ? `${kind.kind} ${names[0]} was left behind`
          : `Objects that move volumes were left behind (${left.length})`,
      evidence: say`${listed(left.map(({ transfer }) => `${transfer.kind ?? kind.kind} ${transfer.metadata.name} (${phaseOf(transfer)})`))}: ${first.why}.`,
      next: endingOf(
        facts,
        `${kind.plural}.${kind.group} ${names.join(" ")}`,
        alike.some(({ isStranded }) => isStranded),
      ),
    },
  ];
}

/** A node agent ends what is deleted (it holds a finalizer on it since 1.17), but not for another node than its own. */
function endingOf(facts: Facts, objects: string, isStranded: boolean): string {
  const deletion = kubectl(facts, `delete ${objects}`);
  if (!isStranded) return deletion;
  // Failed is a phase of every version; Canceled is one since 1.17.
  const ended = `{"metadata":{"finalizers":null},"status":{"phase":"Failed"}}`;
  return `${kubectl(facts, `patch ${objects} --type merge -p '${ended}'`)} && ${deletion} --ignore-not-found`;
}

interface Left {
  readonly why: string;
  /** Whether no node agent will end it when it is deleted. */
  readonly isStranded: boolean;
}

function whyNobodyEnds(facts: Facts, transfer: VolumeTransfer): Left | undefined {
  const labels = transfer.metadata.labels ?? {};
  const node = transfer.status?.node ?? transfer.spec?.node;
  const nodes = knownValue(facts.thorough?.nodes);
  const isNodeGone = Boolean(node) && nodes !== undefined && !nodes.some(({ metadata }) => metadata.name === node);
  const why =
    ownerGone(facts, "backup", labels["velero.io/backup-name"], knownValue(facts.backups)) ??
    ownerGone(facts, "restore", labels["velero.io/restore-name"], knownValue(facts.restores)) ??
    (isNodeGone ? `node ${node} is gone` : undefined);
  const isStranded = isNodeGone || transfer.metadata.deletionTimestamp !== undefined;
  return why === undefined ? undefined : { why, isStranded };
}

/** Kubernetes removes what has an owner, with its owner. */
function whyNobodyRemoves(facts: Facts, { metadata }: VolumeTransfer): Left | undefined {
  if ((metadata.ownerReferences ?? []).length > 0 || metadata.deletionTimestamp !== undefined) return undefined;
  const name = metadata.labels?.["velero.io/backup-name"];
  const why = isGone(name, facts.backups) ? `its backup ${name} is gone, and no owner is named` : undefined;
  return why === undefined ? undefined : { why, isStranded: false };
}

const isGone = (label: string | undefined, owners: Facts["backups"]): boolean =>
  label !== undefined &&
  owners.state === "known" &&
  !owners.value.some(({ metadata }) => labelValue(metadata.name) === label);

function ownerGone(
  facts: Facts,
  word: string,
  label: string | undefined,
  owners: readonly (Backup | Restore)[] | undefined,
): string | undefined {
  if (label === undefined || owners === undefined) return undefined;
  const owner = owners.find(({ metadata }) => labelValue(metadata.name) === label);
  if (owner === undefined) return `its ${word} ${label} is gone`;
  const ended = dateOf(owner.status?.completionTimestamp);
  const isLongAgo = isFinished(owner) && ended !== undefined && facts.now.getTime() - ended.getTime() > hour;
  return isLongAgo ? `its ${word} ${label} has ended` : undefined;
}
